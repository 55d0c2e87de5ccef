"""Advice on the page of a story."""

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.models import Event
from backlog.models import DismissedAdvice
from backlog.quality import Criterion
from backlog.selectors.advice import MUTED_FROM, digest_of, list_advice, story_of
from backlog.services.advice import dismiss_advice
from backlog.services.items import edit_item
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db

TWO = "As a clerk, I want to export lists and print labels, so that I can file them."
SAID = "Two wants in one story: “export” and “print”. Split it, or say why they go together."


@pytest.fixture
def item(house):
    return make_item(house.teams["checkout"], title=TWO)


@pytest.fixture
def path(item):
    return f"/acme/{item.key}/advice/"


def text_of(answer):
    return unescape(answer.content.decode())


def dismiss(client, path, item, **changes):
    form = {"criterion": "atomic", "digest": digest_of(story_of(item)), **changes}
    return client.post(f"{path}dismiss/", form, headers=HTMX)


def test_advice_is_a_fragment_for_a_story_and_none_for_another_kind(house, browse, item, path):
    bug = make_item(house.teams["checkout"], "bug", title=TWO)

    assert SAID in text_of(browse("watcher").get(path, headers=HTMX))
    assert "dismiss" not in text_of(browse("watcher").get(path, headers=HTMX))
    assert SAID not in text_of(browse("dev").get(f"/acme/{bug.key}/advice/"))
    assert f'hx-get="/acme/{item.key}/advice/"' in text_of(browse("dev").get(f"/acme/{item.key}/"))


def test_advice_set_aside_stays_away_until_the_story_reads_differently(browse, item, path):
    client = browse("dev")

    answer = dismiss(client, path, item)
    again = dismiss(client, path, item)

    assert SAID not in text_of(answer)
    assert "undo" in text_of(answer)
    assert again.status_code == 200
    assert (DismissedAdvice.objects.filter(item=item).count(), Event.objects.filter(verb="item.advice_dismissed").count()) == (1, 1)
    edit_item(item=item, changes={"title": TWO.replace("labels", "all labels")}, by=None)
    assert SAID in text_of(client.get(path))


def test_advice_set_aside_comes_back_by_undo_and_goes_by_undo_of_that(browse, item, path):
    client = browse("owner")
    dismiss(client, path, item)

    client.post(f"/acme/undo/{Event.objects.latest('id').act}/")
    assert SAID in text_of(client.get(path))
    client.post(f"/acme/undo/{Event.objects.latest('id').act}/")
    assert SAID not in text_of(client.get(path))


def test_advice_on_words_that_changed_meanwhile_is_409_and_unknown_advice_422(browse, item, path):
    assert dismiss(browse("dev"), path, item, digest="0" * 64).status_code == 409
    assert dismiss(browse("dev"), path, item, criterion="song").status_code == 422
    assert not DismissedAdvice.objects.filter(item=item).exists()


def test_advice_is_set_aside_by_who_may_edit_and_seen_by_who_sees_the_item(house, browse, item, path):
    team = make_team(house.train, slug="secret", is_private=True)
    hidden = make_item(team, title=TWO)

    assert dismiss(browse("watcher"), path, item).status_code == 403
    assert dismiss(browse("dev"), f"/acme/{hidden.key}/advice/", hidden).status_code == 404
    assert browse("dev").get(f"/acme/{hidden.key}/advice/").status_code == 404
    assert browse("dev").get("/acme/secret/backlog/advice/").status_code == 404
    assert browse(make_member(team)).get(f"/acme/{hidden.key}/advice/").status_code == 200


def test_the_rate_counts_what_is_set_aside_of_what_would_be_said(house, browse, item, path):
    make_item(house.teams["checkout"], title="As a clerk, I want a list.")
    client = browse("dev")
    dismiss(client, path, item)

    said = text_of(client.get("/acme/checkout/backlog/advice/"))

    assert "Of 2 pieces of advice on the newest 2 open stories, 1 is set aside (50 %)." in said


def test_queries_of_advice_do_not_grow_with_the_stories_beside_it(house, browse, item, path):
    client = browse("dev")
    client.get(path, headers=HTMX)
    with CaptureQueriesContext(connection) as few:
        client.get(path, headers=HTMX)
    for number in range(4):
        make_item(house.teams["checkout"], title=f"As a clerk, I want list {number}.")
    with CaptureQueriesContext(connection) as many:
        client.get(path, headers=HTMX)

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("fields", "story"),
    [
        ({"details": {"role": "owner", "want": "to export.", "benefit": "I see"}}, "As an owner, I want to export, so that I see."),
        ({"details": {"want": "exports"}}, "I want exports."),
        ({"title": "Export", "description": "Why.\n\nAs a clerk, I want lists.\n\nMore."}, "As a clerk, I want lists"),
        ({"title": "Export", "description": "More."}, "Export"),
    ],
)
def test_the_story_is_of_its_fields_else_of_its_title_or_description(item, fields, story):
    assert story_of(edit_item(item=item, changes=fields, by=None)) == story


def test_what_a_team_mostly_sets_aside_is_shown_last(house, browse):
    client = browse("dev")
    for number in range(MUTED_FROM):
        other = make_item(house.teams["checkout"], title=f"As a clerk, I want thing {number}.")
        for advice in list_advice(other):
            dismiss_advice(item=other, criterion=advice.criterion, digest=advice.digest, by=house.people["dev"])

    late = make_item(house.teams["checkout"], title="As a clerk, I want lamps.")
    page = text_of(client.get(f"/acme/{late.key}/advice/", headers=HTMX))
    rates = text_of(client.get("/acme/checkout/backlog/advice/"))

    assert "1 that this team mostly sets aside" in page
    assert "shown last" in rates
    assert rates.count("<tr>") == 1 + len(Criterion)
