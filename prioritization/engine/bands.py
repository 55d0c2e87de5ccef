"""Bands, and how precedence acts across them.

An item asks for a band and gets an effective one:

- *Now* (0) is frozen: it keeps its band whatever blocks it. It still counts as work that waits, so its blockers
  inherit its urgency and an unscored blocker of it comes up into *normal*.
- *Expedited or pinned* (1) takes its blockers along, theirs too, out of *normal* and *unscored*.
- *Unscored* (4) comes up to the band of the scored work it blocks.
- A *raised* item comes up into band 1 alone: a pin of one list raises what it waits for there, and leaves other lists be.
- *On hold* (3) and *dormant* (5) stay where a person put them and pull nothing.

Bands 0 to 2 are one zone: precedence holds and values are comparable across it, so a pin changes places and never a
value. Bands 3, 4 and 5 are a zone each; an edge between zones orders nothing and lends nothing. An item that still
stands above an open blocker (Now above anything; normal above on hold) is a conflict for a person to see.
"""

import numpy as np

from prioritization.engine.types import Flags, Ints

NOW, EXPEDITED, NORMAL, ON_HOLD, UNSCORED, DORMANT = range(6)
_NO_PULL = 9


def effective_bands(band: Ints, blocker: Ints, blocked: Ints, raised: Flags | None = None) -> Ints:
    """The band each item stands in once pinned and scored work has taken its blockers along, and what is `raised` came up."""
    asked = band.astype(np.int8)  # an eighth of the memory to go through
    reach = np.where(asked <= NORMAL, np.maximum(asked, EXPEDITED), _NO_PULL).astype(np.int8)
    reach[asked == NOW] = NORMAL  # work in progress asks for its blockers, but pins nothing
    passes = (asked == NOW) | (asked == NORMAL) | (asked == UNSCORED)
    if not passes.all():
        kept = passes[blocker]
        blocker, blocked = blocker[kept], blocked[kept]
    while True:
        pulled = reach[blocked] < reach[blocker]
        if not pulled.any():
            break
        np.minimum.at(reach, blocker[pulled], reach[blocked][pulled])
    movable = (asked == NORMAL) | (asked == UNSCORED)
    effective: Ints = np.where(movable & (reach < _NO_PULL), reach, asked).astype(np.int64)
    if raised is not None:
        effective[movable & raised] = EXPEDITED
    return effective


def zones(band: Ints) -> Ints:
    """0 for the bands that are ranked together (0 to 2), else the band itself."""
    return np.where(band <= NORMAL, 0, band)


def live_edges(zone: Ints, blocker: Ints, blocked: Ints) -> Flags:
    """Which edges order anything: those with both ends in one zone."""
    if not zone.any():
        return np.ones(blocker.size, dtype=np.bool_)
    live: Flags = zone[blocker] == zone[blocked]
    return live
