"""An item at a glance, beside the list that stays where it is."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.http import answer
from backlog.kinds import KINDS, Kind
from backlog.models.item import Status
from backlog.numbers import short
from backlog.permissions import readable_item
from backlog.selectors.dependencies import list_links
from backlog.selectors.items import find_placement, list_children, list_criteria
from backlog.selectors.questions import count_open_questions
from backlog.views.places import item_path, key_base, place_of
from backlog.views.prose import prose


@require_GET
def item_peek(request: MemberRequest, key: str) -> HttpResponse:
    """What one looks for while walking through a list; a plain browser goes to the item's page."""
    item = readable_item(access=request.access, key=key)
    if not request.htmx:
        return redirect(item_path(request, item.key))
    kind = Kind(item.kind)
    placement = find_placement(item)
    parent_is_seen = item.parent is not None and (item.parent.team is None or request.access.sees_team(item.parent.team))
    return answer(
        request,
        "backlog/item_peek.html",
        item=item,
        icon_name=KINDS[kind].icon,
        kind_label=kind.label,
        status_label=Status(item.status).label,
        size=short(item.job_size, places=3),
        cost=short(placement.cost_of_delay) if placement else "",
        parent=item.parent if parent_is_seen else None,
        is_parent_hidden=item.parent is not None and not parent_is_seen,
        description=prose(request, item.description),
        criteria=list_criteria(item),
        questions=count_open_questions(item),
        links=list_links(item=item, access=request.access),
        may_edit=request.access.may(Verb.EDIT, place_of(request, item).home),
        item_url=item_path(request, item.key),
        peek_url=item_path(request, item.key, "peek"),
        base=key_base(request),
    )


@require_GET
def item_below(request: MemberRequest, key: str) -> HttpResponse:
    """What lies directly below the item, as a line of a list under its row; a plain browser goes to the item's page."""
    item = readable_item(access=request.access, key=key)
    if not request.htmx:
        return redirect(item_path(request, item.key))
    return answer(
        request, "backlog/item_below.html", item=item, children=list_children(item=item, access=request.access), base=key_base(request)
    )
