"""An item at a glance."""

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.services.dependencies import link_dependency
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def test_the_panel_shows_text_criteria_and_links_but_names_no_hidden_item(house, browse):
    secret = make_team(house.train, slug="secret", is_private=True)
    item, hidden = (
        make_item(house.team, title="Gift cards", description="**Bold** <script>x</script>", job_size=1),
        make_item(secret, title="Nobody knows"),
    )
    link_dependency(blocker=hidden, blocked=item, by=None)

    page = text_of(browse("watcher").get(f"/acme/{item.key}/peek/", headers=HTMX))

    assert "<strong>Bold</strong>" in page
    assert "<script" not in page
    assert "1 point<" in page
    assert "restricted item" in page
    assert hidden.key not in page
    assert f'data-topic="item:{item.key}"' in page


def test_the_panel_is_for_htmx_and_for_those_who_see_the_item(house, browse):
    item = make_item(house.team)
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    assert browse("dev").get(f"/acme/{item.key}/peek/").headers["Location"] == f"/acme/{item.key}/"
    assert browse("dev").get(f"/acme/{hidden.key}/peek/", headers=HTMX).status_code == 404
    assert browse(other).get(f"/acme/{item.key}/peek/", headers=HTMX).status_code == 404
    assert Client().get(f"/acme/{item.key}/peek/", headers=HTMX).headers["HX-Redirect"].startswith("/accounts/login/")
