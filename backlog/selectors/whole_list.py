"""Where the rows of a narrowed page stand in the whole list: their places, and the neighbours that the page does not show."""

from collections.abc import Sequence

from backlog.selectors.confidence import Standing, coin_flips
from backlog.selectors.narrowing import Home, column_of, fetch

Key = tuple[int, float, int, int]  # band, falling, component, position

# Places are counted along the index, down to the last row shown. Neighbours are found by the index too: one step up and one down from each.
_BESIDE = """
LEFT JOIN LATERAL (
  SELECT band, -falling AS value, component, is_assumed::int + is_size_assumed::int AS assumed FROM backlog_placement
  WHERE {{home}} = %(home)s AND (band, falling, component, position) {sign} (p.band, p.falling, p.component, p.position)
  ORDER BY band {way}, falling {way}, component {way}, position {way} LIMIT 1
) AS {side} ON TRUE
"""
_PLACES = f"""
SELECT p.item_id, numbered.place, above.*, p.band, -p.falling, p.component, p.is_assumed::int + p.is_size_assumed::int, below.*
FROM (
  SELECT item_id, row_number() OVER (ORDER BY band, falling, component, position) AS place
  FROM backlog_placement
  WHERE {{home}} = %(home)s AND (band, falling, component, position) <= (%(band)s, %(falling)s, %(component)s, %(position)s)
) AS numbered
JOIN backlog_placement p ON p.item_id = numbered.item_id
{_BESIDE.format(sign="<", way="DESC", side="above")}
{_BESIDE.format(sign=">", way="ASC", side="below")}
WHERE numbered.item_id = ANY(%(items)s)
"""  # noqa: S608, own words only


def places_in_whole_list(home: Home, rows: Sequence[tuple[int, Key]]) -> tuple[list[int], dict[int, int]]:
    """For rows (an item and its key) their places in the whole list, 0 where one has left it; and by number of the row the step to the
    neighbour there that could as well stand in its place, as `coin_flips` says it. One statement."""
    if not rows:
        return [], {}
    ids = [pk for pk, _ in rows]
    last = dict(zip(("band", "falling", "component", "position"), max(key for _, key in rows), strict=True))
    found = {pk: beside for pk, *beside in fetch(_PLACES.format(home=column_of(home)), {"home": home.pk, "items": ids, **last})}
    flips = {number: step for number, pk in enumerate(ids) if pk in found and (step := _flip(*found[pk][1:]))}
    return [found[pk][0] if pk in found else 0 for pk in ids], flips


def _flip(*columns: float | None) -> int:
    """The step to the neighbour, 0 for none, from the columns of the row above, the row, and the row below; of a neighbour that is not there, nothing."""
    three = [columns[at : at + 4] for at in (0, 4, 8)]
    standing = [Standing(*each) for each in three if each[0] is not None]  # type: ignore[arg-type]  # four columns each
    return coin_flips(standing).get(0 if columns[0] is None else 1, 0)
