"""What an override costs: the order of the lists it touches with it and without it, and who comes later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import compress
from time import monotonic
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from accounts.models import Team
from accounts.permissions import Access
from backlog.numbers import short
from backlog.permissions import visible_items
from prioritization.engine.overrides import Overrides
from prioritization.engine.price import Arrangement, Key, PricedList
from prioritization.engine.terms import prepare
from prioritization.models import Basis, Override
from prioritization.scoring import Pace, assumed_size, to_scored
from prioritization.selectors.basis import Standing, read_basis
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import Loaded, list_of, load_tied

MOST_NAMED = 3
SECONDS = 1.0


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
    is_idle: bool = False
    """One of its items is closed: it does nothing, and ends unless that is opened again within a day."""

    @property
    def words(self) -> str:
        if self.is_idle:
            return "It does nothing: its item is closed."
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


LIST = """
    SELECT p.item_id, p.band, p.falling, p.component, p.position,
           (greatest(coalesce(p.cost_of_delay, 0) - coalesce((SELECT sum(q.cost_of_delay) FROM backlog_item c
               JOIN backlog_placement q ON q.item_id = c.id WHERE c.parent_id = i.id), 0), 0) * 1000)::bigint,
           (i.job_size * 1000)::bigint, i.kind
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id WHERE p.{home} = %s
"""


def price_override(*, override: Override, access: Access) -> Price:
    """What this override, stored or only meant, changes beside all that stand otherwise. Writes nothing."""
    return price_overrides(overrides=[override], access=access)[0]


def price_overrides(*, overrides: Sequence[Override], access: Access) -> list[Price]:
    """What each of these overrides of one organization changes beside all that stand otherwise. Writes nothing.

    As many as are told within SECONDS, one at least: what is tied to an item may take long to rank. Items and lists are read once for all of
    them, each list whole.
    """
    if not overrides:
        return []
    ends = monotonic() + SECONDS
    organization = overrides[0].organization_id
    loaded = load_tied(organization, {pk for each in overrides for pk in (each.item_id, each.anchor_id) if pk is not None})
    standing = read_basis(organization, {row.team for row in loaded.rows if row.team is not None})
    ranked = {row.id for row in loaded.rows}
    is_acting = [each.item_id in ranked and (each.anchor_id is None or each.anchor_id in ranked) for each in overrides]
    lists, found = _Lists(organization, loaded, standing), list[_Priced]()
    parts = iter(_parts(loaded, list(compress(overrides, is_acting)), standing))
    for each, acts in zip(overrides, is_acting, strict=True):
        if found and monotonic() > ends:
            break
        found.append(_priced(each, next(parts), lists) if acts else _IDLE)
    named = {pk for each in found for pk in (*each.later, *each.between)}
    seen = dict(visible_items(access).filter(pk__in=named).values_list("id", "key")) if named else {}
    return [each.told(seen) for each in found]


class _Part:
    """What is tied together, and its order as it stands, solved when it is first asked for."""

    def __init__(self, loaded: Loaded, standing: Standing) -> None:
        self.loaded, self.standing = loaded, standing

    @cached_property
    def stands(self) -> Solved:
        return solve(self.loaded, self.standing)

    def under(self, override: Override, *, is_on: bool) -> Solved:
        """The order with the override, or without it."""
        overrides = _changed(self.loaded.overrides, override, is_on=is_on)
        return self.stands if overrides == self.loaded.overrides else solve(replace(self.loaded, overrides=overrides), self.standing)


def _parts(loaded: Loaded, overrides: Sequence[Override], standing: Standing) -> list[_Part]:
    """For each override what is tied to its items, by itself too."""
    if len(overrides) == 1:
        return [_Part(loaded, standing)]
    root = {row.id: row.id for row in loaded.rows}

    def find(item: int) -> int:
        while root[item] != item:
            root[item] = item = root[root[item]]
        return item

    meant = [(each.item_id, each.anchor_id) for each in overrides if each.anchor_id is not None]
    up = [(row.id, row.parent) for row in loaded.rows if row.parent is not None]
    for first, then in (*loaded.edges, *up, *meant, *loaded.overrides.above):
        if first in root and then in root:
            root[find(int(first))] = find(int(then))
    members: dict[int, set[int]] = {}
    for item in root:
        members.setdefault(find(item), set()).add(item)
    parts = {of: _Part(loaded.only(members[of]), standing) for of in {find(each.item_id) for each in overrides}}
    return [parts[find(each.item_id)] for each in overrides]


@dataclass(frozen=True)
class _Priced:
    """A price before its items have names. `later` says by id who loses most, and how many weeks."""

    amount: float
    places: tuple[int | None, int | None]
    delayed: int
    later: Mapping[int, float]
    between: tuple[int, int]
    resting: bool
    is_idle: bool = False

    def told(self, seen: Mapping[int, str]) -> Price:
        later = tuple(Later(seen.get(pk, ""), _weeks(weeks)) for pk, weeks in self.later.items())
        above, below = (seen.get(pk, "") for pk in self.between)
        return Price(self.amount, *self.places, self.delayed, later, (above, below), self.resting, self.is_idle)


_IDLE = _Priced(0, (None, None), 0, {}, (0, 0), resting=False, is_idle=True)


def _priced(override: Override, part: _Part, lists: "_Lists") -> _Priced:
    """What one override changes, in all lists in which something moves by it."""
    item, loaded = override.item_id, part.loaded
    without, with_it = part.under(override, is_on=False), part.under(override, is_on=True)
    before, after = _keys(without), _keys(with_it)
    own = list_of(next(row for row in loaded.rows if row.id == item))
    touched = {list_of(row) for row in loaded.rows if before[row.id] != after[row.id]} | {own}
    total, count, later = 0.0, 0, dict[int, tuple[float, float]]()
    places: tuple[int | None, int | None] = (None, None)
    between = (0, 0)
    for home in sorted(touched, key=lambda one: one != own):
        priced, pace = lists.read(home)
        holds = {int(pk): _weeks_until(day) * pace for pk, day in with_it.loaded.overrides.on_hold.items()}
        stands, would = priced.arranged(before, holds), priced.arranged(after, holds)
        delay, shift = priced.delayed(stands, would)
        total += delay / (1000 * pace)
        if home == own:
            places, between = _placed(priced.index.get(item), stands, would, priced)
            shift[priced.index.get(item, [])] = 0  # what it costs the item itself is told by its places
        count += int((shift > 0).sum())
        costs = np.where(shift > 0, shift * priced.weight, 0)
        for at in np.argsort(-costs, kind="stable")[:MOST_NAMED].tolist():
            if shift[at] > 0:
                later[priced.ids[at]] = float(costs[at]), float(shift[at]) / pace
    most = sorted(later, key=lambda pk: (-later[pk][0], pk))[:MOST_NAMED]
    resting = override.anchor_id is not None and (item, override.anchor_id) in with_it.overridden.resting
    return _Priced(total, places, count, {pk: later[pk][1] for pk in most}, between, resting)


def _placed(
    at: int | None, stands: Arrangement, would: Arrangement, priced: PricedList
) -> tuple[tuple[int | None, int | None], tuple[int, int]]:
    """The item's places in its list, and the ids of the items right above and below it afterwards, 0 for none."""
    if at is None:
        return (None, None), (0, 0)
    before, after = (int(np.flatnonzero(each.listed == at)[0]) for each in (stands, would))
    beside = [priced.ids[would.listed[near]] if 0 <= near < would.listed.size else 0 for near in (after - 1, after + 1)]
    return (before + 1, after + 1), (beside[0], beside[1])


