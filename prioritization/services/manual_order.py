"""A list's manual order: its mode, its keys, and the only writer of both. Movers of one list wait for each other at its mode's row."""

from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction

from accounts.models import ReleaseTrain, Team, User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.jobs import enqueue
from backlog.models import Item, ListMode
from backlog.selectors.paging import topic_of
from prioritization.engine.fractional import LONG, key_between, spread_keys

REBALANCE_JOB = "prioritization.rebalance"
TRIES = 5

Home = Team | ReleaseTrain
Mode = ListMode.Mode


def column_of(home: Home) -> str:
    """The column of a placement that names its list."""
    return "team_id" if isinstance(home, Team) else "train_id"


def mode_of(home: Home) -> str:
    """How the list is ordered."""
    found = ListMode.objects.filter(organization=home.organization_id, **{column_of(home): home.pk}).values_list("mode", flat=True).first()
    return found or Mode.COMPUTED


def lock_list(home: Home) -> ListMode:
    """The list's mode, locked until the transaction ends: two moves into one gap, or of each other's neighbour, follow each other."""
    place = {"organization_id": home.organization_id, column_of(home): home.pk}
    ListMode.objects.bulk_create([ListMode(**place)], ignore_conflicts=True)
    return ListMode.objects.select_for_update(no_key=True).get(**place)


@one_act()
def set_mode(*, home: Home, mode: str, by: User | None, cause: str = "") -> str:
    """Order the list by computation, by hand, or by hand with the computed order beside it; return the mode that stood before.

    The manual order begins as the computed one; once it was there, it is kept, and what came since stands at its end.
    """
    if mode not in Mode.values:
        raise InvalidError("A list is computed, advised or manual.", field="mode")
    standing = lock_list(home)
    before = standing.mode
    if before == mode:
        return before
    if mode != Mode.COMPUTED:
        _key_the_rest(home)
    standing.mode = mode
    standing.save(update_fields=["mode"])
    record(subject=home, verb="ranking.mode_set", by=by, before={"mode": before}, after={"mode": mode}, cause=cause)
    touch_topic(organization_id=home.organization_id, key=topic_of(home))
    return before


class Spot(NamedTuple):
    """Where to: right above an item, right below one, or to a place by number (from 1; the first one without any)."""

    above: Item | None = None
    below: Item | None = None
    number: int = 1


@one_act()
def place_by_hand(*, item: Item, spot: Spot, by: User | None, cause: str = "") -> str:
    """Put an item to its place in its list's manual order and return its key. It is there when this returns, whoever else moves.

    Raises ConflictError where the item, or the one it goes beside, has left the list.
    """
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    if lock_list(home).mode == Mode.COMPUTED:
        raise ConflictError("This list is ordered by computation again. Nothing was moved.")
    _key_the_rest(home)
    before = _key_of(home, item)
    for _ in range(TRIES):
        key = key_between(*_gap(home, item, spot))
        if _write(item, key):
            break
    else:
        raise ConflictError("Too many moves at once. Nothing was moved; try again.")
    said = {name: other.key for name, other in (("above", spot.above), ("below", spot.below)) if other is not None}
    record(subject=item, verb="item.reordered", by=by, before={"manual_key": before}, after={"manual_key": key, **said}, cause=cause)
    touch_topic(organization_id=home.organization_id, key=topic_of(home))
    if len(key) > LONG:
        enqueue(name=REBALANCE_JOB, organization_id=home.organization_id, key=topic_of(home), payload={column_of(home): home.pk})
    return key


@one_act()
def put_back(*, item: Item, key: str | None, moved_to: str, by: User | None, cause: str) -> bool:
    """Give the item its old key, unless it was moved since. Where another has that key by now, the item stands right behind it."""
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    lock_list(home)
    if _key_of(home, item) != moved_to:
        return False
    while not _write(item, key) and key is not None:
        key = key_between(key, _text(_AFTER, home, item.pk, key))
    record(subject=item, verb="item.reordered", by=by, before={"manual_key": moved_to}, after={"manual_key": key}, cause=cause)
    touch_topic(organization_id=home.organization_id, key=topic_of(home))
    return True


