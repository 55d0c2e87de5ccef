"""What a draft of changes, or another way to score, would do to a list: the order that applying it would give, and who moves.

Only what is tied to a changed item is computed again, as a person's edit would: everything else keeps the key that stands.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.models import Band
from prioritization.changes import What
from prioritization.engine.drift import kendall_tau, order_cost, top_overlap
from prioritization.engine.types import Candidate, ItemId
from prioritization.models import Basis
from prioritization.scoring import Choice, assumed_size, in_milli
from prioritization.selectors.basis import Standing, read_basis
from prioritization.selectors.interleaving import interleaved, shares_of
from prioritization.selectors.problems import Key, Solved, fresh_places, key_of, solve
from prioritization.selectors.rows import Loaded, load_tied
from prioritization.selectors.tried import Tried
from prioritization.selectors.tried_rules import choices_tried, goals_tried, served_by, shares_tried, with_goals

FAR = 5
WINDOW = 16
TOP = 20
MOST_KEPT = 100
STEPS = 4
"""Of working out: what is tied is read, today's order, the other one, both beside each other."""
ITERATIONS_AHEAD = 2
Home = Team | ReleaseTrain


class Listed(NamedTuple):
    """A row of the list as it stands. Cost and size in milli-units."""

    id: int
    key: str
    title: str
    kind: str
    size: int | None
    cost: int
    order: Key


@dataclass(frozen=True)
class Mover:
    """An item with its place before and after, counted from 1, and why it moves."""

    key: str
    title: str
    before: int
    after: int
    cause: str = ""
    tier: str = ""  # enters, leaves: the next two sprints


@dataclass(frozen=True)
class Outcome:
    """What would be otherwise in the list. `movers` come by the higher of both places."""

    total: int
    moving: int
    far: int
    """Items that move FAR places or more."""
    movers: list[Mover]
    tau: float = 1.0
    overlap: float = 1.0
    cost_ratio: float = 1.0
    """What the order that stands would cost, over what the new one would, if the changes were so."""
    share_price: float | None = None
    """What the shares that are tried cost in delay, over the order without any, less 1; None where none are tried."""
    cut_before: int = 0
    """How many items the next two sprints hold, with those in progress."""
    cut_after: int = 0
    start: int = 1
    window: list[Mover] = field(default_factory=list)
    """All items that stand, before or after, within WINDOW places from `start` on, also those that do not move."""
    top: list[Mover] = field(default_factory=list)
    """All items that are among the first TOP, before or after."""

    @property
    def entering(self) -> list[Mover]:
        return [mover for mover in self.movers if mover.tier == "enters"]

    @property
    def leaving(self) -> list[Mover]:
        return [mover for mover in self.movers if mover.tier == "leaves"]

    def keep(self) -> dict[str, Any]:
        """As a draft keeps it; of the movers the first MOST_KEPT."""
        return asdict(replace(self, movers=self.movers[:MOST_KEPT]))

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        lists = {name: [Mover(**each) for each in kept.get(name, ())] for name in ("movers", "window", "top")}
        return cls(**{**kept, **lists})


