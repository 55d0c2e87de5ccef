"""Places as services leave them, on PostgreSQL."""

import pytest

from backlog.models import Dependency, Item, Placement, StaleRank
from backlog.reasons import Reason
from prioritization.models import RankRun
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


def place_of(item: Item) -> Placement:
    return Placement.objects.get(organization=item.organization_id, item=item)


def order_of(house) -> list[str]:
    rows = Placement.objects.filter(organization=house.organization).order_by("band", "falling", "component", "position")
    return list(rows.values_list("item__key", flat=True))


def block(blocker: Item, blocked: Item) -> None:
    Dependency.objects.create(organization_id=blocker.organization_id, blocker=blocker, blocked=blocked)
    for item in (blocker, blocked):
        StaleRank.objects.create(organization_id=item.organization_id, item_id=item.pk, cause="dependency.linked")


def test_denser_items_come_first():
    house = organization_with("checkout")
    small = make_scored(house.team, value=5, size=5)
    large = make_scored(house.team, value=20, size=5)

    rank_organization(organization_id=house.organization.pk)

    assert order_of(house) == [large.key, small.key]
    assert place_of(large).value == 22 / 5
    assert place_of(large).cost_of_delay == 22
    assert place_of(large).reason == Reason.SOLID


def test_a_blocker_inherits_and_says_from_whom():
    house = organization_with("checkout", "pricing")
    blocker = make_scored(house.teams["pricing"], value=1, size=5)
    blocked = make_scored(house.teams["checkout"], value=20, size=5)
    block(blocker, blocked)

    rank_organization(organization_id=house.organization.pk)

    assert place_of(blocker).value == place_of(blocked).value == 25 / 10
    assert (place_of(blocker).reason, place_of(blocker).reason_item_id) == (Reason.UNBLOCKS, blocked.pk)
    assert (place_of(blocked).reason, place_of(blocked).reason_item_id) == (Reason.WAITS_FOR, blocker.pk)
    assert order_of(house) == [blocker.key, blocked.key]


def test_second_run_writes_nothing():
    house = organization_with("checkout")
    make_scored(house.team)
    first = rank_organization(organization_id=house.organization.pk)
    again = rank_organization(organization_id=house.organization.pk, mode="full")

    assert first is not None
    assert again is not None
    assert again.rows_written == 0
    assert rank_organization(organization_id=house.organization.pk) is None


@pytest.mark.django_db(transaction=True)
def test_an_edit_is_ranked_before_the_service_returns():
    house = organization_with("checkout")
    first, second = make_scored(house.team, value=5), make_scored(house.team, value=3)

    assert order_of(house) == [first.key, second.key]
    score_item(item=second, factors={"business_value": 20}, by=None)

    assert order_of(house) == [second.key, first.key]
    assert not StaleRank.objects.exists()
    assert RankRun.objects.filter(organization=house.organization).latest("id").mode == "inline"
