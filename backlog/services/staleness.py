"""Marks that a place in the order must be computed again. Written in the change's transaction; prioritization drains them."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from django.db import transaction

from activity.services.acts import Act, current_act
from activity.statements import array, write
from backlog.models import StaleRank
from backlog.signals import rank_stale

# What an act marked, so that its listeners are told once and of all of it.
_marked: WeakKeyDictionary[Act, dict[int, set[int]]] = WeakKeyDictionary()


def mark_stale(*, organization_id: int, item_ids: Iterable[int], cause: str) -> None:
    """Mark items as stale because of `cause` (an event's verb). Name first the item it happened to.

    Listeners are told once an act, as the last thing in its transaction: what they rank is committed with the change.
    """
    act = current_act()
    ids = list(item_ids)
    write(
        "INSERT INTO backlog_stalerank (organization_id, item_id, cause, act) SELECT %s, unnest(%s::bigint[]), %s, %s",
        [organization_id, array(ids), cause, act.id if act else None],
    )
    if act is None:
        transaction.on_commit(lambda: _tell(organization_id, ids))
        return
    _marked.setdefault(act, {}).setdefault(organization_id, set()).update(ids)
    # Each call leaves a closer, since a savepoint rolled back takes its own along; the first that runs tells for all.
    act.closers.append(lambda: _tell_all(act))


def _tell_all(act: Act) -> None:
    for organization_id, ids in _marked.pop(act, {}).items():
        _tell(organization_id, sorted(ids))


def _tell(organization_id: int, item_ids: list[int]) -> None:
    rank_stale.send_robust(sender=StaleRank, organization_id=organization_id, item_ids=item_ids)
