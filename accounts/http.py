"""The request as views of an organization see it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Organization, ReleaseTrain, Team, User
from accounts.permissions import Access


class MemberRequest(HttpRequest):
    """A request by a signed-in member, below `/<organization>/`."""

    user: User
    organization: Organization
    access: Access
    place: Team | ReleaseTrain  # said by views that read it anyway, so that the frame need not
    htmx: HtmxDetails
