"""Files of an item: their rows, their bytes, and what is left of them."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.roles import Role
from activity.errors import InvalidError
from activity.live import topic_version
from activity.models import Job
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.files import WrongTypeError
from backlog.models import Attachment
from backlog.selectors.attachments import list_attachments
from backlog.selectors.readiness import readiness_of
from backlog.services.attachments import (
    KEPT,
    MOST,
    STRAY,
    THUMBNAIL_JOB,
    AttachmentGoneError,
    TooLargeError,
    add_attachment,
    path_of,
    remove_attachment,
    sweep_files,
    thumbnail_path_of,
)
from backlog.services.thumbnails import ask_for_thumbnails, make_thumbnail
from backlog.tasks import sweep_attached_files
from tests.backlog.test_files import PNG
from tests.backlog.test_thumbnails import picture
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, voice=Role.STAKEHOLDER)


@pytest.fixture
def item(house):
    return make_item(house.team)


def attach(item, content=b"Notes", name="notes.txt", by=None):
    return add_attachment(item=item, name=name, file=io.BytesIO(content), size=len(content), by=by)


def undone(house, act, who="dev"):
    return undo(act=act.id, organization_id=house.organization.pk, access=house.access(who), by=house.people[who])


def files_in(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def test_the_bytes_lie_under_a_random_name_of_the_organization(house, item, media):
    attachment = attach(item, name="../../../etc/passwd.txt", by=house.people["dev"])

    (path,) = files_in(media)
    assert (path, path.read_bytes()) == (path_of(attachment), b"Notes")
    assert path.relative_to(media).parts[:2] == ("attachments", str(house.organization.pk))
    assert (attachment.name, attachment.media_type, attachment.size) == ("passwd.txt", "text/plain", 5)
    item.refresh_from_db()
    assert item.version == 2


def test_a_refusal_leaves_nothing_behind(house, item, media, settings):
    settings.ATTACHMENT_MAX_BYTES = 10
    for content, name, refusal in ((b"x" * 11, "a.txt", TooLargeError), (b"", "a.txt", InvalidError), (b"MZ", "a.png", WrongTypeError)):
        with pytest.raises(refusal):
            attach(item, content, name)
    Attachment.objects.bulk_create(
        Attachment(organization_id=item.organization_id, item=item, number=n, name="x", media_type="text/plain", size=1)
        for n in range(1, MOST + 1)
    )
    with pytest.raises(InvalidError, match="at most 50"):
        attach(item)

    assert files_in(media) == []


def test_a_removal_is_taken_back_while_the_bytes_are_there(house, item):
    attachment = attach(item)
    with one_act() as act:
        remove_attachment(attachment=attachment, by=house.people["dev"])
    assert list_attachments(item) == []
    with pytest.raises(AttachmentGoneError):
        remove_attachment(attachment=attachment, by=None)

    undone(house, act)
    assert [file.name for file in list_attachments(item)] == ["notes.txt"]

    with one_act() as again:
        remove_attachment(attachment=attachment, by=house.people["dev"])
    path_of(attachment).unlink()
    with pytest.raises(Exception, match="no longer kept"):
        undone(house, again)


def test_who_attached_takes_it_back_without_editing_the_item(house, item):
    with one_act() as act:
        attach(item, by=house.people["voice"])

    undone(house, act, "voice")

    assert list_attachments(item) == []


def test_a_design_change_may_show_a_file_instead_of_a_link(house):
    design, bug = make_item(house.team, "design_change"), make_item(house.team, "bug")

    def is_told(item):
        return next(line.is_met for line in readiness_of(home=house.team, keys=[item.key])[item.key] if line.code == "told")

    for item in (design, bug):
        attachment = attach(item)
    assert (is_told(design), is_told(bug)) == (True, False)
    attachment = list_attachments(design)[0]
    remove_attachment(attachment=attachment, by=None)
    assert not is_told(design)


def thumbnail_jobs():
    return list(Job.objects.filter(name=THUMBNAIL_JOB))


def test_a_picture_gets_a_thumbnail_that_goes_and_comes_with_it(house, item, media):
    attach(item)
    attachment = attach(item, picture(), "sketch.png")
    (job,) = thumbnail_jobs()
    for _ in range(2):  # twice is harmless
        make_thumbnail(job)

    attachment.refresh_from_db()
    assert (attachment.thumbnail_width, attachment.thumbnail_height) == (320, 160)
    assert thumbnail_path_of(attachment).read_bytes().startswith(b"RIFF")
    assert topic_version(organization_id=house.organization.pk, topic=f"files:{item.key}") == 2

    with one_act() as act:
        remove_attachment(attachment=attachment, by=house.people["dev"])
    undone(house, act)
    (back,) = [each for each in list_attachments(item) if each.pk == attachment.pk]
    assert (back.thumbnail_width, thumbnail_path_of(back).exists()) == (320, True)

    Attachment.objects.unscoped().filter(pk=attachment.pk).update(removed_at=timezone.now() - KEPT - timedelta(minutes=1))
    for path in files_in(media):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - STRAY - 60))
    assert sweep_files() == 2
    assert len(files_in(media)) == 1


def test_what_is_no_picture_after_all_has_no_thumbnail_and_is_not_tried_again(item):
    attachment = attach(item, PNG, "broken.png")
    (job,) = thumbnail_jobs()
    job.delete()

    assert ask_for_thumbnails() == 1  # as of one of before there were any
    make_thumbnail(thumbnail_jobs()[0])

    attachment.refresh_from_db()
    assert (attachment.thumbnail_width, thumbnail_path_of(attachment).exists(), ask_for_thumbnails()) == (0, False, 0)


def test_a_job_whose_file_is_gone_has_nothing_to_do(item):
    attachment = attach(item, picture(), "sketch.png")
    (job,) = thumbnail_jobs()
    path_of(attachment).unlink()
    make_thumbnail(job)
    attachment.delete()
    make_thumbnail(job)


def test_the_sweep_takes_what_nobody_can_bring_back_and_what_failures_left(house, item, media):
    kept, fresh, gone = (attach(item, name=f"{name}.txt") for name in ("kept", "fresh", "gone"))
    for attachment in (fresh, gone):
        remove_attachment(attachment=attachment, by=None)
    Attachment.objects.unscoped().filter(pk=gone.pk).update(removed_at=timezone.now() - KEPT - timedelta(minutes=1))
    place = path_of(kept).parent
    stray, part, new = place / ("0" * 32), place / f"{'1' * 32}.part", place / ("2" * 32)
    for path in (stray, part, new):
        path.write_bytes(b"x")
    for path in files_in(media):
        if path != new:
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - STRAY - 60))

    assert sweep_files() == 3
    sweep_attached_files()  # twice is harmless

    assert set(files_in(media)) == {path_of(kept), path_of(fresh), new}
    assert {attachment.pk for attachment in Attachment.objects.unscoped()} == {kept.pk, fresh.pk}


def test_a_sweep_before_the_first_file_does_nothing():
    assert sweep_files() == 0
