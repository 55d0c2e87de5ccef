"""Finding the stale items of a list, and when an item is stale there: both written here alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import ReleaseTrain, Team, User
from accounts.roles import Verb
from activity.errors import InvalidError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.undo import register_inverse, standing
from backlog.kinds import Kind
from backlog.models import StaleRule
from backlog.models.item import Status
from backlog.selectors.narrowing import Home, column_of
from backlog.selectors.paging import topic_of
from backlog.selectors.stale_filters import kinds_of_home
from backlog.selectors.stale_items import rules_of
from backlog.stale import ENDING, MOST_DEMAND, MOST_MONTHS, TOUCH_SQL, Rule, Rules, months_before, touch_params

KEPT_FOR = 30
"""Days for which a verdict that removed an item is counted as part of the review."""

# An item that came up again because its day came waits whatever was done before; the others wait for as long as the rule finds them.
_DUE = """
    UPDATE backlog_staleitem s SET verdict = '', until = NULL, decided_by_id = NULL, decided_at = NULL, is_due = TRUE, found_at = %(now)s
    FROM backlog_item i
    WHERE s.{home} = %(home)s AND i.id = s.item_id AND i.status = %(open)s AND s.until <= %(today)s
    AND NOT EXISTS (SELECT 1 FROM activity_event e WHERE e.subject_kind = 'item' AND e.subject_id = s.item_id AND e.at > s.decided_at
                    AND {touch})
"""
_PAST = """
    DELETE FROM backlog_staleitem
    WHERE {home} = %(home)s AND verdict <> '' AND (until <= %(today)s OR (verdict = ANY(%(ending)s) AND decided_at < %(forgotten)s))
"""
_FOUND = """
    INSERT INTO backlog_staleitem (organization_id, item_id, team_id, train_id, touched_at, found_at, verdict, reason, is_due)
    SELECT i.organization_id, i.id, i.team_id, i.train_id, coalesce(last.at, i.created_at), %(now)s, '', '', FALSE
    FROM backlog_item i
    JOIN unnest(%(kinds)s::text[], %(befores)s::timestamptz[], %(demands)s::int[]) AS r(kind, before, demand) ON r.kind = i.kind
    LEFT JOIN LATERAL (
        SELECT max(e.at) AS at FROM activity_event e WHERE e.subject_kind = 'item' AND e.subject_id = i.id AND {touch}
    ) AS last ON TRUE
    WHERE i.{home} = %(home)s AND i.status = %(open)s AND i.created_at < r.before AND i.demand < r.demand
    AND coalesce(last.at, i.created_at) < r.before
    ON CONFLICT (item_id) DO UPDATE SET touched_at = excluded.touched_at, found_at = excluded.found_at
    WHERE backlog_staleitem.verdict = '' AND NOT backlog_staleitem.is_due
"""
_GONE = """
    DELETE FROM backlog_staleitem s USING backlog_item i
    WHERE s.{home} = %(home)s AND i.id = s.item_id AND s.verdict = '' AND s.found_at < %(now)s
    AND (NOT s.is_due OR i.status <> %(open)s
         OR EXISTS (SELECT 1 FROM activity_event e WHERE e.subject_kind = 'item' AND e.subject_id = s.item_id AND e.at > s.found_at AND {touch}))
"""


@one_act()
def find_stale_items(*, home: Home, at: datetime | None = None) -> None:
    """Find what is stale in a list now, and forget what no longer is. Twice is harmless."""
    at = at or timezone.now()
    rules = rules_of(home)
    today = at.date()
    params: dict[str, Any] = {
        **touch_params(),
        "home": home.pk,
        "open": Status.OPEN,
        "today": today,
        "forgotten": at - timedelta(days=KEPT_FOR),
        "ending": list(ENDING),
        "kinds": list(rules),
        "befores": [datetime.combine(months_before(today, rule.months), time(), UTC) for rule in rules.values()],
        "demands": [rule.demand for rule in rules.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")  # the database's clock, by which events are told too
        params["now"] = cursor.fetchone()[0]
        for statement in (_DUE, _PAST, _FOUND, _GONE):
            cursor.execute(statement.format(home=column_of(home), touch=TOUCH_SQL), params)


@one_act()
def set_stale_rules(*, home: Home, rules: Mapping[Kind, Rule], by: User | None, cause: str = "") -> Rules:
    """Decide when items of these kinds are stale in the list; return the rules that hold now. The list is looked through at once.

    Raises InvalidError for a kind that the list does not hold, or a number out of its range.
    """
    for kind, rule in rules.items():
        if kind not in kinds_of_home(home):
            raise InvalidError("This list holds no such kind.", field=str(kind))
        if not 1 <= rule.months <= MOST_MONTHS:
            raise InvalidError(f"Between 1 and {MOST_MONTHS} months.", field=f"{kind}_months")
        if not 1 <= rule.demand <= MOST_DEMAND:
            raise InvalidError(f"A demand from 1 to {MOST_DEMAND:,}.", field=f"{kind}_demand")
    type(home).objects.select_for_update(no_key=True).filter(organization=home.organization_id).get(pk=home.pk)
    before = rules_of(home)
    changed = {kind: rule for kind, rule in rules.items() if before[kind] != rule}
    if not changed:
        find_stale_items(home=home)
        return before
    place: dict[str, Any] = {"team": home if isinstance(home, Team) else None, "train": home if isinstance(home, ReleaseTrain) else None}
    for kind, rule in changed.items():
        StaleRule.objects.update_or_create(
            organization_id=home.organization_id, **place, kind=kind, defaults={"months": rule.months, "demand": rule.demand}
        )
    record(
        subject=home,
        verb="stale.rules_set",
        by=by,
        before={kind: [before[kind].months, before[kind].demand] for kind in changed},
        after={kind: [rule.months, rule.demand] for kind, rule in changed.items()},
        cause=cause,
    )
    find_stale_items(home=home)
    touch_topic(organization_id=home.organization_id, key=topic_of(home))
    return {**before, **changed}


def _home_of(event: Event) -> Home:
    if event.subject_kind == "team":
        return Team.objects.for_organization(event.organization_id).select_related("train").get(pk=event.subject_id)
    return ReleaseTrain.objects.for_organization(event.organization_id).get(pk=event.subject_id)


def undo_rules(*, event: Event, by: User, cause: str) -> list[str]:
    """Decide as before where nobody has decided anew since."""
    home = _home_of(event)
    now = {str(kind): [rule.months, rule.demand] for kind, rule in rules_of(home).items()}
    back, changed = standing(event, now)
    if back:
        set_stale_rules(home=home, rules={Kind(kind): Rule(*numbers) for kind, numbers in back.items()}, by=by, cause=cause)
    return [f"When a {Kind(kind).label.lower()} is stale was decided anew since." for kind in changed]


def _may(access: Any, event: Event) -> bool:
    return bool(access.may(Verb.ORDER, _home_of(event)))


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("stale.rules_set", undo_rules, may=_may)
