"""The minimum cut against a search of all closed sets."""

import random
from itertools import accumulate

from prioritization.engine.kernels.cut import densest_start, network


def test_the_cut_is_the_smallest_closed_set_of_largest_excess():
    for seed in range(400):
        draw = random.Random(seed)
        count = draw.randint(2, 11)
        blockers = [[other for other in range(node) if draw.random() < 0.35] for node in range(count)]
        excess = [draw.randint(-9, 9) for _ in range(count)]
        left_out = {node for node in range(count) if draw.random() < 0.1}
        nodes = [node for node in range(count) if node not in left_out]

        offset = [0, *accumulate(len(before) for before in blockers)]
        net = network([], offset, [other for before in blockers for other in before])
        for node in nodes:
            net.label[node], net.room[node] = 1, excess[node]
        size = densest_start(net, nodes, 1)
        found = {node for node in nodes if size and net.depth[node] >= 0}

        closed = [
            {node for node in nodes if mask >> node & 1}
            for mask in range(1 << count)
            if all(mask >> other & 1 for node in nodes if mask >> node & 1 for other in blockers[node] if other not in left_out)
        ]
        most = max(sum(excess[node] for node in chosen) for chosen in closed)
        assert size == len(found)
        assert found == min((chosen for chosen in closed if sum(excess[node] for node in chosen) == most), key=len)
