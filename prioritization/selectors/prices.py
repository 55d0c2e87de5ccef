"""What an override costs: the order of the lists it touches with it and without it, and who comes later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from accounts.models import Team
from accounts.permissions import Access
from backlog.models import Band
from backlog.numbers import short
from backlog.permissions import visible_items
from prioritization.engine.overrides import BOOST, Overrides
from prioritization.engine.price import price_of
from prioritization.engine.types import Candidate
from prioritization.models import Basis, Override
from prioritization.scoring import Pace, assumed_size
from prioritization.selectors.basis import Standing, read_basis
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import Loaded, list_of, load_tied

MOST_NAMED = 3
Key = tuple[int, float, int, int]


@dataclass(frozen=True)
class Later:
    """An item that comes later, as the reader may see it: its key, empty where it is hidden."""

    key: str
    weeks: str


@dataclass(frozen=True)
class Price:
    """`amount` is cost of delay a week times weeks, over all lists it touches; below 0 it saves. Places are those in the item's own list."""

    amount: float
    place_before: int | None
    place_after: int | None
    delayed: int
    later: tuple[Later, ...]
    between: tuple[str, str] = ("", "")
    """The keys of the items right above and below it afterwards, those that a filter hides too."""
    resting: bool = False
    """A dependency forbids it now, so it does nothing."""

    @property
    def words(self) -> str:
        if self.resting:
            return "A dependency says the opposite, so it rests."
        if abs(self.amount) < 0.05:
            return "It costs nothing in delay."
        if self.amount < 0:
            return f"It saves {short(-self.amount, 1)} value-weeks of delay."
        return f"It costs {short(self.amount, 1)} value-weeks of delay."

    @property
    def whom(self) -> str:
        """“It delays CHK-3 by 0.4 weeks, CHK-9 by 0.4 weeks and 12 more.”"""
        if not self.delayed:
            return "Nothing comes later."
        named = [f"{one.key} by {one.weeks}" for one in self.later if one.key]
        rest = self.delayed - len(named)
        if not named:
            return f"It delays {rest} {'item' if rest == 1 else 'items'}."
        ending = f" and {rest} more" if rest else ""
        return f"It delays {', '.join(named)}{ending}."


class _Line(NamedTuple):
    """An open item of a list. The weight, cost of delay a week that no child claims, and the size in milli-units."""

    item: int
    key: Key
    weight: int
    size: int


LIST = """
    SELECT p.item_id, p.band, p.falling, p.component, p.position,
           (greatest(coalesce(p.cost_of_delay, 0) - coalesce((SELECT sum(q.cost_of_delay) FROM backlog_item c
               JOIN backlog_placement q ON q.item_id = c.id WHERE c.parent_id = i.id), 0), 0) * 1000)::bigint,
           (i.job_size * 1000)::bigint, i.kind
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id WHERE p.{home} = %s
"""


def price_override(*, override: Override, access: Access) -> Price:
    """What this override, stored or only meant, changes beside all that stand otherwise. Writes nothing."""
    item, organization = override.item, override.organization_id
    loaded = load_tied(organization, [item.pk] if override.anchor_id is None else [item.pk, override.anchor_id])
    standing = read_basis(organization, {row.team for row in loaded.rows if row.team is not None})
    without = solve(replace(loaded, overrides=_changed(loaded.overrides, override, is_on=False)), standing)
    with_it = solve(replace(loaded, overrides=_changed(loaded.overrides, override, is_on=True)), standing)
    before, after = _keys(without), _keys(with_it)
    own = list_of(next(row for row in loaded.rows if row.id == item.pk))
    touched = {list_of(row) for row in loaded.rows if before[row.id] != after[row.id]} | {own}
    total, later = 0.0, dict[int, tuple[int, float]]()
    places: tuple[int | None, int | None] = (None, None)
    between = ("", "")
    for home in sorted(touched, key=lambda one: one != own):
        lines = _read_list(home, loaded, without, standing)
        pace = pace_a_week(organization, home, standing)
        holds = {pk: _weeks_until(day) * pace for pk, day in with_it.loaded.overrides.on_hold.items()}
        found = price_of(_order(lines, before, holds), _order(lines, after, holds), map(_candidate, lines))
        total += found.delay / (1000 * pace)
        later |= {int(one.id): (one.cost, one.later / pace) for one in found.delayed if one.id != item.pk}
        if home == own:
            places = _place(lines, before, item.pk), _place(lines, after, item.pk)
            between = _between(lines, after, item.pk, access)
    resting = override.anchor_id is not None and (item.pk, override.anchor_id) in with_it.overridden.resting
    return Price(total, *places, len(later), _named(later, access), between, resting)