class _Lists:
    """Lists and paces of an organization, each read when it is first asked for."""

    def __init__(self, organization: int, loaded: Loaded, standing: Standing) -> None:
        self.organization, self.standing = organization, standing
        problem = prepare(to_scored(loaded.rows, loaded.factors, standing.paces, standing.rules), loaded.edges, standing.medians)
        self.exact = {one.id: one.weight for one in problem.candidates}  # without boosts: they are wanted, not worth
        self.found: dict[int, tuple[PricedList, float]] = {}

    def read(self, home: int) -> tuple[PricedList, float]:
        """All items of the list with its pace in milli-points a week. Those loaded have their exact weight."""
        if home not in self.found:
            with connection.cursor() as cursor:
                cursor.execute(LIST.format(home="team_id" if home > 0 else "train_id"), [abs(home)])
                rows: list[tuple[Any, ...]] = cursor.fetchall()
            team = home if home > 0 else None
            priced = PricedList(
                (
                    row[0],
                    row[1:5],
                    self.exact.get(row[0], row[5]),
                    assumed_size(self.standing.medians, team=team, kind=row[7]) if row[6] is None else row[6],
                )
                for row in rows
            )
            self.found[home] = priced, pace_a_week(self.organization, home, self.standing)
        return self.found[home]


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
    return Overrides(pins, above, on_hold, boosts, frozen, overrides.ends)


def _keys(solved: Solved) -> dict[int, Key]:
    return {place.item: (place.band, -place.value, place.component, place.position) for place in solved.places}


def _weeks_until(day: str) -> float:
    return max((date.fromisoformat(day) - timezone.localdate()).days, 0) / 7


def pace_a_week(organization: int, home: int, standing: Standing) -> float:
    """Milli-points that the list's people do in a week."""
    if home > 0:
        days = Team.objects.for_organization(organization).values_list("iteration_days", flat=True).get(pk=home)
        return max(standing.paces.get(home, Pace(1000, 1000)).own / days * 7, 1)
    paces = Basis.objects.for_organization(organization).filter(team__train=-home).values_list("pace", "team__iteration_days")
    return max(sum(pace / days * 7 for pace, days in paces), 1)


def _weeks(weeks: float) -> str:
    days = round(weeks * 7)
    if days < 14:
        return f"{days} {'day' if days == 1 else 'days'}" if days else "hours"
    return f"{short(weeks, 1)} weeks"
