"""Which team waits for which."""

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.selectors.matrix import list_links_between, matrix_of
from backlog.services.dependencies import link_dependency
from backlog.services.statuses import set_status
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team, make_train, organization_with
from tests.factories.backlog import make_item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ranked_later")]


@pytest.fixture
def house():
    return organization_with("checkout", "cart", "delivery", slug="acme", dev=Role.DEVELOPER, manager=Role.PRODUCT_MANAGER)


def waits(blocked, blocker, **more):
    link_dependency(blocker=blocker, blocked=blocked, by=None, **more)


@pytest.fixture
def secret(house):
    return make_team(house.train, slug="secret", name="Secret team", is_private=True)


def counts(house, who="dev", train=None):
    return dict(matrix_of(train=train or house.train, access=house.access(who)).counts)


def text_of(response):
    return response.content.decode()


def test_open_hard_links_are_counted_by_who_waits_for_whom(house):
    checkout, cart = house.teams["checkout"], house.teams["cart"]
    first, epic = make_item(cart), make_item(house.train)
    for _ in range(2):
        waits(make_item(checkout), first)
    waits(make_item(checkout), make_item(checkout))
    waits(epic, first)
    waits(make_item(cart), make_item(checkout), kind="relates")
    waits(make_item(cart), set_status(item=make_item(checkout), status="done", by=None))

    assert counts(house) == {("checkout", "cart"): 2, ("checkout", "checkout"): 1, (f"train-{house.train.slug}", "cart"): 1}
    matrix = matrix_of(train=house.train, access=house.access("dev"))
    worst = matrix.worst()
    assert worst is not None
    assert (worst[0].name, worst[1].name, worst[2]) == ("Checkout", "Cart", 2)
    assert matrix.unlinked == ["Delivery"]


def test_other_trains_are_there_where_they_are_tied_to_this_one(house):
    there = make_train(house.organization, slug="logistics")
    warehouse, returns = make_team(there, slug="warehouse"), make_team(there, slug="returns")
    waits(make_item(house.team), make_item(warehouse))
    waits(make_item(returns), make_item(warehouse))

    assert counts(house) == {("checkout", "warehouse"): 1}
    assert counts(house, train=there) == {("checkout", "warehouse"): 1, ("returns", "warehouse"): 1}


def test_private_teams_are_one_that_is_restricted(house, secret, browse):
    other = make_team(house.train, slug="hush", name="Hush team", is_private=True)
    for team in (secret, other):
        waits(make_item(house.team, title="Ours"), make_item(team, title="Nobody knows"))
    waits(make_item(secret), make_item(other))

    assert counts(house) == {("checkout", "restricted"): 2}
    assert counts(house, "manager") == {("checkout", "secret"): 1, ("checkout", "hush"): 1, ("secret", "hush"): 1}
    page = text_of(browse("dev").get("/acme/checkout/dependencies/?waits=checkout&for=restricted"))
    assert "Restricted teams" in page
    assert "a restricted item" in page
    assert not any(word in page for word in ("Secret team", "Hush team", "Nobody knows", f"/{secret.key_series.prefix}-"))


def test_a_number_opens_into_its_links(house, browse):
    mine, first = make_item(house.team, title="Send it"), make_item(house.teams["cart"], title="Pack <it>")
    waits(mine, first)
    path = f"/acme/trains/{house.train.slug}/dependencies/"

    page = text_of(browse("dev").get(path))
    links = text_of(browse("dev").get(f"{path}?waits=checkout&for=cart", headers=HTMX))

    assert 'aria-label="Checkout waits for Cart: 1"' in page
    assert "Checkout waits for Cart most: 1 open link" in page
    assert 'role="grid"' in page
    assert f'<a href="/acme/{mine.key}/">{mine.key}</a> Send it' in links
    assert f'<a href="/acme/{first.key}/">{first.key}</a> Pack &lt;it&gt;' in links
    assert "<h1>" not in links
    assert 'class="is-here"' in text_of(browse("dev").get("/acme/checkout/dependencies/"))
    assert "Nobody waits for anybody" in text_of(
        browse(make_member(team := organization_with(slug="calm").team)).get(f"/calm/{team.slug}/dependencies/")
    )


def test_who_sees_it_and_what_makes_no_sense(house, secret, browse):
    waits(make_item(house.team), make_item(house.teams["cart"]))
    path = f"/acme/trains/{house.train.slug}/dependencies/"
    stranger = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    assert browse(stranger).get(path).status_code == 404
    assert Client().get(path).status_code == 302
    assert browse("dev").get("/acme/secret/dependencies/").status_code == 404
    assert browse("dev").get(f"{path}?waits=checkout&for=secret").status_code == 404
    assert browse("dev").get(f"{path}?waits=checkout").status_code == 400
    assert browse("dev").get(f"{path}?team__organization=1").status_code == 400


def test_the_same_statements_for_one_link_and_for_many(house, django_assert_num_queries):
    access = house.access("dev")
    waits(make_item(house.team), make_item(house.teams["cart"]))
    for links in (1, 8):
        with django_assert_num_queries(2):
            matrix = matrix_of(train=house.train, access=access)
        checkout, cart = matrix.find("checkout"), matrix.find("cart")
        assert checkout is not None
        assert cart is not None
        with django_assert_num_queries(1):
            found, _ = list_links_between(train=house.train, waits=checkout, first=cart)
        assert len(found) == links
        for _ in range(7):
            waits(make_item(house.team), make_item(house.teams["cart"]))