def _changed(overrides: Overrides, override: Override, *, is_on: bool) -> Overrides:
    """The overrides with this one, or without it; of its kind an item has one."""
    item, kind = override.item_id, override.kind
    pair = (item, override.anchor_id or 0)
    pins = {pk: home for pk, home in overrides.pins.items() if kind != "pin" or pk != item}
    above = [one for one in overrides.above if kind != "keep_above" or one != pair]
    on_hold = {pk: day for pk, day in overrides.on_hold.items() if kind != "not_before" or pk != item}
    boosts = {pk: times for pk, times in overrides.boosts.items() if kind != "boost" or pk != item}
    frozen = {pk: value for pk, value in overrides.frozen.items() if kind != "freeze" or pk != item}
    if is_on:
        if kind == "pin":
            pins[item] = override.team_id
        elif kind == "keep_above":
            above.append(pair)
        elif kind == "not_before":
            on_hold[item] = override.expires_on.isoformat()
        elif kind == "boost" and override.multiplier is not None:
            boosts[item] = int(override.multiplier * 1000)
        elif override.held_value is not None:
            frozen[item] = override.held_value
    return Overrides(pins, above, on_hold, boosts, frozen)


def _keys(solved: Solved) -> dict[int, Key]:
    return {place.item: (place.band, -place.value, place.component, place.position) for place in solved.places}


def _read_list(home: int, loaded: Loaded, solved: Solved, standing: Standing) -> list[_Line]:
    """All items of the list; those loaded with their exact weight, a boost not counted: it is wanted, not worth."""
    with connection.cursor() as cursor:
        cursor.execute(LIST.format(home="team_id" if home > 0 else "train_id"), [abs(home)])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    exact = {one.id: one.weight - one.terms.get(BOOST, 0) for one in solved.problem.candidates}
    team = home if home > 0 else None
    return [
        _Line(
            item,
            (band, falling, component, position),
            exact.get(item, weight),
            assumed_size(standing.medians, team=team, kind=kind) if size is None else size,
        )
        for item, band, falling, component, position, weight, size, kind in found
    ]


def _candidate(line: _Line) -> Candidate:
    return Candidate(line.item, {"value": line.weight}, line.size)


def _order(lines: Sequence[_Line], keys: Mapping[int, Key], holds: Mapping[Any, float]) -> list[int | str]:
    """The items in the order in which they are done. What is on hold comes on its day at the earliest, what has no place after all others."""
    order: list[int | str] = []
    apart: list[tuple[float, int]] = []
    for line in sorted(lines, key=lambda line: keys.get(line.item, line.key)):
        if keys.get(line.item, line.key)[0] <= Band.NORMAL:
            order.append(line.item)
        else:
            apart.append((holds.get(line.item, inf), line.item))
    sizes = {line.item: line.size for line in lines}
    at, done = 0, 0
    for day, item in sorted(apart):
        while at < len(order) and done < day:
            done += sizes[int(order[at])]
            at += 1
        order.insert(at, item)
        at, done = at + 1, done + sizes[item]
    return order


def _place(lines: Iterable[_Line], keys: Mapping[int, Key], item: int) -> int | None:
    order = sorted(lines, key=lambda line: keys.get(line.item, line.key))
    return next((number for number, line in enumerate(order, 1) if line.item == item), None)


def _between(lines: Iterable[_Line], keys: Mapping[int, Key], item: int, access: Access) -> tuple[str, str]:
    order = [line.item for line in sorted(lines, key=lambda line: keys.get(line.item, line.key))]
    at = order.index(item)
    beside = [order[at - 1] if at else 0, order[at + 1] if at + 1 < len(order) else 0]
    seen = dict(visible_items(access).filter(pk__in=beside).values_list("id", "key"))
    return seen.get(beside[0], ""), seen.get(beside[1], "")


def _weeks_until(day: str) -> float:
    return max((date.fromisoformat(day) - timezone.localdate()).days, 0) / 7


def pace_a_week(organization: int, home: int, standing: Standing) -> float:
    """Milli-points that the list's people do in a week."""
    if home > 0:
        days = Team.objects.for_organization(organization).values_list("iteration_days", flat=True).get(pk=home)
        return max(standing.paces.get(home, Pace(1000, 1000)).own / days * 7, 1)
    paces = Basis.objects.for_organization(organization).filter(team__train=-home).values_list("pace", "team__iteration_days")
    return max(sum(pace / days * 7 for pace, days in paces), 1)


def _named(shifts: Mapping[int, tuple[int, float]], access: Access) -> tuple[Later, ...]:
    """Those that lose most, by name where the reader sees them."""
    most = sorted(shifts, key=lambda pk: (-shifts[pk][0], pk))[:MOST_NAMED]
    seen = dict(visible_items(access).filter(pk__in=most).values_list("id", "key")) if most else {}
    return tuple(Later(seen.get(pk, ""), _weeks(shifts[pk][1])) for pk in most)


def _weeks(weeks: float) -> str:
    days = round(weeks * 7)
    if days < 14:
        return f"{days} {'day' if days == 1 else 'days'}" if days else "hours"
    return f"{short(weeks, 1)} weeks"
