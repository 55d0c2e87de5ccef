"""Ranking only the components that were touched equals ranking everything, after any sequence of edits."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from prioritization.engine import Candidate, Key, rank

amounts = st.integers(0, 20)
sizes = st.integers(0, 13)
bands = st.sampled_from((0, 1, 2, 2, 2, 2, 3, 4, 5))
picks = st.integers(0, 10_000)


class Backlog(RuleBasedStateMachine):
    """Items with stored keys; each edit marks items stale, and only the components of stale items are ranked again."""

    def __init__(self):
        super().__init__()
        self.items: dict[int, Candidate] = {}
        self.edges: set[tuple[int, int]] = set()
        self.keys: dict[int, Key] = {}
        self.next_id = 1

    def rerank(self, *stale: int) -> None:
        components = {self.keys[item][2] for item in stale if item in self.keys}
        chosen = {item for item in self.items if item in stale or self.keys[item][2] in components}
        ranking = rank([self.items[item] for item in chosen], [edge for edge in self.edges if set(edge) <= chosen])
        self.keys.update({item: ranking.key(item) for item in chosen})

    def pick(self, number: int) -> int:
        return sorted(self.items)[number % len(self.items)]

    @rule(value=amounts, size=sizes, band=bands)
    def add(self, value, size, band):
        self.items[self.next_id] = Candidate(self.next_id, {"value": value}, size, band)
        self.next_id += 1
        self.rerank(self.next_id - 1)

    @rule(number=picks, value=amounts, size=sizes, band=bands)
    def edit(self, number, value, size, band):
        if self.items:
            item = self.pick(number)
            self.items[item] = replace(self.items[item], terms={"value": value}, size=size, band=band)
            self.rerank(item)

    @rule(first=picks, second=picks)
    def link(self, first, second):
        if self.items:
            blocker, blocked = self.pick(first), self.pick(second)
            self.edges.add((blocker, blocked))
            self.rerank(blocker, blocked)

    @rule(number=picks)
    def unlink(self, number):
        if self.edges:
            edge = sorted(self.edges)[number % len(self.edges)]
            self.edges.remove(edge)
            self.rerank(*edge)

    @rule(number=picks)
    def close(self, number):
        if self.items:
            item = self.pick(number)
            tied = [other for other in self.items if other != item and self.keys[other][2] == self.keys[item][2]]
            del self.items[item], self.keys[item]
            self.edges = {edge for edge in self.edges if item not in edge}
            self.rerank(*tied)

    @invariant()
    def stored_keys_are_those_of_a_full_run(self):
        ranking = rank(self.items.values(), self.edges)
        assert self.keys == {item: ranking.key(item) for item in self.items}


TestIncremental = Backlog.TestCase
TestIncremental.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
