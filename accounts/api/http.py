"""The request as views of the API see it."""

from rest_framework.request import Request

from accounts.models import Organization, User
from accounts.permissions import Access


class MemberApiRequest(Request):
    """A request by a member, below `/api/v1/<organization>/`, after `IsMember`."""

    user: User
    organization: Organization
    access: Access
