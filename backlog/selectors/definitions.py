"""The Definitions of Ready and of Done as a place reads them: its lines with who decided them, its versions, and what another definition would touch."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Organization, ReleaseTrain, Team
from backlog.kinds import Kind
from backlog.models import DefinitionVersion
from backlog.readiness import ORGANIZATION, READY, TEAM, TRAIN, Asked, Rule, computed_of, definition_of, judge
from backlog.selectors.narrowing import Home, fetch
from backlog.selectors.readiness import RULE, Asking, facts_of, followed, is_ready
from backlog.selectors.stale_filters import kinds_of_home

LOOKED = 100
"""Items of the order, of teams and of trains each, that a change is tried on."""


def level_of(asking: Asking) -> int:
    """How near a place decides."""
    return ORGANIZATION if isinstance(asking, Organization) else TRAIN if isinstance(asking, ReleaseTrain) else TEAM


class AskedLine(NamedTuple):
    """A line that some kind is asked or may be: the kinds asked, the level that brought it (None where it is usual), and nearer levels that
    changed it, each with the kinds it spoke of (none where it spoke of all).
    """

    code: str
    text: str
    kinds: frozenset[Kind]
    source: int | None
    changed: tuple[tuple[int, tuple[Kind, ...]], ...]


def lines_asked(kinds: Sequence[Kind], rules: tuple[Rule, ...], about: str = READY) -> tuple[list[AskedLine], Decimal | None]:
    """Every line of the definition, and the ceiling of the size."""
    definitions = {kind: definition_of(kind, rules, about) for kind in kinds}
    lines = [
        _line(code, [rule for rule in rules if rule.code == code], definitions)
        for code in (*computed_of(about), *dict.fromkeys(rule.code for rule in rules if rule.text))
    ]
    lines.sort(key=lambda line: -1 if line.source is None else line.source)
    ceiling = next((line.ceiling for each in definitions.values() for line in each if line.code == "size" and line.ceiling), None)
    return lines, ceiling


def _line(code: str, rules: Sequence[Rule], definitions: Mapping[Kind, Sequence[Asked]]) -> AskedLine:
    text = next((rule.text for rule in sorted(rules, key=lambda rule: -rule.nearness) if rule.text), "")
    source = min((rule.nearness for rule in rules), default=None) if text else None
    spoken: dict[int, set[str]] = {}
    for rule in rules:
        if rule.nearness != source:
            spoken.setdefault(rule.nearness, set()).add(rule.kind)
    changed = tuple(
        (level, () if "" in spoken[level] else tuple(kind for kind in definitions if kind in spoken[level])) for level in sorted(spoken)
    )
    return AskedLine(
        code,
        text,
        frozenset(kind for kind, lines in definitions.items() if any(line.code == code for line in lines)),
        source,
        tuple(each for each in changed if each[1] or "" in spoken[each[0]]),
    )


def list_versions(asking: Asking, about: str) -> list[tuple[int, DefinitionVersion]]:
    """The versions that the place follows with their numbers, newest first: its own changes, its train's and the organization's. One query."""
    params = followed(asking, about)
    rows = (
        DefinitionVersion.objects.for_organization(params["organization"])
        .filter(Q(team__isnull=True) | Q(team=params["team"]), Q(train__isnull=True) | Q(train=params["train"]), about=about)
        .select_related("changed_by", "team", "train")
        .order_by("id")
    )
    return list(enumerate(rows, start=2))[::-1]


# --- what a change would touch ------------------------------------------------------------------------


Definitions = Mapping[Kind, tuple[Asked, ...]]


class Standing(NamedTuple):
    """What a place asks, and what each list below it is asked, with the place's own where it is a list."""

    own: Definitions
    lists: Mapping[Home, Definitions]


class Touched(NamedTuple):
    """What another definition means. `lists`: those that are asked something else; `apart`: those that keep what they decided for themselves.
    `items`: open ones of `lists` that are asked something else; `started`: those under way, which keep what they were asked. Of the first
    `looked` open items, `ready` are ready now and `then` with the change.
    """

    lists: list[Home]
    apart: list[Home]
    items: int = 0
    started: int = 0
    looked: int = 0
    ready: int = 0
    then: int = 0


_ALL_SQL = f"SELECT team_id, train_id, {RULE} FROM backlog_readyrule WHERE organization_id = %(organization)s AND about = %(about)s"  # noqa: S608, own words


