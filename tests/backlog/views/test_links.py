"""Links by a dialog from a list, and links that an item's words suggest."""

import pytest

from accounts.roles import Role
from backlog.models import Dependency
from backlog.services.criteria import add_criterion
from backlog.services.dependencies import link_dependency
from backlog.services.items import edit_item
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ranked_later")]

IN_DIALOG = {**HTMX, "HX-Target": "dialogs"}


def text_of(response):
    return response.content.decode()


@pytest.fixture
def item(house):
    return make_item(house.team, title="Send the label")


@pytest.fixture
def hints(browse, item):
    """What is suggested to somebody, as a fragment."""
    return lambda who="dev": text_of(browse(who).get(f"/acme/{item.key}/hints/", headers=HTMX))


def test_a_row_is_linked_in_a_dialog_by_each_kind(house, browse, item):
    client, path = browse("dev"), f"/acme/{item.key}/link/"
    others = {relation: make_item(house.team) for relation in ("waits_for", "unblocks", "relates", "helps", "helped_by", "conflicts")}

    assert "autofocus" in text_of(client.get(path, headers=HTMX))
    for relation, other in others.items():
        done = client.post(path, {"other": other.key, "relation": relation}, headers=IN_DIALOG)
        assert (done.status_code, done["HX-Trigger"]) == (200, "changed")

    assert set(Dependency.objects.for_organization(house.organization).values_list("blocker", "blocked", "kind")) == {
        (others["waits_for"].pk, item.pk, "blocks"),
        (item.pk, others["unblocks"].pk, "blocks"),
        (item.pk, others["relates"].pk, "relates"),
        (item.pk, others["helps"].pk, "helps"),
        (others["helped_by"].pk, item.pk, "helps"),
        (item.pk, others["conflicts"].pk, "conflicts"),
    }
    assert "is helped by" in text_of(client.get(f"/acme/{others['helps'].key}/"))


def test_the_dialog_keeps_what_was_typed_and_prints_the_circle(house, browse, item):
    other = make_item(house.team, title="Print the label")
    link_dependency(blocker=item, blocked=other, by=None)
    client, path = browse("dev"), f"/acme/{item.key}/link/"

    words = client.post(path, {"other": "print", "relation": "waits_for"}, headers=IN_DIALOG)
    circle = client.post(path, {"other": other.key, "relation": "waits_for"}, headers=IN_DIALOG)

    assert (words.status_code, circle.status_code) == (422, 409)
    assert f'value="{other.key}"' in text_of(words)
    assert f"{item.key} → {other.key} → {item.key}" in text_of(circle)
    assert f'value="{other.key}"' in text_of(circle)


def test_words_suggest_links_with_the_sentence_as_evidence(house, hints, item):
    first, second, named = make_item(house.teams["cart"]), make_item(house.train), make_item(house.team, title="Split the pricing service")
    edit_item(item=item, changes={"description": f"By mail. See {second.key}.\n- Depends on {first.key}, says <b>Jon</b>"}, by=None)
    add_criterion(item=item, text="It waits for “Split the pricing service”.", by=None)

    shown = hints()

    assert [part.split("<")[0] for part in shown.split('aria-label="Link: ')[1:]] == [
        f'waits for {first.key}" data-key="y" data-key-label="Link as its words suggest">Link',
        f'waits for {named.key}">Link',
        f'relates to {second.key}">Link',
    ]
    assert f"Depends on {first.key}, says &lt;b&gt;Jon&lt;/b&gt;" in shown
    assert "in the criterion 1" in shown


def test_what_is_tied_already_is_not_suggested(house, browse, hints, item):
    linked, parent, child, gone = make_item(house.team), make_item(house.train), make_item(house.team, parent=item), make_item(house.team)
    keys = " ".join(f"See {other.key}." for other in (linked, parent, child, gone, item))
    edit_item(item=item, changes={"description": keys, "parent": parent}, by=None)
    link_dependency(blocker=linked, blocked=item, by=None, kind="helps")
    assert f"relates to {gone.key}" in hints()

    told = browse("dev").post(f"/acme/{item.key}/hints/dismiss/", {"other": gone.key}, headers=HTMX)

    assert "/undo/" in text_of(told)
    assert "Link: " not in hints()
    edit_item(item=item, changes={"description": f"Depends on {gone.key} after all"}, by=None)
    assert "Link: " not in hints()  # dismissed stays dismissed


def test_a_suggestion_reveals_nothing_that_the_reader_does_not_see(house, browse, hints, item):
    secret = make_item(make_team(house.train, slug="secret", is_private=True), title="Buy the competitor now")
    foreign = make_item(organization_with("other", who=Role.DEVELOPER).team)
    edit_item(item=item, changes={"description": f"Depends on {secret.key} and {foreign.key}. Waits for buy the competitor now."}, by=None)

    assert "Link: " not in hints()
    assert f"waits for {secret.key}" in hints("manager")
    for other in (secret, foreign):
        assert browse("dev").post(f"/acme/{item.key}/hints/dismiss/", {"other": other.key}, headers=HTMX).status_code == 404
    assert browse("watcher").get(f"/acme/{item.key}/hints/").status_code == 403


def test_suggestions_take_a_fixed_number_of_queries(house, item, django_assert_max_num_queries):
    from backlog.selectors.hints import suggest_links

    access = house.access("dev")
    with django_assert_max_num_queries(1):
        assert suggest_links(item=item, access=access) == []
    others = [make_item(house.team) for _ in range(8)]
    edit_item(item=item, changes={"description": "\n".join(f"After {other.key}" for other in others)}, by=None)
    item.refresh_from_db()
    with django_assert_max_num_queries(5):
        assert len(suggest_links(item=item, access=access)) == 5
