"""A list in groups, what a row holds in place, and the narrowed lists that both lead to."""

import pytest

from activity.services.acts import one_act
from backlog.models.item import Channel
from backlog.selectors.grouped import SHOWN
from backlog.services.goals import set_goal
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team
from tests.factories.backlog import make_item, place
from tests.factories.goals import make_goal

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/"


def told(client, query):
    """Names of groups, and keys of items, in the order of the page."""
    page = client.get(PATH + query).content.decode().split('id="tail"')[0]
    parts = []
    for line in page.split("<li ")[1:]:
        if 'class="tier"' in line:
            parts.append(line.split("<h2>")[1].split("</h2>")[0])
        elif 'id="item-' in line:
            parts.append(line.split('id="item-')[1].split('"')[0])
    return parts


@pytest.fixture
def items(house):
    """Four, best first: the first and the third of one epic, the second of none, the fourth of another."""
    epics = [make_item(house.train, "epic", title=title) for title in ("Returns", "Cart")]
    with one_act():
        made = [
            make_item(house.team, "story", parent=epics[0], job_size=3),
            make_item(house.team, "bug", channel=Channel.STAKEHOLDER, job_size=2),
            make_item(house.team, "story", parent=epics[0]),
            make_item(house.team, "story", parent=epics[1]),
        ]
    for number, item in enumerate(made):
        place(item, value=9 - number)
    return made


def test_groups_stand_by_their_best_item_and_lead_to_their_own_list(house, browse, items):
    a, b, c, d = (item.key for item in items)
    client = browse("dev")

    assert told(client, "?group=epic") == ["Returns", a, c, "Part of nothing", b, "Cart", d]
    assert told(client, "?group=kind") == ["Story", a, c, d, "Bug", b]
    assert told(client, "?group=channel") == ["Team", a, c, d, "Stakeholder", b]
    page = client.get(f"{PATH}?group=epic").content.decode()
    assert ("2 items · 3 points, 1 without" in page, 'class="l-rank num">3<' in page) == (True, True)
    assert f'href="{PATH}?parent={items[0].parent.key}"' in page
    assert told(client, f"?parent={items[0].parent.key}")[1:] == [a, c]
    assert told(client, "?channel=stakeholder")[1:] == [b]


def test_groups_by_goal_take_the_nearest_one_above(house, browse, items):
    set_goal(item=items[0].parent, goal=make_goal(house.organization, "Fewer calls"), by=None)
    for number, item in enumerate(items):  # a goal is a reason to rank anew
        place(item, value=9 - number)

    assert told(browse("dev"), "?group=goal")[0:3] == ["Fewer calls", items[0].key, items[2].key]
    assert told(browse("dev"), "?group=goal")[3] == "Without a goal"


def test_a_narrowed_list_is_grouped_with_the_numbers_of_the_whole(house, browse, items):
    page = browse("dev").get(f"{PATH}?kind=story&group=epic").content.decode()

    assert told(browse("dev"), "?kind=story&group=epic") == ["Returns", items[0].key, items[2].key, "Cart", items[3].key]
    assert 'class="l-rank num">4<' in page


def test_a_group_shows_its_first_items_and_groups_go_on(house, browse, monkeypatch):
    epics = [make_item(house.train, "epic", title=f"Epic {number}") for number in range(12)]
    with one_act():
        made = [make_item(house.team, parent=epics[number % 12]) for number in range(12 * (SHOWN + 1))]
    for number, item in enumerate(made):
        place(item, value=500 - number)
    client = browse("dev")
    first = told(client, "?group=epic")
    path = client.get(f"{PATH}?group=epic").content.decode().split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    more = client.get(path, headers={**HTMX, "HX-Target": "more"}).content.decode()

    assert [name for name in first if name.startswith("Epic")] == [f"Epic {number}" for number in range(10)]
    assert len(first) == 10 * (SHOWN + 1)
    assert ("Epic 10" in more, "Epic 9<" in more, 'id="list"' in more) == (True, False, False)
    assert client.get(f"{PATH}?group=epic&after=x").status_code == 400
    assert client.get(f"{PATH}?group=title").status_code == 400


def test_what_is_hidden_is_named_by_nobody(house, browse):
    hidden = make_team(house.train, slug="secret", is_private=True)
    above = make_item(hidden, title="Nobody knows")
    item = make_item(house.team, parent=above)
    place(item, value=1)

    page = browse("dev").get(f"{PATH}?group=epic").content.decode()

    assert ("restricted item" in page, "Nobody knows" in page, above.key in page) == (True, False, False)
    assert told(browse("dev"), f"?parent={above.key}") == []


def test_a_row_shows_in_place_what_is_part_of_it(house, browse, items):
    path = f"/acme/{items[0].parent.key}/below/"
    shown = browse("dev").get(path, headers=HTMX).content.decode()

    assert (items[0].key in shown, items[2].key in shown, items[1].key in shown) == (True, True, False)
    assert "Nothing is part of" in browse("dev").get(f"/acme/{items[1].key}/below/", headers=HTMX).content.decode()
    assert browse("dev").get(path).url == f"/acme/{items[0].parent.key}/"
    assert "data-row-below" in browse("dev").get(f"/acme/trains/{house.train.slug}/backlog/").content.decode()
    assert browse("dev").get("/acme/ZZ-9/below/", headers=HTMX).status_code == 404


def test_what_has_no_place_is_found(house, browse, items):
    unplaced = make_item(house.team)

    assert told(browse("dev"), "?needs=place")[1:] == [unplaced.key]
