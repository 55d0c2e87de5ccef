"""Marks that a place in the order must be computed again. Written in the change's transaction unless it ranks them itself; prioritization drains them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from activity.services.acts import Act, current_act
from activity.statements import array, write
from backlog.models import StaleRank
from backlog.signals import Mark, rank_stale


def mark_stale(*, organization_id: int, item_ids: Iterable[int], cause: str) -> None:
    """Mark items as stale because of `cause` (an event's verb). Name first the item it happened to.

    Listeners are told once an act, as the last thing in its transaction: what they rank is committed with the change, and only what
    they leave is written down as stale.
    """
    act = current_act()
    marks = [Mark(item, cause, act.id if act else None) for item in item_ids]
    if act is not None:
        act.closers.append(_Telling(act, organization_id, marks))
        return
    _write(organization_id, marks)
    transaction.on_commit(lambda: _tell(organization_id, [mark.item for mark in marks], []))


@dataclass(frozen=True)
class _Telling:
    """What an act leaves to its end. A savepoint rolled back takes those along that came after it; the first that runs tells for all."""

    act: Act
    organization_id: int
    marks: list[Mark]

    def __call__(self) -> None:
        marks = {self.organization_id: list(self.marks)}
        others = [closer for closer in self.act.closers if isinstance(closer, _Telling)]
        if others:
            self.act.closers[:] = [closer for closer in self.act.closers if not isinstance(closer, _Telling)]
        for other in others:
            marks.setdefault(other.organization_id, []).extend(other.marks)
        for organization_id, each in marks.items():
            if not _tell(organization_id, sorted({mark.item for mark in each}), each):
                _write(organization_id, each)


def _tell(organization_id: int, item_ids: list[int], marks: list[Mark]) -> bool:
    """Whether a listener has ranked the items. `marks` are those that are not written."""
    answers = rank_stale.send_robust(sender=StaleRank, organization_id=organization_id, item_ids=item_ids, marks=marks)
    return any(answer is True for _, answer in answers)


def _write(organization_id: int, marks: Sequence[Mark]) -> None:
    items, causes, acts = zip(*marks, strict=True) if marks else ((), (), ())
    write(
        "INSERT INTO backlog_stalerank (organization_id, item_id, cause, act) SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::uuid[])",
        [organization_id, array(items), array(causes), array(acts)],
    )
