"""A list prepared once tells the same as walking it anew for each decision."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from prioritization.engine.bands import NORMAL
from prioritization.engine.price import PricedList

KEYS = st.tuples(st.integers(0, 5), st.integers(-9, 0).map(float), st.integers(0, 10**6), st.integers(0, 3))
LISTS = st.lists(
    st.tuples(KEYS, KEYS, st.booleans(), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12, unique_by=lambda row: row[0]
)


def walked(keys, sizes, holds):
    """When each item is done, item by item: what is on hold is let in as soon as its day has come."""
    order = [item for item in sorted(keys, key=keys.__getitem__) if keys[item][0] <= NORMAL]
    apart = sorted((holds.get(item, inf), item) for item in keys if keys[item][0] > NORMAL)
    at = done = 0
    for day, item in apart:
        while at < len(order) and done < day:
            done += sizes[order[at]]
            at += 1
        order.insert(at, item)
        at, done = at + 1, done + sizes[item]
    ends, total = {}, 0
    for item in order:
        total += sizes[item]
        ends[item] = total
    return ends


@given(rows=LISTS, day=st.floats(0, 60))
def test_arranging_is_walking(rows, day):
    stored = {item: row[0] for item, row in enumerate(rows)}
    other = {item: row[1] for item, row in enumerate(rows) if row[2] and row[1] not in stored.values()}
    if len(set(other.values())) < len(other):
        return
    sizes, weights = {item: row[3] for item, row in enumerate(rows)}, {item: row[4] for item, row in enumerate(rows)}
    holds = dict.fromkeys(list(other)[:2], day)
    priced = PricedList((item, key, weights[item], sizes[item]) for item, key in stored.items())

    stands, would = priced.arranged({}, {}), priced.arranged(other, holds)

    keys = {**stored, **other}
    assert [priced.ids[at] for at in would.listed] == sorted(keys, key=keys.__getitem__)
    before, after = walked(stored, sizes, {}), walked(keys, sizes, holds)
    assert {priced.ids[at]: end for at, end in enumerate(stands.ends.tolist())} == before
    assert {priced.ids[at]: end for at, end in enumerate(would.ends.tolist())} == after
    delay, later = priced.delayed(stands, would)
    assert delay == sum((after[item] - before[item]) * weights[item] for item in stored)
    assert {priced.ids[at]: by for at, by in enumerate(later.tolist())} == {item: after[item] - before[item] for item in stored}
