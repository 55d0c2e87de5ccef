"""Exact comparison of densities without fractions, and runs of work as chains of blocks.

A *chain* is a list of runs with falling density. A *run* is `(density, weight, size, sequence)`: nodes in the order
they are done, none of which is worth doing without the ones before it.
"""

from typing import TypeAlias

Run: TypeAlias = tuple[int, int, int, list[int]]
Chain: TypeAlias = list[Run]

_SHIFT = 128
_ENDLESS = 1 << 256


def density(weight: int, size: int) -> int:
    """An integer that orders weight / size exactly for sizes below 2**60 (two such quotients differ by over 2**-120).

    A weight without size is denser than anything. Nothing at all has no density and must not come here alone.
    """
    return (weight << _SHIFT) // size if size else _ENDLESS


def single(node: int, weight: int, size: int) -> Run:
    """A run of one node."""
    return density(weight, size), weight, size, [node]


def in_parallel(chains: list[Chain]) -> Chain:
    """Independent chains become one by falling density (Smith 1956); runs of equal density keep the given order."""
    merged = [run for chain in chains for run in chain]
    merged.sort(key=lambda run: run[0], reverse=True)
    return merged


def in_series(first: Chain, then: Chain) -> Chain:
    """One chain after another; where density would rise, runs stick together (Lawler 1978)."""
    out = first[:]
    for run in then:
        append_run(out, run)
    return out


def append_run(chain: Chain, run: Run) -> None:
    """Put a run behind a chain; it takes in what is less dense before it."""
    latest = run
    while chain and chain[-1][0] < latest[0]:
        latest = _joined(chain.pop(), latest)
    chain.append(latest)


def _joined(first: Run, then: Run) -> Run:
    weight, size = first[1] + then[1], first[2] + then[2]
    return density(weight, size), weight, size, first[3] + then[3]
