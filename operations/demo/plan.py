"""What the demo organization holds, as plain rows from a seed: the same seed gives the same backlog."""

import random
from dataclasses import dataclass, field
from decimal import Decimal

from backlog.kinds import Kind
from operations.demo import words
from operations.demo.words import TeamWords, TrainWords
from prioritization.scoring import factor_specs

LONG_AGO = 150
"""What is done or removed was there before all of the demo's past."""
OLD_ENOUGH = 12
"""What is under way was there when its sprint began."""
YOUNG = 43
"""What came within the past stands alone yet."""
ITEMS_A_TEAM = 1_000  # a larger demo gets more teams, as a larger company would
KIND_SHARES = {
    Kind.STORY: 52,
    Kind.BUG: 16,
    Kind.TECH_DEBT: 9,
    Kind.DESIGN_CHANGE: 7,
    Kind.USER_REQUEST: 8,
    Kind.RETRO_ACTION: 3,
    Kind.SPIKE: 5,
}
STATUS_SHARES = {"open": 72, "done": 24, "removed": 4}
SIZES = tuple(Decimal(size) for size in (1, 2, 3, 5, 8, 13, 20))
SIZE_WEIGHTS = (10, 20, 28, 22, 13, 5, 2)


@dataclass
class PlannedItem:
    """One row to be. `parent` is an index into the plan; `age` is in days."""

    index: int
    kind: Kind
    title: str
    description: str
    train: int | None
    team: int | None
    parent: int | None
    channel: str
    status: str
    job_size: Decimal | None
    age: int
    demand: int = 0
    is_dormant: bool = False
    iteration: int | None = None  # of the team: negative is past, 0 the active one
    goal: int | None = None  # an index into the words' goals
    details: dict[str, str] = field(default_factory=dict)
    factors: dict[str, Decimal] = field(default_factory=dict)
    criteria: list[str] = field(default_factory=list)


@dataclass
class Plan:
    trains: list[TrainWords]
    teams: list[tuple[int, TeamWords]]  # (train index, words)
    items: list[PlannedItem]
    edges: list[tuple[int, int]]  # (blocker, blocked)


def make_plan(*, items: int, seed: int = 7, teams: int | None = None) -> Plan:
    """Plan about `items` rows; by default eight teams, more above 8,000 items. `teams=1` puts everything into one backlog."""
    rng = random.Random(seed)  # noqa: S311  # a demo, not a secret
    trains, team_list = _places(items, teams)
    plan = Plan(trains, team_list, [], [])
    for train_index, train in enumerate(trains):
        _plan_train(plan, rng, train_index, train, share=items / len(trains))
    _plan_dependencies(plan, rng)
    _plan_goals(plan, random.Random(seed))  # noqa: S311
    return plan


