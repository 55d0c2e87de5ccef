"""Linking items, from the page of one of them."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.http import answer
from backlog.kinds import Kind
from backlog.models import Dependency, Item
from backlog.permissions import readable_item
from backlog.selectors.items import PARENT_KINDS, find_by_words
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.views.items import PAGE, act, choose


@require_GET
def item_find(request: MemberRequest, key: str) -> HttpResponse:
    """Items to choose from while somebody types a key or words, as a fragment."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    kinds = PARENT_KINDS if request.GET.get("for") == "parent" else tuple(Kind)
    matches = find_by_words(access=request.access, words=request.GET.get("other", ""), besides=item, kinds=kinds)
    return answer(request, f"{PAGE}#matches", matches=matches)


@require_POST
def item_link(request: MemberRequest, key: str) -> HttpResponse:
    """Link the item with another one, named by its key; words bring a choice."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    words = request.POST.get("other", "").strip()
    matches = find_by_words(access=request.access, words=words, besides=item)
    if not matches or matches[0].key != words.upper():
        return choose(request, item, "link", matches)
    blocker, blocked, kind = _ends(item, matches[0], request.POST.get("relation", ""))
    return act(
        request,
        item,
        lambda: link_dependency(blocker=blocker, blocked=blocked, kind=kind, by=request.user, access=request.access),
        edit="link",
    )


@require_POST
def item_unlink(request: MemberRequest, key: str) -> HttpResponse:
    """Take a link away."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    other = readable_item(access=request.access, key=request.POST.get("other", ""))
    blocker, blocked, kind = _ends(item, other, request.POST.get("relation", ""))

    def change() -> None:
        # A softer relation is shown from both ends, so it is taken away from either.
        if not unlink_dependency(blocker=blocker, blocked=blocked, kind=kind, by=request.user) and kind != Dependency.Kind.BLOCKS:
            unlink_dependency(blocker=blocked, blocked=blocker, kind=kind, by=request.user)

    return act(request, item, change, edit="", said="The link is gone.")


def _ends(item: Item, other: Item, relation: str) -> tuple[Item, Item, str]:
    """Blocker, blocked and kind of the link that a form names from the item's side."""
    if relation == "waits_for":
        return other, item, Dependency.Kind.BLOCKS
    return item, other, Dependency.Kind.BLOCKS if relation == "unblocks" else relation
