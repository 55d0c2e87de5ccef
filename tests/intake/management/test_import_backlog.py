"""The command: a report of every row, nothing on a dry run, plain words for what cannot be."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backlog.models import Item
from intake.models import ImportRun
from tests.factories.accounts import organization_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "backlog.csv"
    path.write_text("id,title,Colour\n1,One,red\n2,,blue\n")
    return path


def run(*words: object) -> str:
    out = StringIO()
    call_command("import_backlog", *map(str, words), stdout=out)
    return out.getvalue()


def test_it_reports_every_row_as_json(file):
    house = organization_with("checkout")

    report = json.loads(run(file, "--team", "checkout", "--json"))

    assert (report["rows"], report["created"], report["updated"], report["skipped"]) == (2, 1, 0, 1)
    assert report["lines"] == [{"row": 3, "column": "title", "outcome": "skipped", "reason": "The row has no title.", "item": ""}]
    assert (report["columns_kept"], report["format"], report["encoding"]) == (["Colour"], "csv", "UTF-8")
    assert Item.objects.for_organization(house.organization).count() == 1


def test_it_reports_in_words(file):
    organization_with("checkout")

    words = run(file, "--team", "checkout")

    assert "created 1, updated 0, skipped 1" in words
    assert "row 3, title: skipped, The row has no title." in words
    assert "kept beside the items: Colour" in words


def test_a_dry_run_changes_nothing(file):
    house = organization_with("checkout")

    report = json.loads(run(file, "--team", "checkout", "--json", "--dry-run"))

    assert report["created"] == 1
    assert not Item.objects.for_organization(house.organization).exists()
    assert not ImportRun.objects.for_organization(house.organization).exists()


def test_a_team_of_two_organizations_needs_its_organization(file):
    organization_with("checkout", slug="one")
    organization_with("checkout", slug="two")

    with pytest.raises(CommandError, match="--organization"):
        run(file, "--team", "checkout")
    assert "created 1" in run(file, "--team", "checkout", "--organization", "two")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"PK\x03\x04", "not a text"), (b"Colour,Shape\nred,round\n", "“Colour”, “Shape”"), (b'"open\n1\n', "never closed")],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(tmp_path, content, words):
    organization_with("checkout")
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=words):
        run(path, "--team", "checkout")


def test_a_missing_file_and_a_missing_team_are_said(file, tmp_path):
    organization_with("checkout")

    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nothing.csv", "--team", "checkout")
    with pytest.raises(CommandError, match="no team"):
        run(file, "--team", "nobody")
