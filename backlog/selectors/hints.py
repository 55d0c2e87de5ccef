"""Links that an item's own words suggest: to items that the reader sees and that it is not tied to yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Upper

from accounts.permissions import Access
from backlog.hints import STRENGTH, Hint, find_hints
from backlog.models import Criterion, Dependency, DismissedHint, Item
from backlog.models.item import Status
from backlog.permissions import visible_items

MOST = 5
_MOST_TITLES = 60  # that one question asks for


@dataclass(frozen=True)
class Suggestion:
    """A link that the words suggest: `relation` as the form names it, in `words`; and where they stand."""

    other: Item
    relation: str
    words: str
    sentence: str
    place: str


_WORDS = {
    "waits_for": "waits for",
    "unblocks": "unblocks",
    "relates": "relates to",
    "helps": "helps",
    "conflicts": "conflicts with",
}


def suggest_links(*, item: Item, access: Access) -> list[Suggestion]:
    """At most MOST, the strongest first. What the reader may not see is not told of: to them its key is only a word. Five queries at most, and
    one where nothing is named.
    """
    told = [(place, hint) for place, text in _texts(item) for hint in find_hints(text)]
    if not told:
        return []
    named = _find_named(item, access, [hint for _, hint in told])
    tied = _tied(item, {other.pk for other in named.values()})
    best: dict[int, Suggestion] = {}
    for place, hint in told:
        other = _other(hint, named)
        if other is None or other.pk in tied:
            continue
        known = best.get(other.pk)
        if known is None or STRENGTH.index(hint.relation) < STRENGTH.index(known.relation):
            best[other.pk] = Suggestion(other, hint.relation, _WORDS[hint.relation], hint.sentence, place)
    return sorted(best.values(), key=lambda each: STRENGTH.index(each.relation))[:MOST]


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    """What the item says, by the place that says it."""
    yield "title", item.title
    yield "description", item.description
    for name, text in item.details.items():
        if isinstance(text, str):
            yield name.replace("_", " "), text
    criteria = (
        Criterion.objects.for_organization(item.organization_id).filter(item=item).order_by("position").values_list("text", flat=True)
    )
    for number, text in enumerate(criteria, start=1):
        yield f"criterion {number}", text


def _find_named(item: Item, access: Access, hints: Iterable[Hint]) -> dict[str, Item]:
    """The items that the hints name and the reader sees, by key and by title in capitals."""
    keys = {hint.key for hint in hints if hint.key}
    titles = list(dict.fromkeys(title.upper() for hint in hints for title in hint.titles))[:_MOST_TITLES]
    seen = visible_items(access).exclude(pk=item.pk).exclude(status=Status.REMOVED).select_related("team")
    found = {other.key: other for other in seen.filter(key__in=keys)} if keys else {}
    if titles:  # answered by the trigrams of the titles
        found |= {
            other.title.upper(): other for other in seen.annotate(upper=Upper("title")).filter(upper__in=titles).order_by("-id")[:MOST]
        }
    return found


def _other(hint: Hint, named: dict[str, Item]) -> Item | None:
    if hint.key:
        return named.get(hint.key)
    return next((named[title.upper()] for title in hint.titles if title.upper() in named), None)


def _tied(item: Item, others: set[int]) -> set[int]:
    """Those that the item is linked to in any way, or stands above or below, or that somebody said are no link."""
    if not others:
        return set()
    links = Dependency.objects.for_organization(item.organization_id).filter(
        Q(blocker=item, blocked__in=others) | Q(blocked=item, blocker__in=others)
    )
    tied = {pk for pair in links.values_list("blocker_id", "blocked_id") for pk in pair}
    dismissed = DismissedHint.objects.for_organization(item.organization_id).filter(item=item, other__in=others)
    below = Item.objects.for_organization(item.organization_id).filter(parent=item, pk__in=others)
    return tied | {item.parent_id or 0, *dismissed.values_list("other_id", flat=True), *below.values_list("id", flat=True)}
