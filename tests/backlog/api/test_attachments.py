"""Files by the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.roles import Role
from backlog.models import Attachment
from backlog.services.attachments import path_of
from tests.backlog.test_files import PNG
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.api import call_by_token, call_signed_in
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def call(house):
    return lambda person="dev": call_by_token(house.people.get(person, person), house.organization)


@pytest.fixture
def base(house):
    return f"items/{make_item(house.team).key}/files/"


def attach(caller, base, content=PNG, name="shot.png", field="file", **headers):
    body = encode_multipart(BOUNDARY, {field: SimpleUploadedFile(name, content)})
    return caller.send("POST", base, body, content_type=MULTIPART_CONTENT, **headers)


def test_a_file_is_attached_listed_downloaded_and_removed(call, base):
    dev = call()

    made = attach(dev, base, name="A b.png")
    listed = call("watcher").get(base).json()["files"]
    content = call("watcher").get(f"{base}1/")

    assert made.status_code == 201
    assert listed == [made.json()]
    assert {"number": 1, "name": "A b.png", "media_type": "image/png", "size": len(PNG)}.items() <= made.json().items()
    assert b"".join(content.streaming_content) == PNG
    assert content["Content-Disposition"] == 'attachment; filename="A b.png"'
    assert (content["Content-Type"], content["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert dev.send("DELETE", f"{base}1/").status_code == 204
    assert (dev.get(f"{base}1/").status_code, dev.get(base).json()) == (404, {"files": []})


def test_the_same_key_attaches_once_and_takes_no_other_content(call, base):
    dev = call()

    first, again = (attach(dev, base, idempotency_key="k") for _ in range(2))
    other = attach(dev, base, PNG[:-1] + b"x", idempotency_key="k")

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert Attachment.objects.unscoped().count() == 1


def test_a_signed_in_browser_attaches_with_its_token_against_forgery(house, base):
    browser = call_signed_in(house.people["dev"], house.organization, enforce_csrf_checks=True)
    token = "a" * 32
    browser.client.cookies["csrftoken"] = token

    assert attach(browser, base).status_code == 403
    assert attach(browser, base, x_csrftoken=token).status_code == 201


def test_what_cannot_be_attached_is_refused(call, base, settings):
    dev = call()
    settings.ATTACHMENT_MAX_BYTES = 1024

    refused = {
        "large": attach(dev, base, b"x" * 2048, "notes.txt"),
        "larger": attach(dev, base, b"x" * 80_000, "notes.txt"),
        "disguised": attach(dev, base, b"MZ\x90\x00" * 9, "shot.png"),
        "empty": attach(dev, base, b""),
        "unknown": attach(dev, base, field="picture"),
        "none": dev.send("POST", base, encode_multipart(BOUNDARY, {}), content_type=MULTIPART_CONTENT),
        "two": dev.send(
            "POST", base, encode_multipart(BOUNDARY, {"file": [SimpleUploadedFile("a.txt", b"a")] * 2}), content_type=MULTIPART_CONTENT
        ),
        "json": dev.post(base, {"file": "x"}),
        "torn": dev.send("POST", base, b"--x", content_type="multipart/form-data"),
    }

    statuses = {name: answer.status_code for name, answer in refused.items()}
    assert statuses == {
        "large": 413,
        "larger": 413,
        "disguised": 415,
        "empty": 422,
        "unknown": 400,
        "none": 422,
        "two": 422,
        "json": 415,
        "torn": 400,
    }
    assert {answer.json().keys() >= {"code", "message", "request_id"} for answer in refused.values()} == {True}
    assert not Attachment.objects.unscoped().exists()


def test_readers_and_neighbours_attach_and_remove_nothing(house, call, base):
    attach(call(), base)
    neighbour = call(make_member(make_team(house.train)))

    for caller in (call("watcher"), neighbour):
        assert attach(caller, base).status_code == 403
        assert caller.send("DELETE", f"{base}1/").status_code == 403
    assert Attachment.objects.unscoped().get().removed_at is None


def test_bytes_that_are_gone_are_said_to_be(call, base):
    attach(call(), base)
    path_of(Attachment.objects.unscoped().get()).unlink()

    answer = call().get(f"{base}1/")

    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
