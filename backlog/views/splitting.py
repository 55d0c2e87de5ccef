"""Splitting an item: parts side by side, and a place for each of its criteria and links."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import ConflictError, DomainError, InvalidError
from activity.http import answer, once
from backlog.kinds import Kind
from backlog.models import Item
from backlog.numbers import short
from backlog.permissions import readable_item
from backlog.selectors.dependencies import list_own_links
from backlog.selectors.items import list_criteria
from backlog.services.splitting import DROPPED, STAYS, Part, Split, split_item
from backlog.splitting import MOST_PARTS, PATTERNS, proposed_titles
from backlog.views.places import item_path, place_of

PAGE = "backlog/item_split.html"


@dataclass
class Typed:
    """What the form holds: parts as (title, size), and places by the name of their field."""

    parts: list[tuple[str, str]]
    places: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
def item_split(request: MemberRequest, key: str) -> HttpResponse:
    """Ask how to cut the item (`?by=` a pattern proposes), or cut it; the same form sent twice cuts once."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    if request.method == "GET":
        titles = proposed_titles(request.GET.get("by", ""), item.title)
        return _ask(request, item, Typed([(title, "") for title in titles]))
    typed = _typed(request)
    if request.POST.get("more"):
        typed.parts.append(("", ""))
        return _ask(request, item, typed)
    try:
        done, _ = once(request, lambda: _split(request, item, typed))
    except DomainError as error:
        return _ask(request, item, typed, error=error)
    messages.success(request, done["text"])
    return redirect(item_path(request, key))


def _typed(request: MemberRequest) -> Typed:
    titles, sizes = request.POST.getlist("title")[:MOST_PARTS], request.POST.getlist("size")
    parts = [(title, sizes[number] if number < len(sizes) else "") for number, title in enumerate(titles)]
    places = {name: request.POST[name] for name in request.POST if name.startswith(("criterion-", "link-", "why-"))}
    return Typed(parts, places)


def _split(request: MemberRequest, item: Item, typed: Typed) -> dict[str, Any]:
    # Empty parts at the end are room that nobody used; the places are counted in what is left.
    kept = [number for number, (title, size) in enumerate(typed.parts) if title.strip() or size.strip()]
    if not kept:
        raise InvalidError("Name at least one part.", field="title")
    number_of = {str(old): new for new, old in enumerate(kept)}

    def place(text: str) -> int:
        if text in ("", "stays"):
            return STAYS
        if text == "dropped":
            return DROPPED
        if text not in number_of:
            raise InvalidError("One of the parts that was chosen has no title.", field="title")
        return number_of[text]

    def named(prefix: str) -> dict[int, str]:
        found = {name.removeprefix(prefix): text for name, text in typed.places.items() if name.startswith(prefix)}
        return {int(number): text for number, text in found.items() if number.isdecimal() and len(number) < 10}

    # Two that say the same both ways, as "relates to" may, go together.
    links = {link.pk: link.name for link in list_own_links(item=item, access=request.access)}
    if gone := {name.removeprefix("link-") for name in typed.places if name.startswith("link-")} - set(links.values()):
        raise ConflictError(f"The link with {min(gone).partition('-')[2]} was taken away meanwhile. Look again.")
    split = Split(
        parts=[Part(typed.parts[number][0], typed.parts[number][1].replace(",", ".").strip() or None) for number in kept],
        criteria={number: place(text) for number, text in named("criterion-").items()},
        links={pk: place(typed.places.get(f"link-{name}", "")) for pk, name in links.items()},
        reasons=named("why-"),
        link_reasons={pk: typed.places.get(f"why-link-{name}", "") for pk, name in links.items()},
    )
    parts = split_item(item=item, split=split, by=request.user)
    return {"text": f"{item.key} is split into {', '.join(part.key for part in parts)}. One undo in its history makes it whole again."}


def _ask(request: MemberRequest, item: Item, typed: Typed, *, error: DomainError | None = None) -> HttpResponse:
    place = place_of(request, item)
    numbers = range(len(typed.parts))
    return answer(
        request,
        PAGE,
        None,
        status=error.status if error else None,
        item=item,
        kind_label=Kind(item.kind).label.lower(),
        is_below=item.kind == Kind.STORY,
        size=short(item.job_size, places=3),
        patterns=PATTERNS,
        by=request.GET.get("by", ""),
        parts=[
            {"number": number, "letter": "ABCDEFGH"[number], "title": typed.parts[number][0], "size": typed.parts[number][1]}
            for number in numbers
        ],
        may_grow=len(typed.parts) < MOST_PARTS,
        criteria=[
            {"row": row, "place": typed.places.get(f"criterion-{row.number}", ""), "why": typed.places.get(f"why-{row.number}", "")}
            for row in list_criteria(item)
        ],
        links=[
            {"link": link, "place": typed.places.get(f"link-{link.name}", ""), "why": typed.places.get(f"why-link-{link.name}", "")}
            for link in list_own_links(item=item, access=request.access)
        ],
        error=error,
        item_url=item_path(request, item.key),
        split_url=item_path(request, item.key, "split"),
        list_url=place.path("list"),
    )
