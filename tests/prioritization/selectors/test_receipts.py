"""Receipts add up: exactly as Fractions, and to the hundredth as they are printed."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from activity.services.acts import one_act
from backlog.models import Band, Item, Placement
from backlog.services.dependencies import link_dependency
from backlog.services.statuses import set_status
from prioritization.selectors.explained import explain
from prioritization.selectors.places import find_rank
from prioritization.selectors.receipts import ReceiptView, receipt_for
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import House, make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


def hundredths(amount: str) -> int:
    return round(float(amount.replace("\N{MINUS SIGN}", "-").replace(",", "")) * 100)


def adds_up(receipt: ReceiptView) -> bool:
    """Whether the printed parts add up to their group, and the groups to the sum."""
    amounts = [hundredths(line.amount) for line in receipt.lines]
    groups = [at for at, line in enumerate(receipt.lines) if line.is_group]
    ends = pairwise([*groups, len(amounts) - 1])
    return sum(amounts[at] for at in groups) == amounts[-1] and all(
        not amounts[a + 1 : b] or sum(amounts[a + 1 : b]) == amounts[a] for a, b in ends
    )


def sample() -> House:
    """Families, links across teams, products, missing scores, a pace that differs, something planned."""
    house = organization_with("checkout", "pricing", owner=Role.PRODUCT_OWNER)
    slow = make_team(house.train, slug="slow", points_per_iteration=7)
    feature = make_scored(house.train, value=20, size=21)
    children = [make_item(house.team, parent=feature, job_size=size) for size in (3, 5, None)]
    score_item(item=children[1], factors={"business_value": 13}, by=house.people["owner"])
    bug = make_item(slow, "bug", job_size=3)
    score_item(item=bug, factors={"severity": 8, "reach": "0.5", "frequency": "1.5"}, by=None)
    debt = make_item(house.teams["pricing"], "tech_debt", job_size=8)
    score_item(item=debt, factors={"interest": 2}, by=None)
    wanted = make_scored(house.team, value=13, size=7)
    make_item(house.team, "user_request", demand=11, job_size=3)
    make_item(house.team)
    link_dependency(blocker=debt, blocked=wanted, by=None)
    link_dependency(blocker=bug, blocked=wanted, by=None)
    link_dependency(blocker=bug, blocked=children[2], by=None)
    planned = make_scored(house.team, value=3, size=2)
    set_status(item=planned, status="planned", by=None)
    link_dependency(blocker=children[0], blocked=planned, by=None)
    rank_organization(organization_id=house.organization.pk)
    return house


def test_every_receipt_of_an_organization_adds_up():
    house = sample()
    access = house.access("owner")
    items = Item.objects.for_organization(house.organization).select_related("team", "train")

    for item in items:
        explained = explain(item)
        assert explained is not None
        stored = Placement.objects.get(organization=house.organization, item=item)
        assert explained.receipt.total == explained.receipt.value
        # Work under way stands with the value it had when it began.
        assert float(explained.receipt.value) == stored.value or stored.band == Band.NOW
        receipt = receipt_for(item=item, access=access)
        assert not receipt.lines or adds_up(receipt), item
        assert receipt.sentence


def test_a_receipt_says_what_it_unblocks_and_what_that_is_worth():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    blocker, blocked = make_scored(house.team, value=1, size=5), make_scored(house.team, value=20, size=5)
    link_dependency(blocker=blocker, blocked=blocked, by=None)
    rank_organization(organization_id=house.organization.pk)

    receipt = receipt_for(item=blocker, access=house.access("owner"))

    assert (receipt.sentence, receipt.other_key) == ("It is 1st because it unblocks", blocked.key)
    assert receipt.because == ", which is worth 22 a week"
    assert [(line.label, line.amount) for line in receipt.lines if line.is_group] == [("Own value", "0.60"), ("Inherited", "+1.90")]
    assert receipt.lines[-1].amount == "2.50"
    assert receipt.lines[-1].note == "25 a week over 10 points"


def test_items_of_a_private_team_count_and_are_not_named():
    house = organization_with("checkout", dev=Role.DEVELOPER)
    secret = make_team(house.train, slug="secret", is_private=True)
    blocker, hidden = make_scored(house.team, value=1, size=5), make_scored(secret, value=20, size=5, title="Launch of the moon")
    link_dependency(blocker=blocker, blocked=hidden, by=None)
    rank_organization(organization_id=house.organization.pk)

    receipt = receipt_for(item=blocker, access=house.access("dev"))

    printed = repr(receipt)
    assert hidden.key not in printed
    assert "moon" not in printed
    assert (receipt.other_key, receipt.other_name, receipt.because) == ("", "a restricted item", "")
    assert [line.label for line in receipt.lines if line.fill == "inherits" and not line.is_group] == ["A restricted item"]
    assert adds_up(receipt)


def test_rank_counts_along_the_list_of_the_item():
    house = organization_with("checkout", "pricing")
    low, high = make_scored(house.team, value=1), make_scored(house.team, value=20)
    make_scored(house.teams["pricing"], value=13)
    rank_organization(organization_id=house.organization.pk)

    assert (find_rank(high), find_rank(low)) == (1, 2)


def test_a_closed_item_has_no_place():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    item = make_scored(house.team)
    item = set_status(item=item, status="done", by=None)

    assert explain(item) is None
    assert "no place" in receipt_for(item=item, access=house.access("owner")).sentence


@pytest.mark.parametrize("is_ranked", [True, False], ids=["ranked", "not ranked yet"])
def test_a_receipt_costs_the_same_at_three_and_at_sixty_linked_items(is_ranked):
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)

    def count(length: int) -> int:
        with one_act():  # ranked once
            chain = [make_scored(house.team, value=1 + number % 13) for number in range(length)]
            for blocker, blocked in pairwise(chain):
                link_dependency(blocker=blocker, blocked=blocked, by=None)
        if is_ranked:
            rank_organization(organization_id=house.organization.pk)
        access = house.access("owner")
        with CaptureQueriesContext(connection) as queries:
            receipt_for(item=chain[0], access=access)
        return len(queries)

    short, long = count(3), count(60)

    assert long <= short + 2  # those that walk to the end of a chain nobody has ranked
    assert long <= 14


def test_work_under_way_says_with_which_value_it_stands():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    begun, waiting = make_scored(house.team, value=3), make_scored(house.team, value=3)
    link_dependency(blocker=begun, blocked=waiting, by=None)
    set_status(item=begun, status="planned", by=None)
    rank_organization(organization_id=house.organization.pk)

    score_item(item=waiting, factors={"business_value": 20}, by=None)
    rank_organization(organization_id=house.organization.pk)

    begun.refresh_from_db()
    assert receipt_for(item=begun, access=house.access("owner")).held.startswith("It stands with 1")
    assert receipt_for(item=waiting, access=house.access("owner")).held == ""
