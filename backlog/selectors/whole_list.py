"""Where the rows of a narrowed page stand in the whole list: their places, and the neighbours that the page does not show.

Places are counted along the index: 70,000 entries take 5 ms. So what was counted is remembered until the list changes, and the next count
begins at the nearest place that is known. Neighbours are found by the index too: one step up and one down from each.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from threading import Lock

from activity.statements import array
from backlog.selectors.confidence import Standing, coin_flips
from backlog.selectors.narrowing import Home, column_of, fetch

Key = tuple[int, float, int, int]  # band, falling, component, position

_BESIDE = """
LEFT JOIN LATERAL (
  SELECT band, -falling AS value, component, is_assumed::int + is_size_assumed::int AS assumed FROM backlog_placement
  WHERE {{home}} = %(home)s AND (band, falling, component, position) {sign} (p.band, p.falling, p.component, p.position)
  ORDER BY band {way}, falling {way}, component {way}, position {way} LIMIT 1
) AS {side} ON TRUE
"""
_ROWS = f"""
SELECT k.item_id, (
    SELECT count(*) FROM backlog_placement q WHERE q.{{home}} = %(home)s
    AND (q.band, q.falling, q.component, q.position) > (k.low_band, k.low_falling, k.low_component, k.low_position)
    AND (q.band, q.falling, q.component, q.position) <= (p.band, p.falling, p.component, p.position)
  ), above.*, p.band, -p.falling, p.component, p.is_assumed::int + p.is_size_assumed::int, below.*
FROM unnest(%(items)s::bigint[], %(bands)s::int[], %(fallings)s::float8[], %(components)s::bigint[], %(positions)s::int[])
  AS k (item_id, low_band, low_falling, low_component, low_position)
JOIN backlog_placement p ON p.item_id = k.item_id
{_BESIDE.format(sign="<", way="DESC", side="above")}
{_BESIDE.format(sign=">", way="ASC", side="below")}
"""  # noqa: S608, own words only

MOST_LISTS, MOST_PLACES = 32, 4_000
"""Of what is remembered: some MB at most."""
_TOP: Key = (-1, 0.0, 0, 0)


class _Known:
    """Keys of a list in its order with how many items stand down to each, as counted at a version of the list's topic."""

    def __init__(self, version: int, places: Iterable[tuple[Key, int]] = ()) -> None:
        self.version = version
        self.places = [(_TOP, 0), *sorted(places)][: MOST_PLACES + 1]

    def at_or_before(self, key: Key) -> tuple[Key, int]:
        """The nearest key that is known, and its place."""
        return self.places[bisect_right(self.places, key, key=lambda known: known[0]) - 1]


_known: dict[tuple[str, int], _Known] = {}
_lock = Lock()


def places_in_whole_list(home: Home, version: int, rows: Sequence[tuple[int, Key]]) -> tuple[list[int], dict[int, int]]:
    """For rows (an item and its key) their places in the whole list, 0 where one has left it; and by number of the row the step to the
    neighbour there that could as well stand in its place, as `coin_flips` says it. `version` is that of the list's topic. One statement."""
    if not rows:
        return [], {}
    name = column_of(home), home.pk
    known = _known.get(name)
    if known is None or known.version != version:
        known = _Known(version)
    starts: list[tuple[int, Key, int | None]] = []  # from where to count: a key, and its place or None for the row before
    low = _TOP
    for pk, key in sorted(rows, key=lambda row: row[1]):
        near, place = known.at_or_before(key)
        starts.append((pk, near, place) if near >= low else (pk, low, None))
        low = key
    found = {pk: beside for pk, *beside in fetch(_ROWS.format(home=column_of(home)), {"home": home.pk, **_columns(starts)})}
    places: dict[int, int] = {}
    last = 0
    for pk, _, start in starts:
        if pk in found:
            last = (last if start is None else start) + found[pk][0]
            places[pk] = last
    _remember(name, known, [(key, places[pk]) for pk, key in rows if pk in places])
    flips = {number: step for number, (pk, _) in enumerate(rows) if pk in found and (step := _flip(*found[pk][1:]))}
    return [places.get(pk, 0) for pk, _ in rows], flips


def _columns(starts: Sequence[tuple[int, Key, int | None]]) -> dict[str, str]:
    bands, fallings, components, positions = zip(*(low for _, low, _ in starts), strict=True)
    return {
        "items": array(pk for pk, _, _ in starts),
        "bands": array(bands),
        "fallings": array(fallings),
        "components": array(components),
        "positions": array(positions),
    }


def _remember(name: tuple[str, int], known: _Known, counted: list[tuple[Key, int]]) -> None:
    with _lock:
        _known.pop(name, None)
        _known[name] = _Known(known.version, {*known.places[1:], *counted})
        while len(_known) > MOST_LISTS:
            del _known[next(iter(_known))]


def _flip(*columns: float | None) -> int:
    """The step to the neighbour, 0 for none, from the columns of the row above, the row, and the row below; of a neighbour that is not there, nothing."""
    three = [columns[at : at + 4] for at in (0, 4, 8)]
    standing = [Standing(*each) for each in three if each[0] is not None]  # type: ignore[arg-type]  # four columns each
    return coin_flips(standing).get(0 if columns[0] is None else 1, 0)
