"""The stale items of a list, each with what speaks for it and against it: computed from what is stored, guessed from nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import Team
from backlog.belongings import all_belongings
from backlog.kinds import KINDS, Kind
from backlog.models import Item, StaleItem, StaleRule
from backlog.models.item import RANKED, Status
from backlog.numbers import counted
from backlog.selectors.filters import BadFilterError
from backlog.selectors.goals import SERVING
from backlog.selectors.narrowing import Home, column_of, fetch
from backlog.selectors.stale_filters import ALL_STALE, StaleFilters, kinds_of_home, narrow_stale
from backlog.stale import DEMAND, MONTHS, NOT_ASKED_FOR, TOUCH_SQL, Rule, Rules, touch_params

ROWS = 50
CAP = 1_000
COUNTED_DAYS = 30
"""The review counts verdicts of so many days."""


def rules_of(home: Home) -> Rules:
    """When an item is stale in the list, by kind: as its product owner decided, else as usual. One query."""
    rules = {kind: Rule(MONTHS[kind], DEMAND) for kind in kinds_of_home(home)}
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    own = StaleRule.objects.for_organization(home.organization_id).filter(**place).values_list("kind", "months", "demand")
    return rules | {Kind(kind): Rule(months, demand) for kind, months, demand in own if Kind(kind) in rules}


@dataclass(frozen=True)
class Evidence:
    """What is known of a stale item."""

    key: str
    title: str
    kind: str
    pk: int
    version: int
    created_at: datetime
    touched_at: datetime
    touched_by: str
    touched_verb: str
    demand: int
    demand_then: int | None
    asked_again_at: datetime | None
    refused_at: datetime | None
    is_due: bool
    reason: str
    goal: str = ""
    goal_state: str = ""
    """Why the goal no longer counts; empty where it does, or there is none."""
    losses: list[str] = field(default_factory=list)
    """What a removal would lose, in words such as “3 criteria”."""

    @property
    def icon(self) -> str:
        return KINDS[Kind(self.kind)].icon

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)

    def months(self, at: datetime) -> int:
        """Whole months since the last touch."""
        then = self.touched_at
        return (at.year - then.year) * 12 + at.month - then.month - (1 if (at.day, at.time()) < (then.day, then.time()) else 0)

    def demand_words(self) -> str:
        """What people ask for it now, and what they did."""
        if self.demand_then is None or self.demand_then == self.demand:
            return f"demand {self.demand}" if self.demand else "nobody asks for it"
        return f"demand {self.demand}, was {self.demand_then}"

    def goal_words(self) -> str:
        if not self.goal:
            return "serves no goal"
        return f"goal “{self.goal}” {self.goal_state or 'is active'}"

    def line(self, at: datetime) -> str:
        """All of it in one readable line."""
        parts = [f"untouched {for_months(self.months(at))}", self.demand_words(), self.goal_words()]
        if self.refused_at:
            parts.append("a requester no longer needs it")
        if self.asked_again_at:
            parts.append("a requester still needs it")
        if self.losses:
            parts.append(f"would lose {', '.join(self.losses)}")
        text = " · ".join(parts)
        return text[0].upper() + text[1:]


def for_months(months: int) -> str:
    """“for 14 months”, “for 2 years”."""
    if months < 1:
        return "for less than a month"
    if months >= 24:
        return f"for {months // 12} years"
    return f"for {months} month{'' if months == 1 else 's'}"


# What was touched after it was found is no longer stale; the night forgets it.
_WAITING = f"""
    FROM backlog_staleitem s JOIN backlog_item i ON i.id = s.item_id
    WHERE s.{{home}} = %(home)s AND s.verdict = '' AND i.status = %(open)s {{narrowed}}
    AND NOT EXISTS (SELECT 1 FROM activity_event e WHERE e.subject_kind = 'item' AND e.subject_id = s.item_id AND e.at > s.found_at
                    AND {TOUCH_SQL})
