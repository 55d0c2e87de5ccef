"""Files on an item's page, met by those who may and those who may not."""

import asyncio
import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.roles import Role
from activity.models import Job
from backlog.http import _PiecesInThreads
from backlog.models import Attachment
from backlog.services.attachments import THUMBNAIL_JOB, add_attachment, path_of
from backlog.services.thumbnails import make_thumbnail
from tests.backlog.test_files import PNG
from tests.backlog.test_thumbnails import picture
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def item(house):
    return make_item(house.team, title="Gift cards")


@pytest.fixture
def path(item):
    return f"/acme/{item.key}/files/"


def upload(name="shot.png", content=PNG):
    return SimpleUploadedFile(name, content)


def text_of(response):
    return unescape(response.content.decode())


def test_files_are_attached_downloaded_and_removed_with_their_undo(browse, item, path):
    dev = browse("dev")

    attached = dev.post(path, {"file": [upload("A <b>.png"), upload("notes.txt", b"Hello")]}, headers=HTMX)
    download = dev.get(f"{path}2/")
    removed = dev.post(f"{path}1/remove/", headers=HTMX)

    assert "A &lt;b&gt;.png" in attached.content.decode()
    assert ("Attached 2 files." in text_of(attached), "/undo/" in text_of(attached), "/undo/" in text_of(removed)) == (True, True, True)
    assert b"".join(download.streaming_content) == b"Hello"
    assert "is gone" in text_of(removed)
    assert dev.get(f"{path}1/").status_code == 404
    assert dev.post(path, {"file": upload()})["Location"] == path
    assert f'hx-get="{path}"' in text_of(dev.get(f"/acme/{item.key}/"))


def test_a_file_is_handed_out_to_be_saved_without_any_right(browse, path):
    dev = browse("dev")
    dev.post(path, {"file": upload('Zoë "x"; y.png')})

    answer = dev.get(f"{path}1/")

    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Zo%C3%AB%20")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"], answer["Content-Length"]) == ("image/png", "nosniff", str(len(PNG)))
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")
    assert "no-store" in answer["Cache-Control"]
    assert dev.head(f"{path}1/")["Content-Length"] == str(len(PNG))


def test_under_asgi_the_bytes_come_in_pieces_read_in_threads(browse, path):
    browse("dev").post(path, {"file": upload("long.log", b"line\n" * 40_000)})

    place = path_of(Attachment.objects.unscoped().get())

    async def read():
        with place.open("rb") as file:
            return [piece async for piece in _PiecesInThreads(file)]

    pieces = asyncio.run(read())

    assert (b"".join(pieces), len(pieces)) == (b"line\n" * 40_000, 4)


def test_what_cannot_be_taken_is_told_and_nothing_is_kept(browse, path, settings):
    settings.ATTACHMENT_MAX_BYTES = 1000
    dev = browse("dev")

    answers = [
        dev.post(path, {"file": upload("page.html", b"<script>")}, headers=HTMX),
        dev.post(path, {"file": [upload(), upload("fake.png", b"<html><script>")]}, headers=HTMX),
        dev.post(path, {"file": upload("a.txt", b"x" * 1001)}, headers=HTMX),
        dev.post(path, {"file": upload("a.txt", b"x" * 80_000)}, headers=HTMX),
        dev.post(path, {"file": upload("a.txt", b"")}, headers=HTMX),
        dev.post(path, {}, headers=HTMX),
    ]

    assert [answer.status_code for answer in answers] == [415, 415, 413, 413, 422, 422]
    assert all('role="alert"' in text_of(answer) for answer in answers)
    assert "“fake.png” is not what its name says" in text_of(answers[1])
    assert not Attachment.objects.unscoped().exists()


def test_a_body_without_a_length_that_makes_sense_is_not_read(browse, path):
    assert browse("dev").post(path, {"file": upload()}, CONTENT_LENGTH="many", headers=HTMX).status_code == 413


def test_a_form_of_another_site_attaches_nothing(house, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.people["dev"])

    assert client.post(path, {"file": upload()}).status_code == 403
    assert not Attachment.objects.unscoped().exists()


