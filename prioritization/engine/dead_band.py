"""The dead band: small drift does not reach the order people see.

A component is published as a whole or not at all. What stands of a component is therefore always the result of one run over
the same items and dependencies, and precedence holds in it whatever its neighbours do.
"""

from dataclasses import dataclass

import numpy as np

from prioritization.engine.arrays import RankArrays
from prioritization.engine.types import Flags, Floats, Ints

DEAD_BAND = 0.05
"""A value that moved by at most this share of what stands is left where it stands."""
NOWHERE = -1
"""The band of an item that has no place yet."""


@dataclass(frozen=True, slots=True)
class Published:
    """The places that stand, one entry an item; `component` by the id of its smallest item, as in `RankArrays`."""

    band: Ints
    value: Floats
    component: Ints
    position: Ints

    @property
    def order(self) -> Ints:
        """The indices of all items, first to last."""
        order: Ints = np.lexsort((self.position, self.component, -self.value, self.band))
        return order


def fresh_places(fresh: RankArrays) -> Published:
    """The places of a run as they would be published."""
    return Published(fresh.band, fresh.value, fresh.component, fresh.position)


def publishing(fresh: RankArrays, standing: Published, edited: Flags, *, dead_band: float = DEAD_BAND) -> Flags:
    """Which items take their fresh place: all those of a component of which

    - one was `edited` (by a person, or by a link that came or went; the caller knows, from the marks),
    - one has no place yet, changed its band, or came from another component, or one before its end went away, or
    - one value moved by more than the dead band.

    `standing` has an entry for each item of the run, in its order; without a place its band is NOWHERE. What publishes takes
    exactly the fresh places, so a second run over the same rows finds nothing to write.
    """
    count = fresh.ids.size
    members = np.searchsorted(np.unique(fresh.component), fresh.component)
    size = np.bincount(members, minlength=count)[members]
    moved = np.abs(fresh.value - standing.value) > dead_band * standing.value
    other = (standing.band != fresh.band) | (standing.component != fresh.component) | (standing.position >= size)
    publishes = np.zeros(count, dtype=np.bool_)
    publishes[members[edited | other | moved]] = True
    return publishes[members]


def publish(fresh: RankArrays, standing: Published, publishes: Flags) -> Published:
    """The places that stand afterwards."""
    return Published(
        np.where(publishes, fresh.band, standing.band),
        np.where(publishes, fresh.value, standing.value),
        np.where(publishes, fresh.component, standing.component),
        np.where(publishes, fresh.position, standing.position),
    )