"""  # noqa: S608, own words
_COUNT = f"SELECT count(*) FROM (SELECT 1 {_WAITING} LIMIT %(cap)s) AS waiting"  # noqa: S608
_DECIDED = "SELECT count(*) FROM backlog_staleitem s WHERE s.{home} = %(home)s AND s.decided_at > now() - %(days)s * interval '1 day'"
_KEYS = f"SELECT i.key {_WAITING} ORDER BY s.touched_at, s.id LIMIT %(limit)s"
_ROWS = f"""
WITH page AS (
    SELECT s.id AS mark, s.touched_at, s.is_due, s.reason, i.id, i.key, i.title, i.kind, i.version, i.created_at, i.demand
    {_WAITING} {{after}}
    ORDER BY s.touched_at, s.id LIMIT %(limit)s
)
SELECT p.*, last.verb, coalesce(nullif(u.name, ''), u.email),
       (SELECT (e.before ->> 'demand')::int FROM activity_event e
         WHERE e.subject_kind = 'item' AND e.subject_id = p.id AND e.verb = 'item.edited' AND e.before ? 'demand' ORDER BY e.id LIMIT 1),
       (SELECT max(e.at) FROM activity_event e WHERE e.subject_kind = 'item' AND e.subject_id = p.id AND e.verb = %(asked_for)s),
       (SELECT max(e.at) FROM activity_event e WHERE e.subject_kind = 'item' AND e.subject_id = p.id AND e.verb = %(not_asked_for)s),
       (SELECT count(*) FROM backlog_criterion c WHERE c.item_id = p.id),
       (SELECT count(*) FROM backlog_task t WHERE t.item_id = p.id),
       (SELECT count(*) FROM backlog_question q WHERE q.item_id = p.id),
       (SELECT count(*) FROM backlog_comment c WHERE c.item_id = p.id AND c.removed_at IS NULL),
       (SELECT count(*) FROM backlog_watcher w WHERE w.item_id = p.id AND w.is_watching),
       (SELECT count(*) FROM backlog_dependency d WHERE d.blocker_id = p.id) + (SELECT count(*) FROM backlog_dependency d WHERE d.blocked_id = p.id),
       (SELECT count(*) FROM backlog_item below WHERE below.parent_id = p.id AND below.status = ANY(%(ranked)s))
