"""The drawing of what hangs together with an item."""

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.selectors.graphs import graph_around
from backlog.services.dependencies import link_dependency
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def test_the_drawing_shows_both_sides_and_names_no_hidden_item(house, browse):
    first, item, last = make_item(house.team, title="First"), make_item(house.team), make_item(house.teams["cart"], title="Last")
    hidden = make_item(make_team(house.train, slug="secret", name="Secret team", is_private=True), title="Nobody knows")
    for blocker, blocked in ((first, item), (item, last), (hidden, first)):
        link_dependency(blocker=blocker, blocked=blocked, by=None)

    page = text_of(browse("watcher").get(f"/acme/{item.key}/graph/"))

    assert (
        f'href="/acme/{first.key}/" aria-label="{first.key} First, Story, Open, Checkout; waits for 1, 1 waits for it" data-stop-here'
        in page
    )
    assert '<g role="img" aria-label="a restricted item, Elsewhere; 1 waits for it" data-stop-here>' in page
    assert f'href="/acme/{last.key}/"' in page
    assert "restricted item" in page
    assert not any(word in page for word in (hidden.key, "Nobody knows", "Secret team"))
    assert "It waits for 1, and 1 waits for it" in page


def test_softer_links_of_the_item_are_drawn_dotted_and_told(house, browse):
    item, near, far = make_item(house.team), make_item(house.team, title="Near"), make_item(house.team, title="Far")
    link_dependency(blocker=item, blocked=near, by=None, kind="conflicts")
    link_dependency(blocker=near, blocked=far, by=None, kind="relates")

    page = text_of(browse("watcher").get(f"/acme/{item.key}/graph/"))

    assert page.count('class="edge softer"') == 1
    assert "conflicts with" in page
    assert "It waits for nothing, and nothing waits for it" in page
    assert far.key not in page


def test_a_wide_graph_is_cut_and_says_so_at_the_same_cost(house, browse, django_assert_num_queries):
    item = make_item(house.team)
    access = house.access("dev")
    link_dependency(blocker=item, blocked=make_item(house.team), by=None)
    with django_assert_num_queries(3):
        assert graph_around(item=item, access=access).is_cut is False
    for _ in range(62):
        link_dependency(blocker=item, blocked=make_item(house.team), by=None)

    with django_assert_num_queries(3):
        graph = graph_around(item=item, access=access)

    assert (graph.is_cut, len(graph.nodes), len(graph.links)) == (True, 60, 59)
    assert "the nearest 60 are shown" in text_of(browse("dev").get(f"/acme/{item.key}/graph/"))


def test_an_item_without_links_says_so_and_strangers_find_nothing(house, browse):
    item = make_item(house.team)
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    assert "Nothing hangs together with it" in text_of(browse("dev").get(f"/acme/{item.key}/graph/"))
    assert browse(other).get(f"/acme/{item.key}/graph/").status_code == 404
    assert Client().get(f"/acme/{item.key}/graph/").status_code == 302