def _places(items: int, teams: int | None) -> tuple[list[TrainWords], list[tuple[int, TeamWords]]]:
    base = [(train, team) for train in words.TRAINS for team in train.teams]
    wanted = teams or max(len(base), items // ITEMS_A_TEAM)
    trains: list[TrainWords] = []
    placed: list[tuple[int, TeamWords]] = []
    for number in range(wanted):
        lap, position = divmod(number, len(base))
        train, team = base[position]
        if position % 4 == 0 or not trains:
            trains.append(_numbered_train(train, lap))
        placed.append((len(trains) - 1, _numbered_team(team, lap)))
    return trains, placed


def _numbered_train(train: TrainWords, lap: int) -> TrainWords:
    if not lap:
        return train
    return TrainWords(f"{train.name} {lap + 1}", f"{train.slug}-{lap + 1}", f"{train.prefix}{lap + 1}", train.epics, train.teams)


def _numbered_team(team: TeamWords, lap: int) -> TeamWords:
    if not lap:
        return team
    return TeamWords(f"{team.name} {lap + 1}", f"{team.slug}-{lap + 1}", f"{team.prefix}{lap + 1}", team.features, team.things, team.parts)


def _plan_train(plan: Plan, rng: random.Random, train_index: int, train: TrainWords, share: float) -> None:
    epics = [_add_parent(plan, rng, Kind.EPIC, title, train_index, None) for title in train.epics]
    teams = [(index, team) for index, (home, team) in enumerate(plan.teams) if home == train_index]
    a_team = max(1, round((share - len(epics)) / len(teams)))
    for team_index, team in teams:
        features = []
        for number in range(max(1, a_team // 30)):
            lap, position = divmod(number, len(team.features))
            title = team.features[position] + (f" {words.REGIONS[(lap - 1) % len(words.REGIONS)]}" if lap else "")
            features.append(_add_parent(plan, rng, Kind.FEATURE, title, train_index, rng.choice(epics)))
        _plan_team(plan, rng, team_index, team, features, a_team - len(features))


def _add_parent(plan: Plan, rng: random.Random, kind: Kind, title: str, train: int, parent: int | None) -> int:
    index = len(plan.items)
    plan.items.append(
        PlannedItem(
            index=index,
            kind=kind,
            title=title,
            description=f"{title}: so that people reach their aim without asking us.",
            train=train,
            team=None,
            parent=parent,
            channel="art",
            status="open",
            job_size=Decimal(rng.choice((100, 150, 200, 300))) if kind == Kind.EPIC else Decimal(rng.choice((20, 40, 60, 80))),
            age=rng.randint(120, 400),
            factors=_score(rng, kind, chance=0.9),
        )
    )
    return index


def _plan_team(plan: Plan, rng: random.Random, team_index: int, team: TeamWords, features: list[int], count: int) -> None:
    kinds = rng.choices(list(KIND_SHARES), weights=list(KIND_SHARES.values()), k=count)
    statuses = rng.choices(list(STATUS_SHARES), weights=list(STATUS_SHARES.values()), k=count)
    room = Decimal(19)  # the active iteration holds about this much
    for kind, status in zip(kinds, statuses, strict=True):
        item = _leaf(plan, rng, team_index, team, features, kind, status)
        if status == "open" and item.job_size and item.job_size <= min(room, Decimal(5)) and rng.random() < 0.3:
            room -= item.job_size
            item.status, item.iteration, item.is_dormant = rng.choice(("planned", "in_progress")), 0, False
            item.age = max(item.age, OLD_ENOUGH)
        elif status == "done":
            item.iteration = -rng.randint(1, 6)
        if status != "open":
            item.age = max(item.age, LONG_AGO)
        if item.age < YOUNG:
            item.parent = None
        plan.items.append(item)


def _leaf(plan: Plan, rng: random.Random, team_index: int, team: TeamWords, features: list[int], kind: Kind, status: str) -> PlannedItem:
    thing, part = rng.choice(team.things), rng.choice(team.parts)
    where = rng.choice(words.WHERE) + (f" {rng.choice(words.REGIONS)}" if rng.random() < 0.25 else "")
    title = rng.choice(words.TITLES[kind]).format(thing=thing, Thing=thing.capitalize(), part=part, where=where)
    role, benefit = rng.choice(words.ROLES), rng.choice(words.BENEFITS)
    details: dict[str, str] = {}
    if kind == Kind.STORY:
        details = {"role": role, "want": title[0].lower() + title[1:], "benefit": benefit}
    elif kind == Kind.BUG:
        details = {
            "severity": rng.choice(("cosmetic", "minor", "major", "critical")),
            "steps": f"Open the page, change the {thing}, go back.",
        }
    channel = "stakeholder" if kind == Kind.USER_REQUEST else rng.choices(("team", "art"), (70, 30))[0]
    is_sized = status == "done" or rng.random() < 0.78
    return PlannedItem(
        index=len(plan.items),
        kind=kind,
        title=title,
        description=f"The {thing} is where people stop. Once this is done, {benefit}.",
        train=None,
        team=team_index,
        parent=rng.choice(features) if kind in (Kind.STORY, Kind.DESIGN_CHANGE) and rng.random() < 0.65 else None,
        channel=channel,
        status=status,
        job_size=rng.choices(SIZES, SIZE_WEIGHTS)[0] if is_sized else None,
        age=rng.randint(1, 420),
        demand=rng.randint(1, 30) if kind == Kind.USER_REQUEST else 0,
        is_dormant=status == "open" and rng.random() < 0.05,
        details=details,
        factors=_score(rng, kind, chance=0.78),
        criteria=[rng.choice(words.CRITERIA).format(thing=thing) for _ in range(rng.choice((0, 0, 1, 2, 3)))] if kind == Kind.STORY else [],
    )


def _score(rng: random.Random, kind: Kind, chance: float) -> dict[str, Decimal]:
    """Most items are scored, some in part, some not at all: as in life."""
    if rng.random() > chance:
        return {}
    scores = {}
    for factor in factor_specs(kind):
        if factor.is_optional:
            continue
        if rng.random() < 0.95:
            weights = [len(factor.scale) - abs(i - len(factor.scale) // 2) for i in range(len(factor.scale))]
            scores[factor.name] = rng.choices(factor.scale, weights)[0]
    return scores


def _plan_dependencies(plan: Plan, rng: random.Random) -> None:
    """A tenth as many dependencies as items: most inside a feature or a team, some across. An edge leads from the earlier to the later item, so none closes a cycle."""
    by_team: dict[int, list[PlannedItem]] = {}
    for item in plan.items:
        if item.team is not None and item.status == "open" and not item.is_dormant:
            by_team.setdefault(item.team, []).append(item)
    seen: set[tuple[int, int]] = set()
    for team, items in by_team.items():
        for _ in range(len(items) // 10):
            here = rng.choice(items)
            train = plan.teams[team][0]
            neighbours = [t for t in by_team if plan.teams[t][0] == train]
            there = rng.choice(by_team[team if rng.random() < 0.75 else rng.choice(neighbours)])
            edge = (min(here.index, there.index), max(here.index, there.index))
            if edge[0] != edge[1] and edge not in seen:
                seen.add(edge)
    plan.edges.extend(sorted(seen))


def _plan_goals(plan: Plan, rng: random.Random) -> None:
    """Epics serve the goal of their title, and what is below them follows; some of what stands alone serves one of its train's."""
    of_title = {title: number for number, goal in enumerate(words.GOALS) for title in goal.epics}
    of_train: dict[int, set[int]] = {}
    for item in plan.items:
        if item.kind == Kind.EPIC and item.title in of_title:
            item.goal = of_title[item.title]
            of_train.setdefault(item.train or 0, set()).add(item.goal)
    over = [number for number, goal in enumerate(words.GOALS) if goal.is_over]
    for item in plan.items:
        if item.team is not None and item.parent is None and rng.random() < 0.3:
            home = plan.teams[item.team][0]
            item.goal = rng.choice(over if item.status == "done" and rng.random() < 0.2 else sorted(of_train.get(home, over)))
