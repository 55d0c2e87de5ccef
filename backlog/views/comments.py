"""Comments of an item: a fragment of its page that renews itself, and pages of earlier ones; and the names behind an `@`."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from activity.errors import DomainError, NotAllowedError
from activity.http import answer, once
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.models import Comment, Item
from backlog.permissions import may_change_comment, may_comment, may_remove_comment, readable_item, require_comment
from backlog.selectors.comments import get_comment, list_callable, list_comments
from backlog.selectors.filters import BadFilterError
from backlog.selectors.merging import list_merged_talk
from backlog.services.comments import add_comment, edit_comment, remove_comment
from backlog.services.items import StaleVersionError
from backlog.text import keys_in, render_markdown
from backlog.views.places import item_path, key_base, place_of, undo_path
from backlog.views.prose import links_of

PAGE = "backlog/item_comments.html"
NOT_YOURS = "Only who wrote a comment changes it."


@require_http_methods(["GET", "POST"])
def item_comments(request: MemberRequest, key: str) -> HttpResponse:
    """The latest comments with the form; `?since=` those from a number on (the part that renews itself), `?before=` earlier ones. A POST adds one."""
    if request.method == "POST":
        return _add(request, commentable_item(request, key))
    item = readable_item(access=request.access, key=key)
    given = request.GET.dict()
    if len(given) > 1 or not given.keys() <= {"since", "before"} or not all(_is_number(value) for value in given.values()):
        raise BadFilterError("This page of the comments does not exist.")
    if "before" in given:
        return _show(request, item, part="earlier", before=int(given["before"]))
    if "since" in given:
        return _show(request, item, part="live", since=int(given["since"]))
    return _show(request, item)


def commentable_item(request: MemberRequest, key: str) -> Item:
    """The item of that key, or 404; 403 where the person may not comment on it."""
    item = readable_item(access=request.access, key=key)
    require_comment(request.access, item)
    return item


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 9


def _show(
    request: MemberRequest,
    item: Item,
    *,
    part: str = "panel",
    before: int | None = None,
    since: int | None = None,
    error: DomainError | None = None,
    **more: Any,
) -> HttpResponse:
    place = place_of(request, item)
    version = topic_version(
        organization_id=item.organization_id, topic=f"talk:{item.key}"
    )  # read first: the page is never older than it says
    page = list_comments(item=item, before=before, since=since)
    context = {
        "item": item,
        "item_url": item_path(request, item.key),
        "list_url": place.path("list"),
        "home": place.home,
        "rows": _rows(request, item, page.comments),
        "first": page.first,
        "since": since if since is not None else page.first,
        "has_earlier": page.has_earlier and since is None,
        "is_earlier": before is not None,
        "version": version,
        "merged_talk": list_merged_talk(item=item, access=request.access) if part == "panel" else (),
        "base": key_base(request),
        "may_comment": may_comment(request.access, item),
        "typed": request.POST.get("text", "") if error else "",
        "error": error,
        **more,
    }
    return answer(request, PAGE, part, status=error.status if error else None, **context)


def _rows(request: MemberRequest, item: Item, comments: Iterable[Comment]) -> list[dict[str, Any]]:
    found = list(comments)
    links = links_of(request, *(comment.text for comment in found))
    rows = []
    for comment in found:
        comment.item = item
        rows.append(_row(request, comment, links))
    return rows


def _row(request: MemberRequest, comment: Comment, links: Sequence[tuple[str, str]]) -> dict[str, Any]:
    named = keys_in(comment.text)
    own = [link for link in links if link[0] in named]  # what it is made of alone, so that its markup is kept
    return {
        "comment": comment,
        "body": render_markdown(comment.text, own, [mention.person.name for mention in comment.mentions.all()]),
        "may_change": comment.removed_at is None and may_change_comment(request.access, comment),
        "may_remove": comment.removed_at is None and may_remove_comment(request.access, comment),
    }


def _add(request: MemberRequest, item: Item) -> HttpResponse:
    given = request.POST.get("since", "")
    since = int(given) if _is_number(given) and int(given) else None
    text = request.POST.get("text", "")
    try:
        with one_act() as done:
            once(request, lambda: {"number": add_comment(item=item, text=text, by=request.user).number})
    except DomainError as error:
        return _show(request, item, part="talk", since=since, error=error)
    if not request.htmx:
        return redirect(item_path(request, item.key, "comments"))
    return _show(request, item, part="talk", since=since, said="Said.", undo_url=undo_path(request, done.id), is_added=True)


@require_http_methods(["GET", "POST"])
def comment_detail(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """One comment, or with `?edit=1` its form; a POST changes its words."""
    item = readable_item(access=request.access, key=key)
    comment = get_comment(item=item, number=number)
    if request.method == "GET":
        if request.GET.dict() not in ({}, {"edit": "1"}):
            raise BadFilterError("This part of the page does not exist.")
        if request.GET:
            _require(may_change_comment(request.access, comment))
        return _one(request, comment, is_open=bool(request.GET))
    _require(may_change_comment(request.access, comment))
    try:
        with one_act() as done:
            edit_comment(comment=comment, text=request.POST.get("text", ""), was=request.POST.get("was_text"), by=request.user)
    except DomainError as error:
        return _one(request, get_comment(item=item, number=number), is_open=True, error=error)
    if not request.htmx:
        return redirect(item_path(request, key, "comments"))
    return _one(request, get_comment(item=item, number=number), said="Changed.", undo_url=undo_path(request, done.id))


@require_POST
def comment_remove(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Take its words away; its place stays."""
    item = readable_item(access=request.access, key=key)
    comment = get_comment(item=item, number=number)
    _require(may_remove_comment(request.access, comment))
    with one_act() as done:
        remove_comment(comment=comment, by=request.user)
    if not request.htmx:
        return redirect(item_path(request, key, "comments"))
    return _one(request, get_comment(item=item, number=number), said="The comment is gone.", undo_url=undo_path(request, done.id))


def _require(may: bool) -> None:
    if not may:
        raise NotAllowedError(NOT_YOURS)


def _one(request: MemberRequest, comment: Comment, *, is_open: bool = False, error: DomainError | None = None, **more: Any) -> HttpResponse:
    place = place_of(request, comment.item)
    context = {
        "item": comment.item,
        "item_url": item_path(request, comment.item.key),
        "list_url": place.path("list"),
        "home": place.home,
        "row": {**_row(request, comment, links_of(request, comment.text)), "is_open": is_open},
        "typed": request.POST.get("text", "") if error else "",
        "error": error,
        "is_stale": isinstance(error, StaleVersionError),
        **more,
    }
    return answer(request, "backlog/item_comment.html", "comment", status=error.status if error else None, **context)


@require_GET
def item_people(request: MemberRequest, key: str) -> HttpResponse:
    """Names that fit `?q=`, of people who see the item: what one may type behind an `@`."""
    item = commentable_item(request, key)
    people = list_callable(item=item, words=request.GET.get("q", "")[:80])
    return JsonResponse({"names": list(dict.fromkeys(person.name for person in people if person.name))})
