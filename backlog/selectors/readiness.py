"""Which lines of the Definitions of Ready and of Done hold for items: two statements, however many items. And how the definitions changed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.models import Organization, ReleaseTrain, Team
from backlog.kinds import Kind
from backlog.models import DefinitionSnapshot, DefinitionVersion, Item
from backlog.models.item import STARTED, Status
from backlog.models.placement import Band
from backlog.readiness import DONE, READY, TELLS, Facts, Line, Marks, Rule, computed_of, definition_of, judge, read_lines
from backlog.selectors.narrowing import Home, column_of, fetch

Asking = Organization | Team | ReleaseTrain
"""Who asks for lines: a list, or the organization for all of its lists."""

_FOLLOWED = "(team_id IS NULL OR team_id = %(team)s) AND (train_id IS NULL OR train_id = %(train)s)"
_RULE = "(team_id IS NOT NULL OR train_id IS NOT NULL)::int, kind, code, is_asked, text, ceiling"
_RULES_SQL = f"""
SELECT {_RULE} FROM backlog_readyrule WHERE organization_id = %(organization)s AND about = %(about)s AND {_FOLLOWED} ORDER BY id
"""  # noqa: S608, own words
_ALL_RULES_SQL = f"SELECT about, {_RULE} FROM backlog_readyrule WHERE organization_id = %(organization)s AND {_FOLLOWED} ORDER BY id"  # noqa: S608, own words
_VERSIONS_SQL = f"""
SELECT about, count(*) FROM backlog_definitionversion WHERE organization_id = %(organization)s AND {_FOLLOWED} GROUP BY about
"""  # noqa: S608, own words
_MARKS_SQL = """(SELECT json_object_agg(m.code, CASE WHEN m.is_waiver THEN m.reason || coalesce(' (' || u.name || ')', '') END)
          FROM backlog_readymark m LEFT JOIN accounts_user u ON u.id = m.set_by_id WHERE m.item_id = i.id)"""
_SNAPSHOT_SQL = """CASE WHEN i.status IN ('planned', 'in_progress', 'done')
            THEN (SELECT s.lines::text FROM backlog_definitionsnapshot s WHERE s.item_id = i.id AND s.about = %(about)s) END"""
_OPEN_BLOCKERS_SQL = """(SELECT count(*) FROM backlog_dependency d JOIN backlog_item b ON b.id = d.blocker_id
         WHERE d.blocked_id = i.id AND d.kind = 'blocks' AND b.status NOT IN ('done', 'removed', 'proposed'))"""
_FACTS_SQL = f"""
SELECT i.key, i.kind, i.job_size, i.details,
       i.kind = 'design_change' AND EXISTS (SELECT FROM backlog_attachment f WHERE f.item_id = i.id AND f.removed_at IS NULL),
       coalesce(NOT p.is_assumed AND p.band <> %(unscored)s, false),
       (SELECT ARRAY[count(*), count(*) FILTER (WHERE c.form = 'gherkin' OR c.is_broken), count(*) FILTER (WHERE c.is_broken)]
          FROM backlog_criterion c WHERE c.item_id = i.id),
       {_OPEN_BLOCKERS_SQL},
       (SELECT count(*) FROM backlog_question q WHERE q.item_id = i.id AND q.answered_at IS NULL),
       i.readied_at IS NOT NULL,
       {_MARKS_SQL},
       {_SNAPSHOT_SQL}
FROM backlog_item i LEFT JOIN backlog_placement p ON p.item_id = i.id
WHERE i.organization_id = %(organization)s AND i.key = ANY(%(keys)s)
"""  # noqa: S608, own words
_DONE_FACTS_SQL = f"""
SELECT i.key, i.kind,
       (SELECT count(*) FROM backlog_task t WHERE t.item_id = i.id AND NOT t.is_done),
       (SELECT count(*) FROM backlog_item c WHERE c.parent_id = i.id AND c.status NOT IN ('done', 'removed')),
       {_OPEN_BLOCKERS_SQL},
       {_MARKS_SQL},
       {_SNAPSHOT_SQL}
