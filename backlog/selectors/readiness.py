"""Which lines of the Definitions of Ready and of Done hold for items: two statements, however many items."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from accounts.models import Organization, ReleaseTrain, Team
from backlog.kinds import Kind
from backlog.models import DefinitionSnapshot, Item
from backlog.models.item import STARTED, Status
from backlog.models.placement import Band
from backlog.readiness import DONE, READY, TELLS, Facts, Line, Marks, Rule, definition_of, judge, read_lines
from backlog.selectors.narrowing import Home, column_of, fetch

Asking = Organization | Team | ReleaseTrain
"""Who asks for lines: a team, a train for its list and its teams, or the organization for all."""

_FOLLOWED = "(team_id IS NULL OR team_id = %(team)s) AND (train_id IS NULL OR train_id = %(train)s)"
RULE = "(team_id IS NOT NULL)::int * 2 + (train_id IS NOT NULL)::int, kind, code, is_asked, text, ceiling"
"""The columns of a Rule."""
_RULES_SQL = f"""
SELECT {RULE} FROM backlog_readyrule WHERE organization_id = %(organization)s AND about = %(about)s AND {_FOLLOWED} ORDER BY id
"""  # noqa: S608, own words
_ALL_RULES_SQL = f"SELECT about, {RULE} FROM backlog_readyrule WHERE organization_id = %(organization)s AND {_FOLLOWED} ORDER BY id"  # noqa: S608, own words
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


def followed(asking: Asking, about: str) -> dict[str, Any]:
    """Whose decisions hold here: the organization's, for a team its train's, and its own. As parameters of a statement."""
    return {
        "organization": asking.pk if isinstance(asking, Organization) else asking.organization_id,
        "team": asking.pk if isinstance(asking, Team) else None,
        "train": asking.train_id if isinstance(asking, Team) else asking.pk if isinstance(asking, ReleaseTrain) else None,
        "about": about,
    }


def list_rules(asking: Asking, about: str = READY) -> tuple[Rule, ...]:
    """What the organization, the train and the team decided over the defaults of the definition, as far as this place follows them."""
    return tuple(Rule._make(row) for row in fetch(_RULES_SQL, followed(asking, about)))


def list_holding(home: Home) -> dict[str, tuple[int, tuple[Rule, ...]]]:
    """What holds in the list now: for `ready` and for `done` the number of the version (1 where nobody changed it yet), and the rules. Two
    statements.
    """
    params = followed(home, "")
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
    for key, facts, marks, snapshot in facts_of(organization_id=home.organization_id, keys=keys):
        found[key] = judge(read_lines(snapshot) if snapshot else definitions[facts.kind], facts, marks)
    return found


def facts_of(*, organization_id: int, keys: Sequence[str]) -> Iterator[tuple[str, Facts, Marks, str | None]]:
    """Of each item its key, what the checks look at, what people said, and the lines that it keeps since work on it started. One statement."""
    params = {"organization": organization_id, "keys": list(keys), "unscored": Band.UNSCORED, "about": READY}
    for key, kind, size, details, has_file, is_valued, criteria, blockers, questions, is_agreed, marks, snapshot in fetch(
        _FACTS_SQL, params
    ):
        field = TELLS.get(kind)
        is_told = has_file or (field is not None and bool(_mapping(details).get(field)))
        written, scenarios, broken = criteria
        yield (
            key,
            Facts(kind, size, is_valued, written, blockers, is_told, questions, scenarios, broken, is_agreed),
            _marks(marks),
            snapshot,
        )


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


def find_snapshot(item: Item, about: str) -> DefinitionSnapshot | None:
    """By which version the item is judged, where work on it started."""
    if item.status not in STARTED:
        return None
    return DefinitionSnapshot.objects.for_organization(item.organization_id).filter(item=item, about=about).first()