@transaction.atomic
def rebalance_list(home: Home) -> int:
    """Give all items of the list short keys in the same order; return how many there are."""
    lock_list(home)
    ids = [pk for (pk,) in _fetch(_KEYED, home)]
    _fetch(_UNKEY, home)  # in two steps: within one, a new key may meet an old one that is about to go
    _give_keys(ids, list(spread_keys(len(ids))))
    return len(ids)


_KEYED = "SELECT item_id FROM backlog_placement WHERE {home} = %s AND manual_key IS NOT NULL ORDER BY manual_key"
_UNKEY = "UPDATE backlog_placement SET manual_key = NULL WHERE {home} = %s AND manual_key IS NOT NULL RETURNING item_id"
_UNKEYED = """
    SELECT item_id FROM backlog_placement WHERE {home} = %s AND manual_key IS NULL ORDER BY band, falling, component, position
"""
_ONE = "SELECT manual_key FROM backlog_placement WHERE {home} = %s AND item_id = %s"
_LAST = "SELECT max(manual_key) FROM backlog_placement WHERE {home} = %s AND item_id <> %s"
_BEFORE = f"{_LAST} AND manual_key < %s"
_AFTER = "SELECT min(manual_key) FROM backlog_placement WHERE {home} = %s AND item_id <> %s AND manual_key > %s"
_NUMBERED = """
    SELECT manual_key FROM backlog_placement WHERE {home} = %s AND item_id <> %s AND manual_key IS NOT NULL
    ORDER BY manual_key OFFSET %s LIMIT 2
"""
_MOVE = "UPDATE backlog_placement SET manual_key = %s WHERE organization_id = %s AND item_id = %s"
_GIVE = """
    UPDATE backlog_placement p SET manual_key = n.key FROM unnest(%s::bigint[], %s::text[]) AS n(item, key) WHERE p.item_id = n.item
"""


def _key_the_rest(home: Home) -> None:
    """Give keys to the items that have none: all of them where the list never had a manual order, else at its end."""
    missing = [pk for (pk,) in _fetch(_UNKEYED, home)]
    if not missing:
        return
    last = _text(_LAST, home, 0)
    if last is None:
        _give_keys(missing, list(spread_keys(len(missing))))
        return
    keys = []
    for _ in missing:
        last = key_between(last, None)
        keys.append(last)
    _give_keys(missing, keys)


def _gap(home: Home, item: Item, spot: Spot) -> tuple[str | None, str | None]:
    """The keys between which the item goes, itself left out."""
    if spot.above is not None:
        high = _needed(home, spot.above)
        return _text(_BEFORE, home, item.pk, high), high
    if spot.below is not None:
        low = _needed(home, spot.below)
        return low, _text(_AFTER, home, item.pk, low)
    keys = [key for (key,) in _fetch(_NUMBERED, home, item.pk, max(spot.number - 2, 0))]
    if spot.number <= 1:
        return None, keys[0] if keys else None
    if not keys:  # beyond the end
        return _text(_LAST, home, item.pk), None
    return keys[0], keys[1] if len(keys) > 1 else None


def _needed(home: Home, other: Item) -> str:
    key = _key_of(home, other)
    if key is None:
        raise ConflictError(f"{other.key} is not in this list any more. Nothing was moved.")
    return key


def _key_of(home: Home, item: Item) -> str | None:
    found = _fetch(_ONE, home, item.pk)
    if not found:
        raise ConflictError(f"{item.key} is not in this list. Nothing was moved.")
    key: str | None = found[0][0]
    return key


def _write(item: Item, key: str | None) -> bool:
    """Whether nobody else has the key."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_MOVE, [key, item.organization_id, item.pk])
    except IntegrityError:
        return False
    return True


def _give_keys(ids: list[int], keys: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, [ids, keys])


def _fetch(statement: str, home: Home, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(home=column_of(home)), [home.pk, *params])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _text(statement: str, home: Home, *params: Any) -> str | None:
    found: str | None = _fetch(statement, home, *params)[0][0]
    return found
