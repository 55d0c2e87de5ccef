"""All that ranking a few items reads, in one statement: a person waits for it."""

from collections.abc import Iterable
from typing import NamedTuple

from prioritization.selectors.basis import STANDING, Standing, to_standing
from prioritization.selectors.ends import Ends, ends_of, to_ends
from prioritization.selectors.rows import Loaded, load_beside, reading_beside

_TEAMS, _TRAINS = "ANY((SELECT teams FROM homes)::bigint[])", "ANY((SELECT trains FROM homes)::bigint[])"
_MARKS = """
    SELECT json_agg(json_build_array(id, item_id, cause, act)) FROM backlog_stalerank
    WHERE organization_id = %(organization)s AND item_id = ANY(%(ids)s::bigint[])
"""
NEXT_RUN = "nextval('prioritization_rankrun_id_seq')"
_SELECT = reading_beside(STANDING.format(teams=f"t.id = {_TEAMS}"), ends_of(teams=_TEAMS, trains=_TRAINS), _MARKS, NEXT_RUN)


class Marked(NamedTuple):
    """A mark: its own id, the item, and what made it stale."""

    id: int
    item: int
    cause: str
    act: str | None


class Found(NamedTuple):
    """What is tied to some items, the basis of their teams, and the ends of their lists; the latter None where one statement did not do."""

    loaded: Loaded
    standing: Standing | None
    ends: Ends | None
    marks: list[Marked]
    """Those of the items themselves, as the first statement saw them: of changes that it saw too."""
    run_id: int
    """A number for the run."""


def read_at_once(organization_id: int, item_ids: Iterable[int], *, at_most: int) -> Found | None:
    """As `load_tied`, `read_basis` and `read_ends` would, with the items' marks; TooManyError where more than `at_most` items are tied together.

    None where there is no such item.
    """
    loaded, beside, is_all = load_beside(_SELECT, organization_id, item_ids, at_most=at_most)
    if not beside:
        return None
    standing, ends, marks, run_id = beside
    marked = [Marked(*mark) for mark in sorted(marks or ())]
    if not is_all:
        return Found(loaded, None, None, marked, run_id)
    return Found(loaded, to_standing(standing), to_ends(ends), marked, run_id)
