"""All that ranking a few items reads, in one statement: a person waits for it."""

from collections.abc import Iterable
from typing import NamedTuple

from prioritization.selectors.basis import STANDING, Standing, to_standing
from prioritization.selectors.ends import Ends, ends_of, to_ends
from prioritization.selectors.rows import Loaded, load_beside, reading_beside

_TEAMS, _TRAINS = "ANY((SELECT teams FROM homes)::bigint[])", "ANY((SELECT trains FROM homes)::bigint[])"
_SELECT = reading_beside(STANDING.format(teams=f"t.id = {_TEAMS}", day="NULL::date"), ends_of(teams=_TEAMS, trains=_TRAINS))


class Found(NamedTuple):
    """What is tied to some items, the basis of their teams, and the ends of their lists; the latter None where one statement did not do."""

    loaded: Loaded
    standing: Standing | None
    ends: Ends | None


def read_at_once(organization_id: int, item_ids: Iterable[int], *, at_most: int) -> Found:
    """As `load_tied`, `read_basis` and `read_ends` would; TooManyError where more than `at_most` items are tied together."""
    loaded, beside = load_beside(_SELECT, organization_id, item_ids, at_most=at_most)
    if not beside:
        return Found(loaded, None, None)
    standing, ends = beside
    assert standing is not None, "there is always that of the organization"
    return Found(loaded, to_standing(standing), to_ends(ends))
