"""Incremental equals full, whatever people do in whatever order (property 10)."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from activity.errors import DomainError
from backlog.models import Item, Placement, StaleRank
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.items import create_item, edit_item, set_job_size
from backlog.services.statuses import set_status
from prioritization.models import Override
from prioritization.services.checking import check_organization
from prioritization.services.overrides import lift_override, set_override
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import House, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [None, 1, 2, 3, 5, 8, 13]
SCORES = [None, 1, 2, 3, 5, 8, 13, 20]


class Person:
    """Does things to an organization at random, as the services allow."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.draw = house, random.Random(seed)
        self.features = [make_item(house.train, title=f"Feature {n}") for n in range(4)]
        for _ in range(26):
            self.create()

    def items(self) -> list[Item]:
        return list(Item.objects.for_organization(self.house.organization).select_related("team", "train").order_by("id"))

    def one(self) -> Item:
        return self.draw.choice(self.items())

    def create(self) -> None:
        team = self.draw.choice(list(self.house.teams.values()))
        parent = self.draw.choice([None, None, *self.features])
        kind = self.draw.choice(["story", "story", "bug", "tech_debt", "user_request"])
        if parent is not None:
            parent.refresh_from_db()
            parent = parent if parent.is_ranked else None
        create_item(
            home=team, kind=kind, title="Item", by=None, job_size=self.draw.choice(SIZES), parent=parent, demand=self.draw.choice([0, 0, 4])
        )

    def score(self) -> None:
        item = self.one()
        names = {
            "bug": ["severity", "reach"],
            "tech_debt": ["interest"],
            "user_request": ["demand"],
        }.get(item.kind, ["business_value", "risk_reduction"])
        score_item(item=item, factors={name: self.draw.choice([None, 1, 2, 5]) for name in names}, by=None)

    def size(self) -> None:
        set_job_size(item=self.one(), job_size=self.draw.choice(SIZES), by=None)

    def link(self) -> None:
        link_dependency(blocker=self.one(), blocked=self.one(), by=None)

    def unlink(self) -> None:
        blocker = self.one()
        edge = blocker.dependencies_out.select_related("blocked").first()
        if edge is not None:
            unlink_dependency(blocker=blocker, blocked=edge.blocked, by=None)

    def move(self) -> None:
        set_status(
            item=self.one(), status=self.draw.choice(["open", "planned", "in_progress", "done", "removed"]), by=None, reason="Because."
        )

    def adopt(self) -> None:
        edit_item(item=self.one(), changes={"parent": self.draw.choice([None, *self.features])}, by=None)

    def sleep(self) -> None:
        edit_item(item=self.one(), changes={"is_dormant": self.draw.random() < 0.5}, by=None)

    def override(self) -> None:
        kind = self.draw.choice(["pin", "keep_above", "keep_above", "not_before", "freeze", "boost"])
        item = self.one()
        home = item.train or self.draw.choice([item.team, self.house.train])
        set_override(
            item=item,
            kind=kind,
            home=home,
            reason="Because.",
            by=None,
            anchor=self.one() if kind == "keep_above" else None,
            multiplier=self.draw.choice(["0.5", "2"]) if kind == "boost" else None,
            expires_on=timezone.localdate() + timedelta(days=7),
        )

    def lift(self) -> None:
        override = Override.objects.for_organization(self.house.organization).filter(ended_at=None).select_related("item").first()
        if override is not None:
            lift_override(override=override, by=None)

    def act(self, deed: str = "") -> None:
        with suppress(DomainError):  # refused: nothing changed
            getattr(self, deed or self.draw.choice(DEEDS))()


DEEDS = ["override"] * 3 + ["lift"] + ["score"] * 2 + ["size"] + ["link"] * 2 + ["unlink", "move", "adopt", "sleep", "create"]


class Backlog(RuleBasedStateMachine):
    """People do things to an organization; whenever it is ranked in between, the stored order is that of a full run."""

    def __init__(self) -> None:
        super().__init__()
        self.house = organization_with("checkout", "pricing", "catalogue")
        self.person = Person(self.house, seed=0)

    @rule(deed=st.sampled_from(DEEDS), draw=st.randoms(use_true_random=False))
    def act(self, deed: str, draw: random.Random) -> None:
        self.person.draw = draw
        self.person.act(deed)

    @rule()
    def rank(self) -> None:
        rank_organization(organization_id=self.house.organization.pk)
        assert check_organization(organization_id=self.house.organization.pk).is_exact

    def teardown(self) -> None:
        self.rank()
        assert not StaleRank.objects.filter(organization=self.house.organization).exists()
        ranked = Item.objects.for_organization(self.house.organization).ranked().count()
        assert Placement.objects.for_organization(self.house.organization).count() == ranked
        again = rank_organization(organization_id=self.house.organization.pk, mode="full")
        assert again is not None
        assert again.rows_written == 0


def test_incremental_equals_full_after_any_sequence_of_edits():
    run_state_machine_as_test(
        Backlog, settings=settings(max_examples=5, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    )
