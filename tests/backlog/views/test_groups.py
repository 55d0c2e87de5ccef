"""A list in groups, what a row holds in place, and the narrowed lists that both lead to."""

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from accounts.roles import Role
from activity.services.acts import one_act
from backlog.models.item import Channel
from backlog.selectors.grouped import SHOWN
from backlog.services.goals import set_goal
from prioritization.services.manual_order import Spot, place_by_hand, set_mode
from prioritization.services.ranking import rank_organization
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item, place
from tests.factories.goals import make_goal

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/"


def told(client, query):
    """Names of groups, and keys of items, in the order of the page."""
    return parts_of(client.get(PATH + query).content.decode().split('id="tail"')[0])


def parts_of(page):
    parts = []
    for line in page.split("<li ")[1:]:
        if 'class="tier"' in line:
            parts.append(strip_tags(line.split("<h2>")[1].split("</h2>")[0]))
        elif 'class="rest"' in line:
            parts.append(strip_tags(f"<li {line}".split("</li>")[0]).strip())
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
    assert len(first) == 10 * (SHOWN + 2)
    assert ("Epic 10" in more, "Epic 9<" in more, 'id="list"' in more) == (True, False, False)
    assert client.get(f"{PATH}?group=epic&after=x").status_code == 400
    assert client.get(f"{PATH}?group=title").status_code == 400


def fragment(client, query, **headers):
    return client.get(f"{PATH}group/{query}", headers={**HTMX, **headers})


def test_a_group_goes_on_in_place_behind_its_last_item(house, browse):
    epic = make_item(house.train, "epic", title="Returns")
    made = [make_item(house.team, parent=epic) for _ in range(60)]
    for number, item in enumerate(made):
        place(item, value=500 - number)
    keys, client = [item.key for item in made], browse("dev")

    page = client.get(f"{PATH}?group=epic").content.decode()
    more = unescape(page.split('class="rest"')[1].split('hx-get="')[1].split('"')[0])
    second = client.get(more, headers=HTMX).content.decode()

    assert told(client, "?group=epic") == ["Returns", *keys[:SHOWN], "Show 50 more of 55"]
    assert parts_of(second) == [*keys[5:55], "Show 5 more"]
    assert parts_of(client.get(unescape(second.split('hx-get="')[1].split('"')[0]), headers=HTMX).content.decode()) == keys[55:]
    assert told(client, f"?group=epic&groups={epic.key}:55") == ["Returns", *keys[:55], "Show 5 more"]
    assert client.get(more).url == f"{PATH}?group=epic&groups={epic.key}:55"
    place(made[4], value=1)  # who was last has fallen to the end: nothing follows it
    assert parts_of(client.get(more, headers=HTMX).content.decode()) == []
    left = fragment(client, f"?group=epic&of={epic.key}&after=58~ZZ-9").content.decode()
    assert parts_of(left) == [keys[59], keys[4]]  # one that has left it: by its number


def test_a_closed_group_keeps_its_heading_and_opens_by_its_first_rows(house, browse, items):
    a, b, c, d = (item.key for item in items)
    epic, client = items[0].parent.key, browse("dev")

    page = client.get(f"{PATH}?group=epic&groups={epic}:0,none:0").content.decode()

    assert told(client, f"?group=epic&groups={epic}:0,none:0") == ["Returns", "Part of nothing", "Cart", d]
    assert page.count('aria-expanded="false"') - page.count('data-row-below aria-expanded="false"') >= 2
    assert f'href="{PATH}?group=epic&amp;groups=none:0"' in page
    assert parts_of(fragment(client, f"?group=epic&of={epic}").content.decode()) == [a, c]
    assert parts_of(fragment(client, "?group=epic&of=none").content.decode()) == [b]
    assert parts_of(fragment(client, "?group=kind&of=story&kind=story").content.decode()) == [a, c, d]
    assert parts_of(fragment(client, "?group=epic&of=ZZ-9").content.decode()) == []
    for query in ("?of=none", "?group=epic", "?group=epic&of=none&after=x~A-1", "?group=epic&of=%00", "?group=epic&of=none&x=1"):
        assert fragment(client, query).status_code == 400
    for groups in ("x", "x:y", ":1", f"{'x' * 25}:1", "x%00:1"):
        assert client.get(f"{PATH}?group=epic&groups={groups}").status_code == 400


def test_who_sees_a_group(house, browse, items):
    stranger = organization_with(slug="other", who=Role.DEVELOPER).people["who"]

    assert browse(stranger).get(f"{PATH}group/?group=epic&of=none", headers=HTMX).status_code == 404
    assert parts_of(fragment(browse("watcher"), "?group=epic&of=none").content.decode()) == [items[1].key]


def test_a_list_by_hand_is_grouped_in_its_order(house, browse, items):
    rank_organization(organization_id=house.organization.pk, refresh=True)
    set_mode(home=house.team, mode="manual", by=None)
    place_by_hand(item=items[3], spot=Spot(), by=None)

    assert told(browse("dev"), "?group=epic")[:2] == ["Cart", items[3].key]


def test_groups_take_the_same_statements_however_many(house, browse, items):
    client = browse("dev")

    def count(query):
        client.get(f"{PATH}{query}", headers=HTMX)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{PATH}{query}", headers=HTMX)
        return len(queries)

    before = count("?group=epic"), count("group/?group=epic&of=none")
    for number in range(9):
        place(make_item(house.team, parent=make_item(house.train, "epic")), value=number)
        place(make_item(house.team), value=number)

    assert (count("?group=epic"), count("group/?group=epic&of=none")) == before


def test_what_is_hidden_is_named_by_nobody(house, browse):
    hidden = make_team(house.train, slug="secret", is_private=True)
    above = make_item(hidden, title="Nobody knows")
    item = make_item(house.team, parent=above)
    place(item, value=1)

    page = browse("dev").get(f"{PATH}?group=epic").content.decode()

    assert ("restricted item" in page, "Nobody knows" in page, above.key in page) == (True, False, False)
    assert told(browse("dev"), f"?parent={above.key}") == []


def test_a_hidden_group_opens_by_an_item_in_it_and_by_no_guess(house, browse):
    above = make_item(make_team(house.train, slug="secret", is_private=True))
    made = [make_item(house.team, parent=above) for _ in range(SHOWN + 2)]
    for number, item in enumerate(made):
        place(item, value=50 - number)
    first, client = made[0].key, browse("dev")
    keys = [item.key for item in made]

    assert told(client, f"?group=epic&groups={above.key}:0") == told(client, f"?group=epic&groups={above.key}:50")
    assert told(client, f"?group=epic&groups={above.key}:0")[1:] == [*keys[:SHOWN], "Show 2 more"]
    assert told(client, f"?group=epic&groups=~{first}:0") == ["a restricted item"]
    assert told(client, f"?group=epic&groups=~{first}:7")[1:] == keys
    assert parts_of(fragment(client, f"?group=epic&of=~{first}&after=5~{keys[4]}").content.decode()) == keys[5:]
    assert fragment(client, f"?group=epic&of={above.key}").content == b""


def test_what_is_part_of_nothing_may_want_something_else_too(house, browse, items):
    assert told(browse("dev"), "?parent=none&needs=size") == []
    assert told(browse("dev"), "?parent=none")[1:] == [items[1].key]
    assert "Part of nothing<input" in browse("dev").get(f"{PATH}?parent=none").content.decode()


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