def work_out(
    *,
    home: Home,
    tried: Sequence[Tried],
    at_most: int,
    choices: Mapping[str, Choice] | None = None,
    on_step: Callable[[int], object] = lambda done: None,
) -> Outcome:
    """The order of the home's list with the changes that are not void, and its kinds scored by these choices instead of those that stand.

    `on_step` hears how many of the STEPS but the last are done. Raises TooManyError where more than `at_most` items are tied to what would be otherwise.
    """
    changes = [each for each in tried if not each.void]
    choices = {**(choices or {}), **choices_tried(changes)}
    weights = goals_tried(changes)
    listed = list_rows(home)
    changed = {item.pk for each in changes for item in (each.item, each.other) if item is not None}
    rescored = {row.id for row in listed if row.kind in choices}
    served = served_by(home, weights) if weights else {}
    seeds = changed | rescored | served.keys()
    loaded = load_tied(home.organization_id, seeds, at_most=at_most) if seeds else Loaded([], {}, {}, [], [])
    standing = read_basis(home.organization_id, {row.team for row in loaded.rows if row.team is not None} | _own_team(home))
    edited, ruled = _edited(loaded, changes), under(standing, home, choices)
    if weights:
        ruled = replace(ruled, rules=with_goals(ruled.rules, home.organization_id, weights))
    on_step(1)
    before = solve(loaded, standing)
    on_step(2)
    after = solve(edited, ruled)
    on_step(3)
    fresh = fresh_places(before, after)
    order_before = [row.id for row in listed]
    is_kept = {row.id for row in listed if row.order[0] == Band.NOW and row.id not in changed}  # what is under way moves by hand alone
    keys = {row.id: key_of(fresh[row.id]) if row.id in fresh and row.id not in is_kept else row.order for row in listed}
    order_after = sorted(order_before, key=keys.__getitem__)
    causes = _causes([each for each in changes if each.item is not None], before, after)
    sources = [item for item in order_before if item in causes]
    for item, why in (*served.items(), *((row.id, _rescored(row, home, standing, choices)) for row in listed if row.id in rescored)):
        if item in fresh:
            causes.setdefault(item, why)
    new = {row.id: row for row in edited.rows}
    rows = [row._replace(size=new[row.id].size, cost=fresh[row.id].cost_of_delay or 0) if row.id in fresh else row for row in listed]
    otherwise = "others are scored otherwise" if rescored else "others serve a goal that weighs otherwise" if served else ""
    moved = _Moved(order_before, order_after, keys, causes, sources, otherwise)
    shares = shares_tried(changes)
    if shares is not None:
        moved = _in_turn(home, moved, rows, listed, standing, changes, shares)
    return _compare(home, rows, moved, standing, listed)


def _in_turn(
    home: Home,
    moved: "_Moved",
    rows: Sequence[Listed],
    listed: Sequence[Listed],
    standing: Standing,
    changes: Sequence[Tried],
    shares: Mapping[str, int],
) -> "_Moved":
    """Both orders as the balanced view has them: under the shares that are kept, and under those that are tried."""
    gone = {(each.other.pk, each.item.pk) for each in changes if each.other is not None and each.item is not None}
    kinds = {row.id: row.kind for row in rows}
    bands = {row.id: row.order[0] for row in listed}
    before, _ = interleaved(home, moved.before, bands, kinds, {row.id: _size(row, home, standing) for row in listed}, shares_of(home))
    bands_after = {item: key[0] for item, key in moved.keys.items()}
    sizes = {row.id: _size(row, home, standing) for row in rows}
    after, _ = interleaved(home, moved.after, bands_after, kinds, sizes, shares, without=gone)
    return replace(moved, before=before, after=after, computed=moved.after, otherwise=moved.otherwise or "classes get other shares")


def _rescored(row: Listed, home: Home, standing: Standing, choices: Mapping[str, Choice]) -> str:
    choice = choices[row.kind]
    is_same = standing.rules.choice(_place(home), row.kind).model == choice.model
    return f"{choice.declared.label} weighs otherwise" if is_same else f"scored by {choice.declared.label}"


def _place(home: Home) -> tuple[int | None, int | None]:
    return (home.pk, None) if isinstance(home, Team) else (None, home.pk)


def under(standing: Standing, home: Home, choices: Mapping[str, Choice]) -> Standing:
    """What an order stands on, with kinds of one backlog scored otherwise; medians and paces stay those of the night."""
    return replace(standing, rules=standing.rules.with_choices(_place(home), choices)) if choices else standing


def _own_team(home: Home) -> set[int]:
    return {home.pk} if isinstance(home, Team) else set()


