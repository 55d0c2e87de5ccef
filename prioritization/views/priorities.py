"""The home of all pages about a backlog's order."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from activity.http import answer
from backlog.views.places import readable_place
from prioritization.selectors.overrides import count_lately_ended
from prioritization.views.overrides import overrides_path


@require_GET
def overview(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """What one can see and do about this order, a line for each page."""
    place = readable_place(request, team=team, train=train)
    return answer(
        request,
        "prioritization/priorities.html",
        home=place.home,
        list_url=place.path("list"),
        ended=count_lately_ended(home=place.home, access=request.access),
        overrides_url=overrides_path(place, "overrides"),
    )
