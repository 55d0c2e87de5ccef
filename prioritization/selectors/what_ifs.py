"""A draft beside what stands: which of its changes still make sense, and what the things they name are like now."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Team, User
from accounts.permissions import Access
from backlog.models import Dependency, Item
from backlog.numbers import short
from backlog.permissions import visible_items
from prioritization.changes import Change, What, text_of
from prioritization.models import Factor, WhatIf
from prioritization.scoring import Rules
from prioritization.selectors.choices import choice_for, choices_in
from prioritization.selectors.tried import Tried
from prioritization.selectors.tried_rules import OF_RULES, Home, Knob, look_at_rule, read_rules


def find_what_if(*, home: Home, person: User) -> WhatIf | None:
    """The person's draft for this backlog, where there is one."""
    found = WhatIf.objects.for_organization(home.organization_id).filter(person=person)
    return (found.filter(team=home) if isinstance(home, Team) else found.filter(train=home)).first()


def look_at(changes: Sequence[Change], *, home: Home, access: Access) -> list[Tried]:
    """The changes in order, each with what it names, as this person may see it. A few queries, however many changes."""
    stands = read_rules(home, changes)
    keys = {change.subject for change in changes if change.what not in OF_RULES} | {
        change.name for change in changes if change.what == What.UNLINK
    }
    items = {item.key: item for item in visible_items(access).filter(key__in=keys).select_related("team__train", "train")}
    ids = [item.pk for item in items.values()]
    of = Factor.objects.for_organization(access.organization).filter(item__in=ids)
    scores = {(factor.item_id, factor.name): text_of(factor.value) for factor in of}
    links = set(hard_links(access, ids))
    rules = choices_in(access.organization.pk)
    return [
        look_at_rule(change, stands)
        if stands is not None and change.what in OF_RULES
        else _look(change, items.get(change.subject), items.get(change.name), scores, links, rules)
        for change in changes
    ]


def hard_links(access: Access, ids: Collection[int]) -> Iterable[tuple[int, int]]:
    """What of these items waits for what: (blocker, blocked)."""
    links = Dependency.objects.for_organization(access.organization).filter(kind=Dependency.Kind.BLOCKS, blocked__in=ids)
    return links.values_list("blocker_id", "blocked_id")


def _look(
    change: Change,
    item: Item | None,
    other: Item | None,
    scores: dict[tuple[int, str], str],
    links: Collection[tuple[int, int]],
    rules: Rules,
) -> Tried:
    label = "Size" if change.what == What.SIZE else ""
    if item is None:
        return Tried(change, label or change.name, void="There is no such item for you any more.")
    if not item.is_ranked:
        return Tried(change, label or change.name, item, void=f"{item.key} is {item.get_status_display().lower()} and has no place.")
    if change.what == What.SIZE:
        return Tried(change, label, item, now=text_of(item.job_size))
    if change.what == What.SCORE:
        spec = next((spec for spec in rules.choice((item.team_id, item.train_id), item.kind).factors if spec.name == change.name), None)
        if spec is None:
            return Tried(change, change.name, item, void=f"{item.key} is not scored by this any more.")
        return Tried(change, spec.label, item, now=scores.get((item.pk, change.name), ""))
    if other is None or (other.pk, item.pk) not in links:
        return Tried(change, "", item, void=f"{item.key} does not wait for {change.name} any more.")
    return Tried(change, "", item, other, now=change.was)


@dataclass(frozen=True)
class Knobs:
    """An item's numbers and what it waits for: (key, title, whether it would no longer wait)."""

    item: Item
    numbers: list[Knob]
    waits_for: list[tuple[str, str, bool]]


def knobs_of(
    item: Item, changes: Sequence[Change], *, access: Access, typed: dict[str, str] | None = None, error: tuple[str, str] = ("", "")
) -> Knobs:
    """What can be tried of an item, with what the draft tries already, or what was typed and refused."""
    tried = {change.spot: change.value for change in changes}
    scores = {factor.name: text_of(factor.value) for factor in item.factors.all()}
    wrong, message = error

    def knob(what: What, name: str, label: str, now: str, hint: str) -> Knob:
        field = name or what.value
        value = (typed or {}).get(field, tried.get((what, item.key, name), now))
        return Knob(field, label, now, value, hint, message if wrong == field else "")

    numbers = [
        knob(What.SCORE, spec.name, spec.label, scores.get(spec.name, ""), " ".join(short(value) for value in spec.scale))
        for spec in choice_for(item).factors
    ]
    numbers.append(knob(What.SIZE, "", "Size in points", text_of(item.job_size), ""))
    blockers = [blocker for blocker, _ in hard_links(access, [item.pk])]
    seen = visible_items(access).ranked().filter(pk__in=blockers).order_by("key")
    waits = [(other.key, other.title, (What.UNLINK, item.key, other.key) in tried) for other in seen]
    return Knobs(item, numbers, waits)
