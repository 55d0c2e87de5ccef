"""Linking items, from the page of one of them."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.kinds import Kind
from backlog.models import Dependency, Item
from backlog.permissions import readable_item
from backlog.selectors.hints import suggest_links
from backlog.selectors.items import PARENT_KINDS, find_by_words
from backlog.services.dependencies import ends_of, link_dependency, unlink_between
from backlog.services.hints import dismiss_hint
from backlog.views.items import PAGE, RELATIONS, act, choose, unknown_other
from backlog.views.places import item_path, key_base, place_of, undo_path

DIALOG = "backlog/item_link.html"


@require_GET
def item_find(request: MemberRequest, key: str) -> HttpResponse:
    """Items to choose from while somebody types a key or words, as a fragment."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    kinds = PARENT_KINDS if request.GET.get("for") == "parent" else tuple(Kind)
    matches = find_by_words(access=request.access, words=request.GET.get("other", ""), besides=item, kinds=kinds)
    return answer(request, f"{PAGE}#matches", matches=matches)


@require_http_methods(["GET", "POST"])
def item_link(request: MemberRequest, key: str) -> HttpResponse:
    """Link the item with another one, named by its key; words bring a choice. A GET brings the form as a dialog, for lists."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    if request.method == "GET":
        return _dialog(request, item)
    is_dialog = bool(request.htmx) and request.htmx.target == "dialogs"
    words = request.POST.get("other", "").strip()
    matches = find_by_words(access=request.access, words=words, besides=item)
    if not matches or matches[0].key != words.upper():
        return (
            _dialog(request, item, matches=matches, error=unknown_other(matches)) if is_dialog else choose(request, item, "link", matches)
        )
    blocker, blocked, kind = ends_of(item, matches[0], request.POST.get("relation", ""))

    def change() -> Dependency:
        return link_dependency(blocker=blocker, blocked=blocked, kind=kind, by=request.user, access=request.access)

    if not is_dialog:
        return act(request, item, change, edit="link")
    try:
        with one_act() as done:
            change()
    except DomainError as error:
        return _dialog(request, item, error=error)
    said = f"{item.key} {SAID.get(request.POST.get('relation', ''), 'is linked with')} {matches[0].key} now."
    response = answer(request, f"{DIALOG}#linked", text=said, undo_url=undo_path(request, done.id))
    response["HX-Trigger"] = "changed"
    return response


SAID = {
    "waits_for": "waits for",
    "unblocks": "comes before",
    "relates": "relates to",
    "helps": "helps",
    "helped_by": "is helped by",
    "conflicts": "conflicts with",
}


def _dialog(request: MemberRequest, item: Item, *, matches: Sequence[Item] = (), error: DomainError | None = None) -> HttpResponse:
    return answer(
        request,
        DIALOG,
        "dialog",
        status=error.status if error else None,
        item=item,
        relations=RELATIONS,
        typed=request.POST.dict(),
        matches=matches,
        error=error,
        item_url=item_path(request, item.key),
        list_url=place_of(request, item).path("list"),
    )


@require_GET
def item_hints(request: MemberRequest, key: str) -> HttpResponse:
    """Links that the item's words suggest, as a fragment of its page."""
    return _hints(request, readable_item(access=request.access, key=key, verb=Verb.EDIT))


@require_POST
def item_hint_dismiss(request: MemberRequest, key: str) -> HttpResponse:
    """Say that a suggested link is none."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    other = readable_item(access=request.access, key=request.POST.get("other", ""))
    with one_act() as done:
        dismiss_hint(item=item, other=other, by=request.user)
    if not request.htmx:
        return redirect(item_path(request, key))
    return _hints(request, item, undo_url=undo_path(request, done.id), text=f"{other.key} is not suggested any more.")


def _hints(request: MemberRequest, item: Item, **more: Any) -> HttpResponse:
    return answer(
        request,
        "backlog/item_hints.html",
        "hints",
        item=item,
        item_url=item_path(request, item.key),
        base=key_base(request),
        list_url=place_of(request, item).path("list"),
        suggestions=suggest_links(item=item, access=request.access),
        **more,
    )


@require_POST
def item_unlink(request: MemberRequest, key: str) -> HttpResponse:
    """Take a link away."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    other = readable_item(access=request.access, key=request.POST.get("other", ""))
    relation = request.POST.get("relation", "")
    return act(
        request,
        item,
        lambda: unlink_between(item=item, other=other, relation=relation, by=request.user),
        edit="",
        said="The link is gone.",
    )