def list_standing(asking: Asking, about: str) -> Standing:
    """What is asked now at the place and below. At most three queries, however many lists."""
    params = followed(asking, about)
    rows = [(team, train, Rule._make(rule)) for team, train, *rule in fetch(_ALL_SQL, params)]

    def asked(place: Asking, kinds: Iterable[Kind]) -> Definitions:
        follows = followed(place, about)
        rules = tuple(rule for team, train, rule in rows if team in (None, follows["team"]) and train in (None, follows["train"]))
        return {kind: definition_of(kind, rules, about) for kind in kinds}

    return Standing(asked(asking, Kind), {home: asked(home, kinds_of_home(home)) for home in _lists_below(asking)})


def _lists_below(asking: Asking) -> list[Home]:
    """A team is its own list; a train has one and its teams'. The train of a lone team, which pages do not show, has none to speak of."""
    if isinstance(asking, Team):
        return [asking]
    if isinstance(asking, ReleaseTrain):
        return [asking, *Team.objects.for_organization(asking.organization_id).filter(train=asking).order_by("name")]
    trains = ReleaseTrain.objects.for_organization(asking.pk).filter(is_hidden=False).order_by("name")
    return [*trains, *Team.objects.for_organization(asking.pk).order_by("name")]


def _changes(before: Definitions, after: Definitions) -> set[Kind]:
    """The kinds that are asked something else, whoever asks it."""
    return {
        kind
        for kind, lines in after.items()
        if {line._replace(by=None) for line in before[kind]} != {line._replace(by=None) for line in lines}
    }


def measure_change(*, organization_id: int, about: str, before: Standing, after: Standing) -> Touched:
    """What it means that a place asks `after` instead of `before`. Three statements for teams and three for trains."""
    spoken = _changes(before.own, after.own)
    kinds = {home: _changes(before.lists[home], after.lists[home]) for home in after.lists}
    touched = [home for home in kinds if kinds[home]]
    told = Touched(touched, [home for home in kinds if not kinds[home] and spoken & {*after.lists[home]}])
    for column in ("team_id", "train_id"):
        homes = {home.pk: home for home in touched if isinstance(home, Team) == (column == "team_id")}
        if homes:
            pairs = [(pk, kind.value) for pk, home in homes.items() for kind in kinds[home]]
            told = _count(told, organization_id, column, pairs)
            if about == READY:
                told = _try(told, organization_id, column, pairs, homes, before, after)
    return told


_PAIRS = "(i.{column}, i.kind) IN (SELECT * FROM unnest(%(homes)s::bigint[], %(kinds)s::text[])) AND i.{column} = ANY(%(homes)s)"
_COUNT_SQL = f"""
SELECT count(*) FILTER (WHERE i.status = 'open'), count(*) FILTER (WHERE i.status <> 'open')
FROM backlog_item i WHERE i.organization_id = %(organization)s AND {_PAIRS} AND i.status IN ('open', 'planned', 'in_progress')
"""  # noqa: S608, own words
_FIRST_SQL = f"""
SELECT i.key, i.{{column}} FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id
WHERE i.organization_id = %(organization)s AND p.{{column}} = ANY(%(homes)s) AND {_PAIRS} AND i.status = 'open'
ORDER BY p.band, p.falling, p.component, p.position LIMIT {LOOKED}
"""  # noqa: S608, own words


def _params(organization_id: int, pairs: Sequence[tuple[int, str]]) -> dict[str, object]:
    return {"organization": organization_id, "homes": [pk for pk, _ in pairs], "kinds": [kind for _, kind in pairs]}


def _count(told: Touched, organization_id: int, column: str, pairs: Sequence[tuple[int, str]]) -> Touched:
    ((items, started),) = fetch(_COUNT_SQL.format(column=column), _params(organization_id, pairs))
    return told._replace(items=told.items + items, started=told.started + started)


def _try(
    told: Touched,
    organization_id: int,
    column: str,
    pairs: Sequence[tuple[int, str]],
    homes: Mapping[int, Home],
    before: Standing,
    after: Standing,
) -> Touched:
    """How many of the first items are ready now, and with the change."""
    of_home = {key: homes[pk] for key, pk in fetch(_FIRST_SQL.format(column=column), _params(organization_id, pairs))}
    ready = then = 0
    for key, facts, marks, _ in facts_of(organization_id=organization_id, keys=[*of_home]):
        ready += is_ready(judge(before.lists[of_home[key]][Kind(facts.kind)], facts, marks))
        then += is_ready(judge(after.lists[of_home[key]][Kind(facts.kind)], facts, marks))
    return told._replace(looked=told.looked + len(of_home), ready=told.ready + ready, then=told.then + then)
