"""The work list of inputs: what is missing, assumed or expired, to be scored where it stands."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.roles import Verb
from activity.http import answer
from backlog.rows import print_rows
from backlog.selectors.filters import BadFilterError
from backlog.views.places import Place, key_base, readable_place
from prioritization.selectors.inputs import LABELS, Want, list_inputs
from prioritization.selectors.overrides import list_overrides


@require_GET
def input_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The list, or for HTMX its region; `?show=` narrows it to one want."""
    place = readable_place(request, team=team, train=train)
    show = request.GET.get("show", "")
    if set(request.GET) - {"show"} or (show and show not in LABELS):
        raise BadFilterError("There is no such list of inputs.")
    inputs = list_inputs(home=place.home, today=timezone.localdate(), only=Want(show) if show else None)
    url = _path(place)
    _, ended = list_overrides(home=place.home, access=request.access)
    return answer(
        request,
        "prioritization/input_list.html",
        "inputs",
        home=place.home,
        inputs=inputs,
        rows=print_rows(inputs.rows, base=key_base(request), may_edit=request.access.may(Verb.EDIT, place.home)),
        chips=[("", "All", inputs.total, url)]
        + [(want.value, label, inputs.counts[want], f"{url}?show={want}") for want, label in LABELS.items()],
        show=show,
        more=inputs.found - len(inputs.rows),
        page_url=f"{url}?show={show}" if show else url,
        ended=ended,
        overrides_url=_path(place, "overrides"),
        list_url=place.path("list"),
    )


def _path(place: Place, name: str = "inputs") -> str:
    if isinstance(place.home, Team):
        return reverse(f"prioritization:{name}", kwargs={"organization": place.organization, "team": place.home.slug})
    return reverse(f"prioritization:train-{name}", kwargs={"organization": place.organization, "train": place.home.slug})
