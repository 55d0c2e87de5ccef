"""Stale marks: written where nobody ranks the items in the act itself, and only for what was done."""

import pytest

from activity.errors import InvalidError
from activity.services.acts import one_act
from backlog.models import Item, StaleRank
from backlog.services.items import set_job_size
from backlog.services.staleness import mark_stale
from prioritization.models import RankRun
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def causes() -> list[tuple[int, str]]:
    return list(StaleRank.objects.order_by("id").values_list("item_id", "cause"))


@pytest.mark.usefixtures("ranked_later")
def test_what_nobody_ranks_is_written_in_order_at_the_end_of_the_act():
    house = organization_with("checkout")
    first, second = make_item(house.team), make_item(house.team)
    StaleRank.objects.all().delete()

    with one_act() as act:
        mark_stale(organization_id=house.organization.pk, item_ids=[second.pk, first.pk], cause="item.linked")
        mark_stale(organization_id=house.organization.pk, item_ids=[first.pk], cause="item.scored")
        assert causes() == []

    assert causes() == [(second.pk, "item.linked"), (first.pk, "item.linked"), (first.pk, "item.scored")]
    assert set(StaleRank.objects.values_list("act", flat=True)) == {act.id}


@one_act()
def size_and_refuse(item: Item) -> None:
    set_job_size(item=item, job_size=5, by=None)
    raise InvalidError("No.", field="job_size")


@pytest.mark.usefixtures("ranked_later")
def test_a_refused_part_of_an_act_leaves_no_mark():
    house = organization_with("checkout")
    kept, refused = make_item(house.team), make_item(house.team)
    StaleRank.objects.all().delete()

    with one_act():
        set_job_size(item=kept, job_size=3, by=None)
        with pytest.raises(InvalidError):
            size_and_refuse(refused)

    assert causes() == [(kept.pk, "item.edited job_size")]


@pytest.mark.usefixtures("patient")
def test_what_the_act_ranks_itself_is_never_written_and_takes_along_what_was():
    house = organization_with("checkout")
    item, other = make_item(house.team), make_item(house.team)
    StaleRank.objects.create(organization=house.organization, item_id=item.pk, cause="item.scored")
    StaleRank.objects.create(organization=house.organization, item_id=other.pk, cause="item.scored")

    set_job_size(item=item, job_size=3, by=None)

    assert causes() == [(other.pk, "item.scored")]
    assert RankRun.objects.filter(organization=house.organization).latest("id").causes == {"item.scored": 1, "item.edited job_size": 1}
