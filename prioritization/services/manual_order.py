"""A list's manual order: its mode, its keys, and the only writer of both. Movers of one list wait for each other at its mode's row."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction

from accounts.models import ReleaseTrain, Team, User
from activity.errors import ConflictError, InvalidError
from activity.reading import Reading
from activity.services.acts import one_act, touch_topic
from activity.services.events import Happening, record, record_all
from activity.services.jobs import enqueue
from activity.statements import array, as_one, write
from backlog.models import Item, ListMode
from backlog.selectors.paging import topic_of
from prioritization.engine.fractional import LONG, key_between, keys_between, spread_keys

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


_LOCKS = {column: Reading(ListMode, f"t.organization_id = %s AND t.{column} = %s FOR NO KEY UPDATE") for column in ("team_id", "train_id")}


def lock_list(home: Home) -> ListMode:
    """The list's mode, locked until the transaction ends: two moves into one gap, or of each other's neighbour, follow each other."""
    column = column_of(home)
    locked = _LOCKS[column].first([home.organization_id, home.pk])
    if locked is None:  # the first time that anybody looks
        ListMode.objects.bulk_create([ListMode(**{"organization_id": home.organization_id, column: home.pk})], ignore_conflicts=True)
        locked = _LOCKS[column].first([home.organization_id, home.pk])
    assert locked is not None
    return locked


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


def place_by_hand(*, item: Item, spot: Spot, by: User | None, cause: str = "") -> str:
    """Put an item to its place in its list's manual order and return its key. It is there when this returns, whoever else moves.

    Raises ConflictError where the item, or the one it goes beside, has left the list.
    """
    return place_together(items=[item], spot=spot, by=by, cause=cause)[0]


@one_act()
def place_together(*, items: Sequence[Item], spot: Spot, by: User | None, cause: str = "") -> list[str]:
    """Put items of one list to a place in its manual order, one right behind the other as they stand now; return their keys in that order.

    Raises ConflictError where one of them, or the one they go beside, has left the list, and InvalidError where that is one of them.
    """
    home = items[0].team or items[0].train
    assert home is not None, "a constraint of the table"
    beside = _beside(items, spot)
    if lock_list(home).mode == Mode.COMPUTED:
        raise ConflictError("This list is ordered by computation again. Nothing was moved.")
    before = _keys_of(home, [*items, *([beside] if beside else [])])
    if beside is not None and before[beside.pk] is None:
        _key_the_rest(home)  # it came since, and gets its place with all that did
        before = _keys_of(home, [*items, beside])
    moving = sorted(items, key=lambda item: (before[item.pk] is None, before[item.pk] or ""))
    said = {name: other.key for name, other in (("above", spot.above), ("below", spot.below)) if other is not None}
    for _ in range(TRIES):
        low, high = _gap(home, moving, spot, before)
        keys = [key_between(low, high)] if len(moving) == 1 else keys_between(low, high, len(moving))
        happenings = [
            Happening(item.pk, item.key, {"manual_key": before[item.pk]}, {"manual_key": key, **said}, cause[:200])
            for item, key in zip(moving, keys, strict=True)
        ]
        if _write(home, [item.pk for item in moving], keys, happenings, by):
            break
    else:
        raise ConflictError("Too many moves at once. Nothing was moved; try again.")
    touch_topic(organization_id=home.organization_id, key=topic_of(home))
    if max(map(len, keys)) > LONG:
        enqueue(name=REBALANCE_JOB, organization_id=home.organization_id, key=topic_of(home), payload={column_of(home): home.pk})
    return keys


def find_neighbours(*, items: Sequence[Item], spot: Spot) -> tuple[str, str]:
    """The keys of the items between which `place_together` would put these as the list stands, whatever a filter hides; empty at an end.

    Raises ConflictError where one has left the list, and InvalidError where they would stand beside themselves.
    """
    home = items[0].team or items[0].train
    assert home is not None, "a constraint of the table"
    beside = _beside(items, spot)
    low, high = _gap(home, items, spot, _keys_of(home, [*items, *([beside] if beside else [])]))
    names = dict(_fetch(_NAMES, home, [key for key in (low, high) if key is not None]))
    return names.get(low, ""), names.get(high, "")


@one_act()
def put_back(*, item: Item, key: str | None, moved_to: str, by: User | None, cause: str) -> bool:
    """Give the item its old key, unless it was moved since. Where another has that key by now, the item stands right behind it."""
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    lock_list(home)
    if _keys_of(home, [item])[item.pk] != moved_to:
        return False
    while True:
        happening = Happening(item.pk, item.key, {"manual_key": moved_to}, {"manual_key": key}, cause[:200])
        if _write(home, [item.pk], [key], [happening], by) or key is None:
            break
        key = key_between(key, _text(_AFTER, home, [item.pk], key))
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
_KEYS = "SELECT item_id, manual_key FROM backlog_placement WHERE {home} = %s AND item_id = ANY(%s)"
_NAMES = """
    SELECT p.manual_key, i.key FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id WHERE p.{home} = %s AND p.manual_key = ANY(%s)
