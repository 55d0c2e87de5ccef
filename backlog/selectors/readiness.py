"""Which lines of the Definition of Ready hold for items: two statements, however many items."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounts.models import ReleaseTrain, Team
from backlog.kinds import Kind
from backlog.models.item import Status
from backlog.models.placement import Band
from backlog.readiness import COMPUTED, TELLS, Facts, Line, Rule, definition_of, judge
from backlog.selectors.narrowing import Home, column_of, fetch

_RULES_SQL = """
SELECT (team_id IS NOT NULL OR train_id IS NOT NULL)::int, kind, code, is_asked, text, ceiling FROM backlog_readyrule
WHERE organization_id = %(organization)s AND (team_id IS NULL OR team_id = %(team)s) AND (train_id IS NULL OR train_id = %(train)s)
ORDER BY id
"""
_FACTS_SQL = """
SELECT i.key, i.kind, i.job_size, i.details, coalesce(NOT p.is_assumed AND p.band <> %(unscored)s, false),
       (SELECT count(*) FROM backlog_criterion c WHERE c.item_id = i.id),
       (SELECT count(*) FROM backlog_dependency d JOIN backlog_item b ON b.id = d.blocker_id
         WHERE d.blocked_id = i.id AND d.kind = 'blocks' AND b.status NOT IN ('done', 'removed', 'proposed')),
       (SELECT json_object_agg(m.code, CASE WHEN m.is_waiver THEN m.reason || coalesce(' (' || u.name || ')', '') END)
          FROM backlog_readymark m LEFT JOIN accounts_user u ON u.id = m.set_by_id WHERE m.item_id = i.id),
       (SELECT count(*) FROM backlog_question q WHERE q.item_id = i.id AND q.answered_at IS NULL)
FROM backlog_item i LEFT JOIN backlog_placement p ON p.item_id = i.id
WHERE i.organization_id = %(organization)s AND i.key = ANY(%(keys)s)
"""


def list_rules(home: Home) -> tuple[Rule, ...]:
    """What the organization and this list decided over the defaults."""
    params = {
        "organization": home.organization_id,
        "team": home.pk if isinstance(home, Team) else None,
        "train": home.pk if isinstance(home, ReleaseTrain) else None,
    }
    return tuple(Rule._make(row) for row in fetch(_RULES_SQL, params))


def readiness_of(*, home: Home, keys: Sequence[str]) -> dict[str, tuple[Line, ...]]:
    """The lines of each of these items of the list, by key. Two statements."""
    if not keys:
        return {}
    rules = list_rules(home)
    definitions = {kind.value: definition_of(kind, rules) for kind in Kind}
    found: dict[str, tuple[Line, ...]] = {}
    params = {"organization": home.organization_id, "keys": list(keys), "unscored": Band.UNSCORED}
    for key, kind, size, details, is_valued, criteria, blockers, marks, questions in fetch(_FACTS_SQL, params):
        field = TELLS.get(kind)
        facts = Facts(kind, size, is_valued, criteria, blockers, field is not None and bool(_mapping(details).get(field)), questions)
        found[key] = judge(definitions[kind], facts, tuple(sorted(_mapping(marks).items())) if marks else ())
    return found


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


def lines_asked(kinds: Sequence[Kind], rules: tuple[Rule, ...]) -> tuple[list[tuple[str, str, bool, frozenset[Kind]]], Decimal | None]:
    """Every line that some kind is asked or may be: code, words, whether it is the list's own, and the kinds asked. Then the list's ceiling."""
    definitions = {kind: definition_of(kind, rules) for kind in kinds}
    texts = {rule.code: rule.text for rule in rules if rule.text}
    own = {rule.code for rule in rules if rule.nearness}
    asked_of = {
        code: frozenset(kind for kind, lines in definitions.items() if any(line.code == code for line in lines))
        for code in (*COMPUTED, *texts)
    }
    lines = [(code, texts.get(code, ""), code in own, kinds_asked) for code, kinds_asked in asked_of.items()]
    ceiling = next((line.ceiling for each in definitions.values() for line in each if line.code == "size" and line.ceiling), None)
    return lines, ceiling