_LIST = """
    SELECT i.id, i.key, i.title, i.kind, (i.job_size * 1000)::bigint, coalesce((p.cost_of_delay * 1000)::bigint, 0),
           p.band, p.falling, p.component, p.position
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id
    WHERE p.{home} = %s ORDER BY p.band, p.falling, p.component, p.position
"""


def list_rows(home: Home) -> list[Listed]:
    """The whole list in the order that stands."""
    with connection.cursor() as cursor:
        cursor.execute(_LIST.format(home="team_id" if isinstance(home, Team) else "train_id"), [home.pk])
        return [Listed._make((*row[:6], row[6:])) for row in cursor.fetchall()]


def _edited(loaded: Loaded, changes: Iterable[Tried]) -> Loaded:
    """The rows as they would be."""
    sizes: dict[int, int | None] = {}
    factors = {item: dict(scores) for item, scores in loaded.factors.items()}
    gone: set[tuple[int, int]] = set()
    for each in changes:
        if each.item is None:
            continue
        item, value = each.item.pk, in_milli(Decimal(each.change.value)) if each.change.value else None
        if each.change.what == What.SIZE:
            sizes[item] = value
        elif each.change.what == What.SCORE:
            scores = factors.setdefault(item, {})
            scores.pop(each.change.name, None)
            if value is not None:
                scores[each.change.name] = value
        elif each.other is not None:
            gone.add((each.other.pk, item))
    rows = [row._replace(size=sizes[row.id]) if row.id in sizes else row for row in loaded.rows]
    return replace(loaded, rows=rows, factors=factors, edges=[edge for edge in loaded.edges if edge not in gone])


def _causes(changes: Sequence[Tried], before: Solved, after: Solved) -> dict[int, str]:
    """For each item whose value or band would be another one the change that does it: its own, or that of an item tied to it."""
    causes: dict[int, str] = {}
    for each in changes:
        if each.item is not None:
            causes[each.item.pk] = f"{causes[each.item.pk]}, {each.sentence}" if each.item.pk in causes else each.sentence
    named = {item.pk: item.key for each in changes for item in (each.item, each.other) if item is not None}
    was = {place.item: (place.band, place.value) for place in before.places}
    differing = {place.item for place in after.places if (place.band, place.value) != was[place.item]}
    for solved in (before, after):
        tied: dict[int, set[str]] = {}
        for place in solved.places:
            if place.item in named:
                tied.setdefault(place.component, set()).add(named[place.item])
        for place in solved.places:
            if place.item in differing and place.item not in causes and place.component in tied:
                causes[place.item] = f"tied to {', '.join(sorted(tied[place.component])[:3])}"
    return causes


def _passing(item: int, before: Mapping[int, int], after: Mapping[int, int], sources: Iterable[int], names: Mapping[int, str]) -> str:
    """Which items with a cause of their own change sides with this one, in words; empty where none does."""
    falls = [names[other] for other in sources if before[other] < before[item] and after[other] > after[item]]
    rises = [names[other] for other in sources if before[other] > before[item] and after[other] < after[item]]
    parts = [f"{_some(keys)} {'falls' if len(keys) == 1 else 'fall'} behind it" for keys in (falls,) if keys]
    parts += [f"{_some(keys)} {'rises' if len(keys) == 1 else 'rise'} above it" for keys in (rises,) if keys]
    return ", ".join(parts)


def _some(keys: Sequence[str]) -> str:
    return " and ".join(keys) if len(keys) < 3 else f"{keys[0]} and {len(keys) - 1} more"


@dataclass(frozen=True)
class _Moved:
    """Both orders with the new keys, and why items move: causes of their own, and those among them that others pass."""

    before: Sequence[int]
    after: Sequence[int]
    keys: Mapping[int, Key]
    causes: Mapping[int, str]
    sources: Collection[int]
    otherwise: str
    """Said of what moves only because others do."""
    computed: Sequence[int] = ()
    """The order afterwards without shares of classes, where these are tried."""


