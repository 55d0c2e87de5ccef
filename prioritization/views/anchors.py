"""Examples beside a scale, and choosing which of them are its anchors."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.views.places import item_path, key_base, place_of, undo_path
from prioritization.selectors.anchors import list_examples
from prioritization.selectors.choices import choice_for
from prioritization.services.anchors import lift_anchor, set_anchor

PAGE = "prioritization/item_examples.html"


@require_GET
def item_examples(request: MemberRequest, key: str) -> HttpResponse:
    """What stands at each value of `?factor=` in the item's backlog."""
    return _show(request, readable_item(access=request.access, key=key), request.GET.get("factor", ""))


@require_POST
def item_anchor(request: MemberRequest, key: str) -> HttpResponse:
    """Make the item the example of its value of `anchor`, or of `lift` no longer; `?for=` is the item whose scale is looked at."""
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    scaled = readable_item(access=request.access, key=request.GET.get("for") or key)
    is_lifted = "lift" in request.POST
    factor = request.POST.get("lift" if is_lifted else "anchor", "")
    try:
        with one_act() as act:
            (lift_anchor if is_lifted else set_anchor)(item=item, factor=factor, by=request.user)
    except DomainError as error:
        if request.htmx:
            return _show(request, scaled, factor, error=error)
        messages.error(request, error.message)
        return redirect(item_path(request, scaled.key))
    said = f"{item.key} is {'no longer an' if is_lifted else 'an'} anchor."
    if not request.htmx:
        messages.success(request, said)
        return redirect(item_path(request, scaled.key))
    return _show(request, scaled, factor, said=said, undo_url=undo_path(request, act.id))


def _show(request: MemberRequest, item: Item, factor: str, *, error: DomainError | None = None, **more: str) -> HttpResponse:
    spec = next((spec for spec in choice_for(item).factors if spec.name == factor), None)
    if spec is None and error is None:
        raise Http404("It is not scored by this.")
    place = place_of(request, item)
    return answer(
        request,
        PAGE,
        "examples",
        status=error.status if error else None,
        item=item,
        spec=spec,
        examples=list_examples(item, spec) if spec else [],
        error=error,
        may_order=request.access.may(Verb.ORDER, place.home),
        base=key_base(request),
        item_url=item_path(request, item.key),
        list_url=place.path("list"),
        **more,
    )