FROM backlog_item i WHERE i.organization_id = %(organization)s AND i.key = ANY(%(keys)s)
"""  # noqa: S608, own words


def _followed(asking: Asking, about: str) -> dict[str, Any]:
    return {
        "organization": asking.pk if isinstance(asking, Organization) else asking.organization_id,
        "team": asking.pk if isinstance(asking, Team) else None,
        "train": asking.pk if isinstance(asking, ReleaseTrain) else None,
        "about": about,
    }


def list_rules(asking: Asking, about: str = READY) -> tuple[Rule, ...]:
    """What the organization and this list decided over the defaults of the definition."""
    return tuple(Rule._make(row) for row in fetch(_RULES_SQL, _followed(asking, about)))


def list_holding(home: Home) -> dict[str, tuple[int, tuple[Rule, ...]]]:
    """What holds in the list now: for `ready` and for `done` the number of the version (1 where nobody changed it yet), and the rules. Two
    statements.
    """
    params = _followed(home, "")
    numbers = dict(fetch(_VERSIONS_SQL, params))
    rules: dict[str, list[Rule]] = {}
    for about, *rule in fetch(_ALL_RULES_SQL, params):
        rules.setdefault(about, []).append(Rule._make(rule))
    return {about: (1 + numbers.get(about, 0), tuple(rules.get(about, ()))) for about in (READY, DONE)}


def readiness_of(*, home: Home, keys: Sequence[str]) -> dict[str, tuple[Line, ...]]:
    """The lines of each of these items of the list, by key. Two statements."""
    if not keys:
        return {}
    rules = list_rules(home)
    definitions = {kind.value: definition_of(kind, rules) for kind in Kind}
    found: dict[str, tuple[Line, ...]] = {}
    params = {"organization": home.organization_id, "keys": list(keys), "unscored": Band.UNSCORED, "about": READY}
    for key, kind, size, details, has_file, is_valued, criteria, blockers, questions, is_agreed, marks, snapshot in fetch(
        _FACTS_SQL, params
    ):
        field = TELLS.get(kind)
        is_told = has_file or (field is not None and bool(_mapping(details).get(field)))
        written, scenarios, broken = criteria
        facts = Facts(kind, size, is_valued, written, blockers, is_told, questions, scenarios, broken, is_agreed)
        found[key] = judge(read_lines(snapshot) if snapshot else definitions[kind], facts, _marks(marks))
    return found


def done_lines_of(*, home: Home, keys: Sequence[str]) -> dict[str, tuple[Line, ...]]:
    """The lines of the Definition of Done for each of these items of the list, by key. Two statements."""
    if not keys:
        return {}
    rules = list_rules(home, DONE)
    definitions = {kind.value: definition_of(kind, rules, DONE) for kind in Kind}
    found: dict[str, tuple[Line, ...]] = {}
    params = {"organization": home.organization_id, "keys": list(keys), "about": DONE}
    for key, kind, tasks, below, blockers, marks, snapshot in fetch(_DONE_FACTS_SQL, params):
        facts = Facts(kind, None, False, 0, blockers, False, open_tasks=tasks, open_below=below)
        found[key] = judge(read_lines(snapshot) if snapshot else definitions[kind], facts, _marks(marks))
    return found


def missing_of(lines: Iterable[Line]) -> list[Line]:
    """Those that neither hold nor are waived."""
    return [line for line in lines if not line.is_met and not line.is_waived]


def _marks(marks: Any) -> Marks:
    return tuple(sorted(_mapping(marks).items())) if marks else ()


def _mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object as the driver hands it over: read already, or as text."""
    return json.loads(value) if isinstance(value, str) else value or {}


_COVER_SQL = """
SELECT i.key, i.job_size FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id
WHERE p.{home} = %(home)s AND i.status = %(open)s
ORDER BY p.band, p.falling, p.component, p.position LIMIT 100
"""


def ready_cover(home: Team) -> float:
    """How many iterations of the team's pace are filled by ready items among the next hundred that are not planned yet."""
    rows = fetch(_COVER_SQL.format(home=column_of(home)), {"home": home.pk, "open": Status.OPEN})
    sizes = {key: float(size or 0) for key, size in rows}
    lines = readiness_of(home=home, keys=list(sizes))
    ready = sum(sizes[key] for key, each in lines.items() if is_ready(each))
    return ready / home.points_per_iteration


def is_ready(lines: Iterable[Line]) -> bool:
    """Whether nothing is missing: each line is met or waived."""
    return all(line.is_met or line.is_waived for line in lines)


class AskedLine(NamedTuple):
    """A line that some kind is asked or may be: whether the place that shows it has it by itself, the kinds asked, and who decided."""

    code: str
    text: str
    is_own: bool
    kinds: frozenset[Kind]
    decided: str


def lines_asked(
    kinds: Sequence[Kind], asking: Asking, rules: tuple[Rule, ...], about: str = READY
) -> tuple[list[AskedLine], Decimal | None]:
    """Every line of the definition, and the list's ceiling."""
    definitions = {kind: definition_of(kind, rules, about) for kind in kinds}
    texts = {rule.code: rule.text for rule in rules if rule.text}
    here = 0 if isinstance(asking, Organization) else 1
    lines = [
        AskedLine(
            code,
            texts.get(code, ""),
            code in texts and any(rule.code == code and rule.nearness == here for rule in rules),
            frozenset(kind for kind, lines in definitions.items() if any(line.code == code for line in lines)),
            _decided([rule.nearness == here for rule in rules if rule.code == code]),
        )
        for code in (*computed_of(about), *texts)
    ]
    ceiling = next((line.ceiling for each in definitions.values() for line in each if line.code == "size" and line.ceiling), None)
    return lines, ceiling


def _decided(here: Sequence[bool]) -> str:
    """Who decided over a line, in a word."""
    if not here:
        return "usual"
    return "here" if all(here) else "here and by the organization" if any(here) else "by the organization"


def list_versions(asking: Asking, about: str) -> list[tuple[int, DefinitionVersion]]:
    """The versions that the list follows with their numbers, newest first: its own changes and the organization's. One query."""
    params = _followed(asking, about)
    rows = (
        DefinitionVersion.objects.for_organization(params["organization"])
        .filter(Q(team__isnull=True) | Q(team=params["team"]), Q(train__isnull=True) | Q(train=params["train"]), about=about)
        .select_related("changed_by", "team", "train")
        .order_by("id")
    )
    return list(enumerate(rows, start=2))[::-1]


def find_snapshot(item: Item, about: str) -> DefinitionSnapshot | None:
    """By which version the item is judged, where work on it started."""
    if item.status not in STARTED:
        return None
    return DefinitionSnapshot.objects.for_organization(item.organization_id).filter(item=item, about=about).first()