def _compare(home: Home, rows: Sequence[Listed], moved: _Moved, standing: Standing, listed: Sequence[Listed]) -> Outcome:
    before, after, keys = moved.before, moved.after, moved.keys
    by_id = {row.id: row for row in rows}
    sizes = {row.id: _size(row, home, standing) for row in rows}
    room = ITERATIONS_AHEAD * pace_of(home, standing)
    bands = {row.id: row.order[0] for row in listed}
    next_before = next_tier(before, bands, {row.id: _size(row, home, standing) for row in listed}, room)
    next_after = next_tier(after, {item: key[0] for item, key in keys.items()}, sizes, room)
    place_before = {item: at for at, item in enumerate(before, 1)}
    place_after = {item: at for at, item in enumerate(after, 1)}
    names = {row.id: row.key for row in rows}
    entering, leaving = next_after - next_before, next_before - next_after

    def mover(at: int, item: int) -> Mover:
        tier = "enters" if item in entering else "leaves" if item in leaving else ""
        cause = moved.causes.get(item, "")
        if not cause and place_after[item] != at:
            cause = _passing(item, place_before, place_after, moved.sources, names) or moved.otherwise or "keeps its place among the others"
        return Mover(by_id[item].key, by_id[item].title, at, place_after[item], cause, tier)

    movers = [mover(at, item) for at, item in enumerate(before, 1) if place_after[item] != at or item in entering or item in leaving]
    movers.sort(key=lambda each: (min(each.before, each.after), each.after))
    start = max(1, min(movers[0].before, movers[0].after) - 2) if movers else 1

    def between(first: int, end: int) -> list[Mover]:
        return [mover(at, item) for at, item in enumerate(before, 1) if first <= at < end or first <= place_after[item] < end]

    candidates: dict[ItemId, Candidate] = {
        row.id: Candidate(row.id, {"cost": row.cost}, sizes[row.id]) for row in rows if keys[row.id][0] <= Band.NORMAL
    }
    ranked_before = [item for item in before if item in candidates]
    ranked_after = [item for item in after if item in candidates]
    cost = order_cost(ranked_after, candidates)
    return Outcome(
        total=len(before),
        moving=len(movers),
        far=sum(abs(mover.before - mover.after) >= FAR for mover in movers),
        movers=movers,
        tau=kendall_tau(before, after),
        overlap=top_overlap(before, after),
        cost_ratio=order_cost(ranked_before, candidates) / cost if cost else 1.0,
        share_price=cost / order_cost([item for item in moved.computed if item in candidates], candidates) - 1
        if moved.computed and cost
        else None,
        cut_before=max((at for at, item in enumerate(before, 1) if item in next_before), default=0),
        cut_after=max((place_after[item] for item in next_after), default=0),
        start=start,
        window=between(start, start + WINDOW),
        top=between(1, TOP + 1),
    )


def _size(row: Listed, home: Home, standing: Standing) -> int:
    if row.size is not None:
        return row.size
    return assumed_size(standing.medians, team=home.pk if isinstance(home, Team) else None, kind=row.kind)


def pace_of(home: Home, standing: Standing) -> int:
    """Milli-points an iteration of the team, or of all teams of the train."""
    if isinstance(home, Team):
        return standing.paces[home.pk].own if home.pk in standing.paces else home.points_per_iteration * 1000
    return sum(Basis.objects.for_organization(home.organization_id).filter(team__train=home).values_list("pace", flat=True))


def next_tier(order: Sequence[int], bands: Mapping[int, int], sizes: Mapping[int, int], room: int) -> set[int]:
    """The items behind Now that fit the room; the first of them fits always."""
    chosen: set[int] = set()
    used = 0
    for item in order:
        if bands[item] == Band.NOW:
            continue
        if bands[item] > Band.NORMAL or (chosen and used + sizes[item] > room):
            break
        chosen.add(item)
        used += sizes[item]
    return chosen