"""
_LAST = "SELECT max(manual_key) FROM backlog_placement WHERE {home} = %s AND NOT item_id = ANY(%s)"
_BEFORE = f"{_LAST} AND manual_key < %s"
_AFTER = "SELECT min(manual_key) FROM backlog_placement WHERE {home} = %s AND NOT item_id = ANY(%s) AND manual_key > %s"
# Along the index of the keys alone: whatever stands before is passed over without being read.
_NUMBERED = """
    SELECT manual_key FROM backlog_placement WHERE {home} = %s AND manual_key IS NOT NULL ORDER BY manual_key OFFSET %s LIMIT %s
"""
_GIVE = """
    UPDATE backlog_placement p SET manual_key = n.key FROM unnest(%s::bigint[], %s::text[]) AS n(item, key) WHERE p.item_id = n.item
"""


def _key_the_rest(home: Home) -> None:
    """Give keys to the items that have none: all of them where the list never had a manual order, else at its end."""
    missing = [pk for (pk,) in _fetch(_UNKEYED, home)]
    if not missing:
        return
    last = _text(_LAST, home, [])
    if last is None:
        _give_keys(missing, list(spread_keys(len(missing))))
        return
    keys = []
    for _ in missing:
        last = key_between(last, None)
        keys.append(last)
    _give_keys(missing, keys)


def _beside(items: Sequence[Item], spot: Spot) -> Item | None:
    """The item that the spot names, if any; none of these."""
    beside = spot.above or spot.below
    if beside is not None and beside.pk in {item.pk for item in items}:
        raise InvalidError(f"{beside.key} cannot stand beside itself. Choose another item.", field="other")
    return beside


def _gap(home: Home, moving: Sequence[Item], spot: Spot, keys: Mapping[int, str | None]) -> tuple[str | None, str | None]:
    """The keys between which the items go, themselves left out."""
    ids = [item.pk for item in moving]
    if spot.above is not None:
        high = keys[spot.above.pk]
        return _text(_BEFORE, home, ids, high), high
    if spot.below is not None:
        low = keys[spot.below.pk]
        return low, _text(_AFTER, home, ids, low)
    own = {key for pk, key in keys.items() if key is not None}
    first = max(spot.number - 2, 0)  # the one above, and what may have to be left out on the way
    there = [key for (key,) in _fetch(_NUMBERED, home, first, len(ids) + 2)]
    others = [key for key in there if key not in own]
    if spot.number > 1:
        others = others[sum(1 for key in own if there and key < there[0]) :]  # those that leave from above let all others close up
        if not others:  # beyond the end
            return _text(_LAST, home, ids), None
        return others[0], others[1] if len(others) > 1 else None
    return None, others[0] if others else None


def _keys_of(home: Home, items: Sequence[Item]) -> dict[int, str | None]:
    """The items' keys by id, None where they have none yet; ConflictError where one has left the list."""
    keys: dict[int, str | None] = dict(_fetch(_KEYS, home, [item.pk for item in items]))
    gone = next((item for item in items if item.pk not in keys), None)
    if gone is not None:
        raise ConflictError(f"{gone.key} is not in this list any more. Nothing was moved.")
    return keys


def _write(home: Home, ids: list[int], keys: Sequence[str | None], happenings: Sequence[Happening], by: User | None) -> bool:
    """Give the keys and tell it, unless somebody else has one of them."""
    try:
        with transaction.atomic(), as_one():
            write(_GIVE, [array(ids), array(keys)])
            record_all(organization_id=home.organization_id, subject_kind="item", verb="item.reordered", happenings=happenings, by=by)
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
