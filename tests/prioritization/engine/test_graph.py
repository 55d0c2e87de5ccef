"""Orders by words, against numpy's by keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritization.engine.graph import distinct_edges, falling_order

values = st.one_of(st.sampled_from((0.0, 1.0, 1.0 + 2**-52, 1.0 + 2**-51, 5e-324, 1e300)), st.floats(0, 1e6, width=32))


@given(st.lists(st.tuples(values, st.integers(0, 5)), max_size=30))
def test_items_stand_by_band_falling_value_component_and_position(rows):
    value, band = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows], dtype=np.int64)
    component = np.arange(len(rows)) // 3 * 3
    position = np.arange(len(rows)) - component

    order = falling_order(value, component, position, band)

    assert order.tolist() == np.lexsort((position, component, -value, band)).tolist()


@pytest.mark.parametrize("count", [1, 2, 3, 1_024, 1_025])
def test_edges_come_sorted_and_once(count):
    draw = np.random.default_rng(count)
    blocker, blocked = draw.integers(0, count, (2, 3 * count))

    source, target = distinct_edges(count, blocker, blocked)

    assert list(zip(source.tolist(), target.tolist(), strict=True)) == sorted(
        {(a, b) for a, b in zip(blocker.tolist(), blocked.tolist(), strict=True) if a != b}
    )