FROM page p
LEFT JOIN LATERAL (
    SELECT e.verb, e.actor_id FROM activity_event e
    WHERE e.subject_kind = 'item' AND e.subject_id = p.id AND e.at <= p.touched_at AND {TOUCH_SQL} ORDER BY e.at DESC, e.id DESC LIMIT 1
) AS last ON TRUE
LEFT JOIN accounts_user u ON u.id = last.actor_id
ORDER BY p.touched_at, p.mark
"""  # noqa: S608
_OWN = (
    ("criterion", "criteria"),
    ("task", "tasks"),
    ("question", "questions"),
    ("comment", "comments"),
    ("follower", "followers"),
    ("link", "links"),
    ("open item below it", "open items below it"),
)


class _Row(NamedTuple):
    mark: int
    touched_at: datetime
    is_due: bool
    reason: str
    id: int
    key: str
    title: str
    kind: str
    version: int
    created_at: datetime
    demand: int
    verb: str | None
    who: str | None
    demand_then: int | None
    asked_again_at: datetime | None
    refused_at: datetime | None
    criteria: int
    tasks: int
    questions: int
    comments: int
    followers: int
    links: int
    below: int


@dataclass(frozen=True)
class StalePage:
    """A page of the review; `next` is the cursor of the following one, empty at the end."""

    rows: list[Evidence]
    next: str


def _params(home: Home, **more: Any) -> dict[str, Any]:
    return {**touch_params(), "home": home.pk, "open": Status.OPEN, "ranked": list(RANKED), "not_asked_for": NOT_ASKED_FOR, **more}


def count_stale(home: Home, filters: StaleFilters = ALL_STALE) -> int:
    """How many items wait for a verdict; CAP + 1 for more than CAP."""
    params = _params(home, cap=CAP + 1)
    narrowed = narrow_stale(filters, params)
    return int(fetch(_COUNT.format(home=column_of(home), narrowed=narrowed), params)[0][0])


def still_waiting(home: Home, items: Sequence[Item]) -> frozenset[int]:
    """The ids of those items that wait for a verdict in the list."""
    if not items:
        return frozenset()
    params = _params(home, items=[item.pk for item in items])
    statement = f"SELECT i.id {_WAITING}".format(home=column_of(home), narrowed="AND i.id = ANY(%(items)s)")
    return frozenset(pk for (pk,) in fetch(statement, params))


def stale_words(number: int) -> str:
    """“14”, “1,000+”."""
    return counted(number, most=CAP)


def count_decided(home: Home) -> int:
    """How many verdicts stand that were given in the last COUNTED_DAYS."""
    return int(fetch(_DECIDED.format(home=column_of(home)), {"home": home.pk, "days": COUNTED_DAYS})[0][0])


def list_stale_keys(home: Home, filters: StaleFilters, *, most: int) -> list[str]:
    """The keys of those that wait, oldest touch first."""
    params = _params(home, limit=most)
    narrowed = narrow_stale(filters, params)
    return [key for (key,) in fetch(_KEYS.format(home=column_of(home), narrowed=narrowed), params)]


def list_stale_items(*, home: Home, filters: StaleFilters = ALL_STALE, after: str = "", rows: int = ROWS) -> StalePage:
    """A page of those that wait for a verdict, with their evidence, longest untouched first. Four queries, and one for each kind of belonging."""
    params = _params(home, limit=rows + 1)
    narrowed = narrow_stale(filters, params)
    sql = ""
    if after:
        params["at"], params["mark"] = _read_cursor(after)
        sql = "AND (s.touched_at, s.id) > (%(at)s, %(mark)s)"
    found = [_Row(*row) for row in fetch(_ROWS.format(home=column_of(home), narrowed=narrowed, after=sql), params)]
    is_more = len(found) > rows
    found = found[:rows]
    return StalePage(_with_evidence(home, found), f"{found[-1].touched_at:%Y%m%dT%H%M%S%f}~{found[-1].mark}" if is_more else "")


def find_stale_item(*, home: Home, key: str) -> Evidence | None:
    """The evidence on one item of the list that waits for a verdict; None where it does not."""
    params = _params(home, limit=1, key=key)
    found = [_Row(*row) for row in fetch(_ROWS.format(home=column_of(home), narrowed="AND i.key = %(key)s", after=""), params)]
    return next(iter(_with_evidence(home, found)), None)


def find_stale_after(*, home: Home, item: Item, filters: StaleFilters) -> Evidence | None:
    """The first that waits behind an item that had its verdict; where none does, None."""
    mark = StaleItem.objects.for_organization(item.organization_id).filter(item=item).first()
    if mark is None:
        return None
    page = list_stale_items(home=home, filters=filters, after=f"{mark.touched_at:%Y%m%dT%H%M%S%f}~{mark.pk}", rows=1)
    return next(iter(page.rows), None)


def list_evidence(*, home: Home, item_ids: Sequence[int]) -> dict[str, Evidence]:
    """The evidence on those of the items that wait for a verdict, by key."""
    if not item_ids:
        return {}
    params = _params(home, limit=len(item_ids), items=list(item_ids))
    rows = fetch(_ROWS.format(home=column_of(home), narrowed="AND i.id = ANY(%(items)s)", after=""), params)
    return {found.key: found for found in _with_evidence(home, [_Row(*row) for row in rows])}


def _read_cursor(text: str) -> tuple[datetime, int]:
    try:
        at, mark = text.split("~")
        return datetime.strptime(f"{at}+0000", "%Y%m%dT%H%M%S%f%z"), int(mark) % 10**12
    except ValueError as error:
        raise BadFilterError("This page does not exist. Start at the top of the review.") from error


def _with_evidence(home: Home, rows: Sequence[_Row]) -> list[Evidence]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    goals = _goals_of(home, ids)
    lost = {name: (kind, kind.count(home.organization_id, ids)) for name, kind in all_belongings().items()}
    found = []
    for row in rows:
        own = zip(_OWN, (row.criteria, row.tasks, row.questions, row.comments, row.followers, row.links, row.below), strict=True)
        losses = [f"{number:,} {one if number == 1 else many}" for (one, many), number in own if number]
        losses += [kind.words(numbers[row.id]) for kind, numbers in lost.values() if numbers.get(row.id)]
        goal, state = goals.get(row.id, ("", ""))
        found.append(
            Evidence(
                key=row.key,
                title=row.title,
                kind=row.kind,
                pk=row.id,
                version=row.version,
                created_at=row.created_at,
                touched_at=row.touched_at,
                touched_by=row.who or "",
                touched_verb=row.verb or "",
                demand=row.demand,
                demand_then=row.demand_then,
                asked_again_at=row.asked_again_at,
                refused_at=row.refused_at,
                is_due=row.is_due,
                reason=row.reason,
                goal=goal,
                goal_state=state,
                losses=losses,
            )
        )
    return found


def _goals_of(home: Home, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """By item: the goal that it serves, its own or that of what it is part of, and why it no longer counts."""
    serving = SERVING.format(home=column_of(home), narrowed="AND i.id = ANY(%(items)s)")
    found = fetch(
        f"WITH {serving} SELECT s.id, g.name, g.is_active, g.starts_on, g.ends_on FROM serving s JOIN backlog_goal g ON g.id = s.goal_id",  # noqa: S608, own words
        {"home": home.pk, "items": list(ids), "ranked": list(RANKED)},
    )
    today = timezone.now().date()
    return {item: (name, _state_of(today, *state)) for item, name, *state in found}


def _state_of(today: date, is_active: bool, starts_on: date | None, ends_on: date | None) -> str:
    if not is_active:
        return "is retired"
    if ends_on and ends_on < today:
        return "has ended"
    return "has not begun" if starts_on and starts_on > today else ""
