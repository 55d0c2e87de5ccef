"""Import on its page: upload, preview, run, report."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.roles import Role
from activity.models import Job
from backlog.models import Item
from intake.importers import text
from intake.models import ImportPart, ImportRun
from intake.tasks import import_rows_task, undo_import_task
from tests.factories.accounts import make_team, organization_with
from tests.factories.intake import import_text

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/import/"
FILE = b"ID,Description,Zebra,Estimates,A\n1,Uno,x,3,Una\n2,Dos,y,-5,\n3,,z,1,\n"


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, admin=Role.ADMINISTRATOR)


@pytest.fixture
def owner(client, house):
    client.force_login(house.people["owner"])
    return client


def upload(client, content=FILE, name="file.csv"):
    return client.post(PATH, {"file": SimpleUploadedFile(name, content)})


def run_of(house):
    return ImportRun.objects.for_organization(house.organization).get()


def test_upload_preview_run_report(owner, house):
    page = owner.get(upload(owner)["Location"]).content.decode()
    run = run_of(house)
    assert (run.state, run.total) == ("preview", 3)
    assert "Import 3 rows" in page
    assert "Zebra becomes" in page

    there = f"{PATH}{run.ref}/"
    assert owner.post(f"{there}start/", {"act": "start"})["Location"] == there
    assert "Waiting for a worker" in owner.get(there).content.decode()
    import_rows_task(Job.objects.get(name="intake.import_rows").pk)

    page = owner.get(there).content.decode()
    run = run_of(house)
    assert (run.state, run.created, run.skipped) == ("done", 2, 1)
    assert "The row has no title." in page
    assert "left without size" in owner.get(f"{there}?outcome=notice").content.decode()
    assert "left without size" not in owner.get(f"{there}?outcome=skipped").content.decode()
    assert not ImportPart.objects.filter(run=run).exists()


def test_the_fields_chosen_for_each_column_count(owner, house):
    upload(owner)
    run = run_of(house)
    there = f"{PATH}{run.ref}/"

    owner.post(f"{there}start/", {"act": "look", "field-1": "", "field-2": "title"})
    run.refresh_from_db()
    assert run.state == "preview"
    assert "<td>x</td>" in owner.get(there).content.decode()
    owner.post(f"{there}start/", {"act": "start", "field-1": "title", "field-2": "description"})
    import_rows_task(Job.objects.get(name="intake.import_rows").pk)

    item = Item.objects.for_organization(house.organization).get(source_ref="1")
    assert (item.title, item.description) == ("Uno", "x")


@pytest.mark.parametrize("fields", [{"field-1": ""}, {"field-2": "title"}, {"field-2": "organization"}])
def test_fields_that_cannot_be_are_422_and_start_nothing(owner, house, fields):
    upload(owner)
    run = run_of(house)

    response = owner.post(f"{PATH}{run.ref}/start/", {"act": "start", **fields})

    assert response.status_code == 422
    assert "did not start" in response.content.decode()
    assert run_of(house).state == "preview"


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"PK\x03\x04zip", 415), (b'{"issues": []}', 415), (b"<?xml version='1.0'?>", 415), (b'"open,title\n1,2\n', 422)],
)
def test_files_that_are_none_are_refused(owner, house, content, status):
    response = upload(owner, content)

    assert response.status_code == status
    assert "Nothing was imported" in response.content.decode()
    assert not ImportRun.objects.for_organization(house.organization).exists()


def test_no_file_is_422(owner):
    assert owner.post(PATH, {}).status_code == 422


def test_a_file_too_large_is_413_before_it_is_read(owner, house, monkeypatch):
    monkeypatch.setattr("intake.views.imports.MAX_BYTES", 10)
    monkeypatch.setattr("intake.views.imports.BODY_ROOM", 10)

    assert upload(owner).status_code == 413


def test_too_many_rows_are_413(owner, monkeypatch):
    monkeypatch.setattr("intake.services.imports.MAX_ROWS", 2)

    assert upload(owner).status_code == 413


def test_a_second_import_meanwhile_is_409(owner, house):
    upload(owner)
    first = run_of(house)
    owner.post(f"{PATH}{first.ref}/start/", {"act": "start"})
    upload(owner)
    second = ImportRun.objects.for_organization(house.organization).get(state="preview")

    response = owner.post(f"{PATH}{second.ref}/start/", {"act": "start"})

    assert response.status_code == 409
    assert "going on" in response.content.decode()


def test_an_import_can_be_cancelled_before_it_begins(owner, house):
    upload(owner)
    run = run_of(house)
    owner.post(f"{PATH}{run.ref}/start/", {"act": "start"})

    owner.post(f"{PATH}{run.ref}/cancel/")

    assert run_of(house).state == "cancelled"
    assert not Job.objects.filter(name="intake.import_rows").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b.csv", "<script>.csv", "x" * 300 + ".csv"])
def test_a_name_is_only_a_name(owner, house, name):
    location = upload(owner, name=name)["Location"]

    page = owner.get(location)
    assert page.status_code == 200
    assert b"<script>.csv" not in page.content


def test_who_may_not_import_is_refused(client, house):
    run = import_text(house.team, FILE)
    for person, status in (("dev", 403), ("admin", 200)):
        client.force_login(house.people[person])
        assert client.get(PATH).status_code == status
        assert client.get(f"{PATH}{run.ref}/").status_code == status
    client.logout()
    assert client.get(PATH).status_code == 302


def test_another_team_and_another_organization_do_not_see_a_run(client, house):
    run = import_text(house.team, FILE)
    make_team(house.train, slug="returns")
    client.force_login(house.people["admin"])
    assert client.get(f"/acme/returns/import/{run.ref}/").status_code == 404

    other = organization_with("checkout", slug="other", owner=Role.PRODUCT_OWNER)
    client.force_login(other.people["owner"])
    assert client.get(f"{PATH}{run.ref}/").status_code == 404
    assert client.get(f"/other/checkout/import/{run.ref}/").status_code == 404


def test_the_upload_asks_for_the_token_against_forgery(house):
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.people["owner"])

    assert upload(client).status_code == 403


def test_the_limit_of_the_page_is_that_of_the_importer():
    assert text.MAX_BYTES == 50 * 1024 * 1024


def test_a_finished_import_is_taken_back_from_its_report(owner, house):
    run = import_text(house.team, FILE)
    there = f"{PATH}{run.ref}/"
    page = owner.get(there).content.decode()
    assert "Undo this import" in page
    assert "is-ready" in page
    toast = owner.get(there, headers={"HX-Request": "true"}).content.decode()
    assert f'hx-post="/acme/undo/{run.ref}/"' in toast

    response = owner.post(f"/acme/undo/{run.ref}/", headers={"Referer": f"http://testserver{there}"})

    assert response["Location"] == there
    assert "Taking it back: 0 of 2 changes" in owner.get(there).content.decode()
    undo_import_task(Job.objects.get(name="intake.undo_import").pk)
    page = owner.get(there).content.decode()
    assert "Taken back." in page
    assert "Undo this import" not in page
    assert not Item.objects.for_organization(house.organization).ranked().exists()


def test_asking_to_take_back_costs_the_same_however_long_the_file(owner, house, django_assert_max_num_queries):
    run = import_text(house.team, "title\n" + "\n".join(f"Story {number}" for number in range(600)))

    with django_assert_max_num_queries(35):
        owner.post(f"/acme/undo/{run.ref}/")

    run.refresh_from_db()
    assert (run.state, run.undo_total) == ("undoing", 600)
