"""Layers: what comes first stands left, nothing covers anything."""

from hypothesis import given
from hypothesis import strategies as st

from backlog.layers import BOX_HEIGHT, BOX_WIDTH, draw_layers, layers_of


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 9))
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda pair: pair[0] != pair[1])
    edges = draw(st.lists(pairs, max_size=14, unique=True))
    return list(range(size)), edges, {node: draw(st.sampled_from("ABC")) for node in range(size)}


@given(graphs())
def test_a_link_of_a_graph_without_cycles_goes_right_and_boxes_lie_apart_in_their_bands(graph):
    nodes, edges, group_of = graph
    forward = [(a, b) for a, b in edges if a < b]

    drawing = draw_layers(nodes, forward, group_of)

    at = {box.node: box for box in drawing.boxes}
    assert all(at[a].x + BOX_WIDTH < at[b].x for a, b in forward)
    assert len({(box.x, box.y) for box in drawing.boxes}) == len(nodes)
    band = {each.name: each for each in drawing.bands}
    for box in drawing.boxes:
        mine = band[group_of[box.node]]
        assert mine.y <= box.y
        assert box.y + BOX_HEIGHT <= mine.y + mine.height
        assert box.x + BOX_WIDTH <= drawing.width


@given(graphs())
def test_cycles_end_and_every_node_has_a_layer(graph):
    nodes, edges, group_of = graph

    assert set(layers_of(nodes, edges)) == set(nodes)
    assert len(draw_layers(nodes, edges, group_of).paths) == len(edges)
