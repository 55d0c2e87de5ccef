"""Gherkin on the item's page, and its `.feature` files."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backlog.gherkin import MAX_CHARACTERS
from backlog.models import Criterion
from backlog.services.criteria import add_criterion, add_task, edit_row, remove_row
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db

OUTLINE = "Scenario Outline: pay\n  When <who> pays\n  Then it is paid\n\n  Examples:\n    | who |\n    | Ada <b> |"
FILE = "Feature: f\nScenario: a\n  Given x\nScenario: b\n  Given y\n"


@pytest.fixture
def item(house):
    return make_item(house.teams["checkout"], title="Gift cards")


@pytest.fixture
def path(item):
    return f"/acme/{item.key}/"


def text_of(answer):
    return unescape(answer.content.decode())


def test_a_scenario_is_shown_with_its_keywords_columns_and_examples(browse, item, path):
    add_criterion(item=item, text=OUTLINE, form="gherkin", by=None)

    page = browse("watcher").get(path).content.decode()

    for words in (
        "<b>Scenario Outline:</b> pay",
        '<b>When </b><span class="column">&lt;who&gt;</span> pays',
        '<th scope="col">who</th>',
        "<td>Ada &lt;b&gt;</td>",
    ):
        assert words in page
    assert "criteria/import" not in page


def test_a_criterion_that_does_not_read_is_shown_as_it_stands_with_the_reason(browse, item, path):
    Criterion.objects.create(organization_id=item.organization_id, item=item, number=1, position=0, form="gherkin", text="Given x\n<i>bla")

    page = browse("dev").get(path).content.decode()

    assert "<pre>Given x\n&lt;i&gt;bla</pre>" in page
    assert "<b>Line 2</b> <code>&lt;i&gt;bla</code>" in page


def test_a_refused_scenario_keeps_what_was_typed_and_names_the_line(browse, item, path):
    answer = browse("dev").post(f"{path}criteria/", {"text": "Given x\r\nbla & more", "form": "gherkin"}, headers=HTMX)

    page = text_of(answer)
    assert answer.status_code == 422
    assert "<b>Line 2</b> <code>bla & more</code>" in page
    assert "Given x\r\nbla & more</textarea>" in page
    assert '<option value="gherkin" selected>' in page
    assert not item.criteria.exists()


def test_feature_download_is_a_file_with_ids(browse, item, path):
    add_criterion(item=item, text=OUTLINE, form="gherkin", by=None)

    answer = browse("watcher").get(f"{path}criteria.feature")

    assert answer["Content-Disposition"] == f'attachment; filename="{item.key}.feature"'
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith(f"@id:{item.key}\nFeature: Gift cards\n")
    assert f"@id:{item.key}.1" in text


def test_feature_import_by_file_twice_creates_nothing_the_second_time(browse, item, path):
    client = browse("dev")

    for words in ("2 added, 0 updated, 0 as before", "0 added, 0 updated, 2 as before"):
        upload = SimpleUploadedFile("a.feature", FILE.encode())
        answer = client.post(f"{path}criteria/import/", {"file": upload, "text": ""}, headers=HTMX)
        assert f"Imported: {words}." in text_of(answer)
    assert item.criteria.count() == 2
    assert client.post(f"{path}criteria/import/", {"text": FILE.replace("Given y", "Given z")}).url == path
    assert item.criteria.get(number=2).text == "Scenario: b\n  Given z"


def test_feature_import_shows_the_text_of_a_file_that_does_not_read(browse, item, path):
    upload = SimpleUploadedFile("a.feature", b"Feature: caf\xe9\nScenario: s\nbla\nGiven x\nblu\n")

    answer = browse("dev").post(f"{path}criteria/import/", {"file": upload}, headers=HTMX)

    assert answer.status_code == 422
    assert "Feature: café\nScenario: s" in text_of(answer)
    assert "<b>Line 5</b> <code>blu</code>" in text_of(answer)
    assert not item.criteria.exists()


def test_feature_import_refuses_a_file_beyond_a_megabyte(browse, path):
    upload = SimpleUploadedFile("a.feature", b"#" * (MAX_CHARACTERS + 1))

    assert browse("dev").post(f"{path}criteria/import/", {"file": upload}, headers=HTMX).status_code == 413


@pytest.mark.parametrize(("person", "status"), [("watcher", 403), ("dev", 302)])
def test_feature_import_is_for_who_may_edit(browse, path, person, status):
    assert browse(person).post(f"{path}criteria/import/", {"text": FILE}).status_code == status


def test_feature_files_of_a_private_team_are_not_there(house, browse):
    hidden = make_team(house.train, slug="secret", is_private=True)
    item = make_item(hidden)

    assert browse("dev").get(f"/acme/{item.key}/criteria.feature").status_code == 404
    assert browse("dev").post(f"/acme/{item.key}/criteria/import/", {"text": FILE}).status_code == 404
    assert browse(make_member(hidden)).get(f"/acme/{item.key}/criteria.feature").status_code == 200


def test_two_in_one_criterion_see_both_and_what_is_gone_is_kept(house, browse, item, path):
    client = browse("dev")
    row = add_criterion(item=item, text="It is paid", by=None)
    edit_row(row=row, text="It is paid at once", by=house.people["owner"])

    clash = client.post(f"{path}criteria/1/", {"text": "It is paid by card", "was_text": "It is paid"}, headers=HTMX)
    assert clash.status_code == 409
    assert "<b>Owner changed this" in clash.content.decode()
    assert "paid <del>at once</del>" in clash.content.decode()
    assert "It is paid by card</textarea>" in clash.content.decode()

    remove_row(row=row, by=None)
    gone = client.post(f"{path}criteria/1/", {"text": "It is paid by card", "was_text": "It is paid"}, headers=HTMX)
    assert gone.status_code == 409
    assert "Somebody removed it meanwhile" in gone.content.decode()
    assert "It is paid by card</textarea>" in gone.content.decode()
    assert client.post(f"{path}criteria/2/", {"text": "x"}, headers=HTMX).status_code == 404


@pytest.mark.parametrize(
    ("mine", "words", "merged"),
    [
        ("It is paid by card", "Put both in one text", "«« yours\nIt is paid by card\n«« theirs\nIt is paid at once\n«« end\n"),
        ("It is always paid", "Merge both", "It is always paid at once"),
    ],
)
@pytest.mark.parametrize("kind", ["criteria", "tasks"])
def test_both_changes_of_a_row_come_back_in_one_text_and_nothing_is_written(house, browse, item, path, kind, mine, words, merged):
    client, add = browse("dev"), add_criterion if kind == "criteria" else add_task
    row = add(item=item, text="It is paid", by=None)
    edit_row(row=row, text="It is paid at once", by=house.people["owner"])

    clash = client.post(f"{path}{kind}/1/", {"text": mine, "was_text": "It is paid"}, headers=HTMX).content.decode()
    again = {"text": mine, "was_text": "It is paid at once", "base_text": "It is paid", "merge": "1"}
    both = client.post(f"{path}{kind}/1/", again, headers=HTMX)

    assert (words in clash, "Take theirs" in clash, "Keep mine" in clash) == (kind == "criteria" or words == "Merge both", True, True)
    assert both.status_code == 200
    assert merged.replace("\n", " ").strip() in both.content.decode().replace("\n", " ")
    row.refresh_from_db()
    assert row.text == "It is paid at once"


def test_a_criterion_is_put_at_a_place(browse, item, path):
    for text in ("One", "Two", "Three"):
        add_criterion(item=item, text=text, by=None)

    assert browse("dev").post(f"{path}criteria/3/move/", {"to": "0"}, headers=HTMX).status_code == 200
    assert list(item.criteria.order_by("position").values_list("text", flat=True)) == ["Three", "One", "Two"]
    assert browse("dev").post(f"{path}criteria/3/move/", {"to": "-1"}, headers=HTMX).status_code == 400


def test_a_scenario_is_checked_while_it_is_typed(browse, item, path):
    client = browse("dev")

    def check(text, form="gherkin"):
        return text_of(client.post(f"{path}criteria/check/", {"text": text, "form": form}, headers=HTMX))

    assert "Line 2" in check("Given a card\nnonsense")
    assert "<b>Given </b>a card" in check("Given a card")
    assert check("Given a card", "plain") == check("  ") == ""
    assert "longer than 64 KB" in check("Given x\n" * 10_000)
    assert not item.criteria.exists()
    assert browse("watcher").post(f"{path}criteria/check/", {"text": "x"}).status_code == 403
