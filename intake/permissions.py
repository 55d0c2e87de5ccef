"""Who may see requests and imports: each function answers with the object or refuses."""

import uuid

from django.http import Http404

from accounts.models import Team
from accounts.permissions import Access
from accounts.roles import Verb
from intake.models import ImportRun, Request, RequestForm


def public_form(token: str) -> RequestForm:
    """The form of a link, open or closed, or 404. Unscoped: the token names the row."""
    form = RequestForm.objects.unscoped().filter(token=token).select_related("team", "organization").first()
    if form is None:
        raise Http404("No such form.")
    return form


def public_request(digest: str) -> Request:
    """The request of a status link, or 404."""
    request = (
        Request.objects.unscoped()
        .filter(status_digest=digest)
        .select_related("form__team", "organization", "item__placement", "verdict_by")
        .first()
    )
    if request is None:
        raise Http404("No such request.")
    return request


def readable_request(*, access: Access, team: Team, number: int, verb: Verb | None = None) -> Request:
    """A request of the team, or 404; with `verb`, 403 where the person may not do it."""
    requests = Request.objects.for_organization(access.organization).filter(form__team=team)
    request = requests.filter(number=number).select_related("form__team", "item__placement", "item__team", "verdict_by").first()
    if request is None:
        raise Http404("No such request.")
    if verb is not None:
        access.require(verb, team)
    return request


def own_run(*, access: Access, team: Team, ref: uuid.UUID) -> ImportRun:
    """An import into the team, for those who may import there; 404 where there is none."""
    access.require(Verb.IMPORT, team)
    run = ImportRun.objects.for_organization(access.organization).filter(team=team, ref=ref).select_related("team__train", "by").first()
    if run is None:
        raise Http404("No such import.")
    return run
