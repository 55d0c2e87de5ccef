"""From an edit to its committed rank, in the request, against the commit of a single row; in backlogs of many sizes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count

from accounts.models import Organization, User
from activity.doorbell import ringer
from backlog.models import Item, Placement, StaleRank
from backlog.services.items import set_job_size
from benchmarks.figures import Figure, durations_ms
from benchmarks.places import SIZES as BACKLOGS
from benchmarks.places import many_teams_backlog, one_team_backlog
from prioritization.models import RankRun
from prioritization.services.ranking import INLINE_ITEMS

LIMIT = 8.0
LIMIT_LARGE = 6.0
LIMIT_LATE_MS = 25.0
LIMIT_GROWTH = 1.3
TIMES = 100
TIMES_LARGE = 400
LIMIT_LEFT = 12.0
WORKED_ON = 500
"""Items that are edited, of all of the organization: what nobody touches is not in memory, in a small backlog either."""
LOOKED_AT = 30
SIZES = (Decimal(1), Decimal(2), Decimal(3), Decimal(5), Decimal(8))
_COLUMNS = "item_id", "band", "value", "component", "position", "cost_of_delay", "is_assumed", "is_size_assumed", "reason", "reason_item_id"


@dataclass(frozen=True)
class _Timed:
    edits: list[float]
    commits: list[float]

    @property
    def edit(self) -> float:
        return _share(self.edits, 0.5)

    @property
    def ratio(self) -> float:
        return self.edit / _share(self.commits, 0.5)


class _Editor:
    """Changes sizes of open items of an organization, drawn from those that are ranked in the request (or, `is_tied`, from those that are not).

    What large families tie together is left to the background, so an edit there commits no rank.
    """

    def __init__(self, organization: Organization, user: User, *, is_tied: bool = False) -> None:
        self.organization, self.user = organization, user
        self.draw = random.Random(1)  # which items are edited
        self.first_mark = max(StaleRank.objects.filter(organization=organization).values_list("id", flat=True), default=0) + 1
        sized = Placement.objects.for_organization(organization).values("component").annotate(size=Count("id"))
        chosen = sized.filter(size__gt=INLINE_ITEMS) if is_tied else sized.filter(size__lte=INLINE_ITEMS)
        found = sorted(chosen.values_list("component", flat=True))
        components = self.draw.sample(found, min(len(found), WORKED_ON))
        items = Item.objects.for_organization(organization).filter(placement__component__in=components, status=Item.Status.OPEN)
        self.items = list(items.filter(is_dormant=False).select_related("team").order_by("id")[:WORKED_ON])

    def edit(self) -> Item:
        at = self.draw.randrange(len(self.items))
        item = self.items[at]
        size = self.draw.choice([size for size in SIZES if size != item.job_size])
        self.items[at] = set_job_size(item=item, job_size=size, by=self.user)
        return item

    def commit(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE backlog_item SET demand = demand + 1 WHERE id = %s", [self.draw.choice(self.items).pk])

    def timed(self, times: int) -> _Timed:
        # The bell of an edit is rung by another thread, and is over before the next commit begins: it makes that one no slower.
        commits, edits = durations_ms(self.commit, self.edit, times=times, warm=times, between=ringer.flush)
        return _Timed(edits, commits)

    def left(self) -> int:
        """Marks of its edits that no run has taken; a backlog may come with some of its own."""
        return StaleRank.objects.filter(organization=self.organization, id__gte=self.first_mark).count()


def _timed(items: int) -> tuple[_Timed, int]:
    organization, _, user = one_team_backlog(items)
    editor = _Editor(organization, user)
    return editor.timed(TIMES), editor.left()


def rerank_one(items: int = 10_000) -> Iterator[Figure]:
    """Milliseconds from the changed size to the stored key: the service's whole transaction and the ranking after it."""
    timed, left = _timed(items)
    is_ok = timed.ratio <= LIMIT and left == 0
    target = f"<= {LIMIT:g} x, none left"
    yield Figure(f"rerank_one of {items:,}", timed.edit, "ms", "a single-row commit", timed.ratio, target, is_ok)


def rerank_growth() -> Iterator[Figure]:
    """The same in one team's backlog of a thousand and of a hundred thousand items, and of an item that is tied to more than can be ranked at once."""
    small, large = (_timed(items)[0] for items in (BACKLOGS[0], BACKLOGS[-1]))
    growth = large.ratio / small.ratio  # each against its own commits, so that what else the machine does weighs on neither
    name = f"rerank_one of {BACKLOGS[-1]:,}"
    against = f"that of {BACKLOGS[0]:,} ({small.edit:.2f} ms), each to its commits"
    yield Figure(name, large.edit, "ms", against, growth, f"<= {LIMIT_GROWTH:g} x", growth <= LIMIT_GROWTH)
    organization, _, user = one_team_backlog(BACKLOGS[-1])
    tied = _Editor(organization, user, is_tied=True)
    if tied.items:
        timed = tied.timed(TIMES)
        yield Figure(
            "an edit left to the task",
            timed.edit,
            "ms",
            "a single-row commit",
            timed.ratio,
            f"<= {LIMIT_LEFT:g} x",
            timed.ratio <= LIMIT_LEFT,
        )


def rerank_large(items: int = 1_000_000) -> Iterator[Figure]:
    """An edit in an organization of a million items: its usual time, a late one, and what it writes."""
    organization, user = many_teams_backlog(items)
    editor = _Editor(organization, user)
    timed = editor.timed(TIMES_LARGE)
    target = f"<= {LIMIT_LARGE:g} x"
    name = f"rerank_one of {items:,}"
    yield Figure(name, timed.edit, "ms", "a single-row commit", timed.ratio, target, timed.ratio <= LIMIT_LARGE)
    late = _share(timed.edits, 0.99)
    yield Figure(
        f"{name}, p99", late, "ms", "the median", late / timed.edit, f"<= {LIMIT_LATE_MS:g} ms", late <= LIMIT_LATE_MS and not editor.left()
    )
    written, changed = _written_and_changed(editor)
    ratio = written / max(changed, 1)
    yield Figure(f"{name}, rows written", written, "", "rows that differ", ratio, "1 x", written == changed > 0)


def _written_and_changed(editor: _Editor) -> tuple[int, int]:
    """How many rows some edits wrote, and how many say something else afterwards: of the components before and after."""
    written = changed = 0
    for _ in range(LOOKED_AT):
        state = editor.draw.getstate()
        item = editor.draw.choice(editor.items)
        editor.draw.setstate(state)  # the edit draws it again
        before, last = _component_of(item), RankRun.objects.filter(organization=editor.organization).latest("id").pk
        assert editor.edit() == item
        after = _component_of(item)
        written += sum(RankRun.objects.filter(organization=editor.organization, pk__gt=last).values_list("rows_written", flat=True))
        changed += sum(after.get(key) != row for key, row in before.items())
    return written, changed


def _component_of(item: Item) -> dict[int, tuple[Any, ...]]:
    placements = Placement.objects.for_organization(item.organization_id)
    component = placements.values_list("component", flat=True).get(item=item)
    return {row[0]: row for row in placements.filter(component=component).values_list(*_COLUMNS)}


def _share(durations: list[float], share: float) -> float:
    return sorted(durations)[min(int(len(durations) * share), len(durations) - 1)]
