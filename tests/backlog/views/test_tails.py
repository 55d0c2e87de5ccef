"""The tail of a list: folded until its reader opens a tier, remembered, counted beside."""

import pytest

from activity.services.acts import one_act
from backlog.models import Band, ListLayout
from prioritization.services.manual_order import set_mode
from tests.backlog.views.conftest import HTMX
from tests.factories.backlog import make_item, place

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/"


def rows_in(page):
    return [part.split('"')[0] for part in page.split('id="item-')[1:]]


@pytest.fixture
def items(house):
    """One of each band, by name."""
    with one_act():
        made = {band.name.lower(): make_item(house.team, title=band.name) for band in Band}
    for band in Band:
        place(made[band.name.lower()], value=9 - band, band=band)
    return made


def test_what_is_dormant_waits_below_the_list_until_a_reader_opens_it(house, browse, items):
    client = browse("dev")
    keys = [item.key for item in items.values()]
    assert rows_in(client.get(PATH).content.decode()) == keys[:-1]
    folded = client.get(f"{PATH}total/", headers=HTMX).content.decode()
    assert ("Dormant" in folded, "1 item<" in folded, rows_in(folded)) == (True, True, [])

    response = client.post(f"{PATH}tier/", {"tier": "dormant", "open": "yes"}, headers=HTMX)

    assert (response.status_code, response["HX-Trigger"]) == (204, "changed")
    assert rows_in(client.get(f"{PATH}total/", headers=HTMX).content.decode()) == keys[-1:]
    assert rows_in(browse("owner").get(f"{PATH}total/", headers=HTMX).content.decode()) == []
    client.post(f"{PATH}tier/", {"tier": "dormant", "open": "no"})
    assert rows_in(client.get(f"{PATH}total/", headers=HTMX).content.decode()) == []
    assert ListLayout.objects.get(organization=house.organization).opened == ""


def test_a_list_that_goes_on_behind_what_it_shows_has_its_whole_tail_within_reach(house, browse, items):
    page = browse("dev").get(f"{PATH}total/?stop=1", headers=HTMX).content.decode()

    assert [name for name in ("On hold", "Unscored", "Dormant") if f">{name}<svg" in page] == ["On hold", "Unscored", "Dormant"]
    assert rows_in(browse("dev").get(f"{PATH}?tier=unscored").content.decode()) == [items["unscored"].key]


def test_a_folded_later_ends_with_the_page_on_which_it_begins_however_much_was_shown(house, browse):
    with one_act():
        made = [make_item(house.team) for _ in range(120)]
    for number, item in enumerate(made):
        place(item, value=500 - number)
    client = browse("dev")

    assert len(rows_in(client.get(f"{PATH}?show=120", headers=HTMX).content.decode())) == 50
    client.post(f"{PATH}tier/", {"tier": "later", "open": "yes"})
    assert len(rows_in(client.get(f"{PATH}?show=120", headers=HTMX).content.decode())) == 120


def test_the_tiers_are_counted_beside_the_total(house, browse, items):
    page = browse("dev").get(f"{PATH}total/", headers=HTMX).content.decode()

    for told in ('data-now="1"', 'data-next="0"', 'data-later="2"', 'data-hold="1"', 'data-unscored="1"', 'data-dormant="1"', "6 open"):
        assert told in page


def test_a_narrowed_list_and_one_by_hand_are_whole(house, browse, items):
    client = browse("dev")
    narrowed = client.get(f"{PATH}?kind=story").content.decode()
    assert rows_in(narrowed) == [item.key for item in items.values()]
    assert "Dormant" not in client.get(f"{PATH}total/?kind=story", headers=HTMX).content.decode()

    set_mode(home=house.team, mode="manual", by=None)

    assert len(rows_in(client.get(PATH).content.decode())) == 6
    assert "Dormant" not in client.get(f"{PATH}total/", headers=HTMX).content.decode()


def test_a_tier_that_does_not_exist_is_refused(house, browse):
    assert browse("dev").post(f"{PATH}tier/", {"tier": "now", "open": "yes"}).status_code == 422
    assert browse("dev").get(f"{PATH}?tier=x").status_code == 400
    assert browse("dev").post("/acme/nowhere/backlog/tier/", {"tier": "dormant"}).status_code == 404