def test_the_same_upload_twice_attaches_once(browse, path):
    for _ in range(2):
        assert browse("dev").post(path, {"file": upload()}, headers={**HTMX, "Idempotency-Key": "k"}).status_code == 200

    assert Attachment.objects.unscoped().count() == 1


def test_bytes_that_are_gone_are_told(browse, path):
    browse("dev").post(path, {"file": upload()})
    path_of(Attachment.objects.unscoped().get()).unlink()

    assert browse("dev").get(f"{path}1/").status_code == 410


def test_no_file_is_open_to_those_who_do_not_see_the_item(house, browse, item, path):
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    inside = make_member(house.organization, Role.ADMINISTRATOR)
    secret = f"/acme/{hidden.key}/files/"
    browse(inside).post(secret, {"file": upload()})
    browse("owner").post(path, {"file": upload()})
    outsider = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    neighbour = make_member(house.teams["cart"])

    for person in ("watcher", neighbour):
        assert b"".join(browse(person).get(f"{path}1/").streaming_content) == PNG
    for person, place in (("dev", secret), (outsider, path), (outsider, secret)):
        for answer in (browse(person).get(place), browse(person).get(f"{place}1/"), browse(person).post(place, {"file": upload()})):
            assert answer.status_code == 404
        assert browse(person).post(f"{place}1/remove/").status_code == 404
    for person in ("watcher", neighbour):
        assert browse(person).post(path, {"file": upload()}).status_code == 403
        assert browse(person).post(f"{path}1/remove/").status_code == 403
    assert Client().get(f"{path}1/").status_code == 302
    assert Attachment.objects.unscoped().filter(removed_at__isnull=True).count() == 2


def test_a_stakeholder_attaches_and_removes_their_own_alone(house, browse, path):
    voice = make_member(house.team, Role.STAKEHOLDER)
    browse("dev").post(path, {"file": upload()})
    browse(voice).post(path, {"file": upload()})

    assert browse(voice).post(f"{path}1/remove/").status_code == 403
    assert browse(voice).post(f"{path}2/remove/", headers=HTMX).status_code == 200


def test_as_many_queries_for_many_files_as_for_one(house, browse, path, django_assert_num_queries):
    client = browse("dev")
    client.post(path, {"file": upload()})
    for _ in range(2):
        with django_assert_num_queries(7):  # two fewer once no thumbnail is to come
            client.get(path, headers=HTMX)
        for _ in range(3):
            browse(make_member(house.team)).post(path, {"file": upload()})


def test_a_thumbnail_is_kept_by_the_browser_and_asked_for_each_time(house, browse, item, path):
    dev, small = browse("dev"), f"{path}1/thumbnail/"
    waiting = text_of(dev.post(path, {"file": upload(content=picture())}, headers=HTMX))
    early = dev.get(small)
    make_thumbnail(Job.objects.get(name=THUMBNAIL_JOB))

    shown, page = dev.get(small), text_of(dev.get(path))
    again = dev.get(small, headers={"If-None-Match": shown["ETag"]})

    assert (f'data-topic="files:{item.key}"' in waiting, "<img" in waiting, early.status_code) == (True, False, 404)
    assert f'<img src="{small}" width="320" height="160" alt=""' in page
    assert f'data-topic="files:{item.key}"' not in page
    assert (shown.status_code, shown["Content-Type"], shown.content[:4]) == (200, "image/webp", b"RIFF")
    assert (shown["Cache-Control"], shown["X-Content-Type-Options"]) == ("private, no-cache", "nosniff")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert (again.status_code, again.content) == (304, b"")
    dev.post(f"{path}1/remove/")
    assert dev.get(small, headers={"If-None-Match": shown["ETag"]}).status_code == 404


def test_a_thumbnail_is_seen_by_whoever_sees_its_item(house, browse, item):
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    for each in (item, hidden):
        add_attachment(item=each, name="a.png", file=io.BytesIO(picture()), size=1, by=None)
    for job in Job.objects.filter(name=THUMBNAIL_JOB):
        make_thumbnail(job)
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    def status(who, each):
        return browse(who).get(f"/acme/{each.key}/files/1/thumbnail/").status_code

    assert [status("watcher", item), status("watcher", hidden), status(other, item)] == [200, 404, 404]
    assert Client().get(f"/acme/{item.key}/files/1/thumbnail/").status_code == 302
