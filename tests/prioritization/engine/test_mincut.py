"""The minimum cut against a search of all closed sets."""

import random

from prioritization.engine.mincut import densest_start


def test_the_cut_is_the_smallest_closed_set_of_largest_excess():
    for seed in range(400):
        draw = random.Random(seed)
        count = draw.randint(2, 11)
        blockers = [[other for other in range(node) if draw.random() < 0.35] for node in range(count)]
        excess = [draw.randint(-9, 9) for _ in range(count)]
        left_out = {node for node in range(count) if draw.random() < 0.1}
        nodes = [node for node in range(count) if node not in left_out]

        found = densest_start(nodes, blockers, {node: excess[node] for node in nodes})

        closed = [
            {node for node in nodes if mask >> node & 1}
            for mask in range(1 << count)
            if all(mask >> other & 1 for node in nodes if mask >> node & 1 for other in blockers[node] if other not in left_out)
        ]
        most = max(sum(excess[node] for node in chosen) for chosen in closed)
        assert found == min((chosen for chosen in closed if sum(excess[node] for node in chosen) == most), key=len)
