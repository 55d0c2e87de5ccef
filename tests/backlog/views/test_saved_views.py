"""The menu of views."""

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.models import SavedView
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team, organization_with

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/views/"


def text_of(response):
    return response.content.decode()


def test_a_narrowed_list_is_kept_under_a_name_and_opened_again(house, browse):
    client = browse("dev")

    told = client.post(f"{PATH}new/?kind=bug&needs=size", {"name": "Bugs to size", "is_shared": "on"}, headers=HTMX)

    assert "“Bugs to size” is kept and shared." in text_of(told)
    assert "/undo/" in text_of(told)
    assert 'href="/acme/checkout/backlog/?kind=bug&amp;needs=size"' in text_of(browse("watcher").get(PATH, headers=HTMX))
    assert "Forget Bugs to size" in text_of(client.get(PATH, headers=HTMX))
    assert "Forget Bugs to size" not in text_of(browse("watcher").get(PATH, headers=HTMX))


def test_the_menu_marks_the_view_that_stands(house, browse):
    page = text_of(browse("dev").get(f"{PATH}?needs=size", headers=HTMX))

    assert 'href="/acme/checkout/backlog/?needs=size" aria-current="true"' in page
    assert "<html" not in page
    assert "<html" in text_of(browse("dev").get(PATH))


def test_only_its_owner_forgets_a_view(house, browse):
    browse("dev").post(f"{PATH}new/?kind=bug", {"name": "Bugs", "is_shared": "on"})
    path = f"{PATH}{SavedView.objects.for_organization(house.organization).get().ref}/remove/"
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    for stranger in ("owner", "watcher", other):
        assert browse(stranger).post(path).status_code == 404
    assert browse("dev").get(path).status_code == 405
    assert "is forgotten" in text_of(browse("dev").post(path, headers=HTMX))
    assert browse("dev").post(path).status_code == 404


def test_a_query_that_no_list_has_is_not_kept(house, browse):
    client = browse("dev")

    for query in ("?order=organization__name", "?kind=wish", "?needs=money", "?goal=-1", "?q=%00"):
        assert client.post(f"{PATH}new/{query}", {"name": "Lost"}).status_code == 400
    assert client.post(f"{PATH}new/?kind=bug", {"name": " "}, headers=HTMX).status_code == 422
    assert not SavedView.objects.for_organization(house.organization).exists()


def test_views_of_a_hidden_or_foreign_list_are_not_there(house, browse):
    make_team(house.train, slug="secret", is_private=True)
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    assert browse("dev").get("/acme/secret/backlog/views/").status_code == 404
    assert browse(other).get(PATH).status_code == 404
    assert Client().get(PATH).status_code == 302
