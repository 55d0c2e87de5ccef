"""Thumbnails of attached pictures: drawn by a worker, kept beside the bytes of the file, gone with them."""

from io import BytesIO

from activity.models import Job
from activity.services.acts import one_act, touch_topic
from activity.services.jobs import enqueue
from backlog.files import PICTURES
from backlog.models import Attachment
from backlog.services.attachments import THUMBNAIL_JOB, path_of, thumbnail_path_of, write_whole
from backlog.thumbnails import draw_thumbnail

AT_ONCE = 1000


def make_thumbnail(job: Job) -> None:
    """Draw the thumbnail of the job's attachment, also of one that was removed and may come back. Says nothing where the row or the bytes are gone."""
    attachment = Attachment.objects.unscoped().select_related("item").filter(pk=job.payload["attachment"]).first()
    if attachment is None or attachment.media_type not in PICTURES or not path_of(attachment).exists():
        return
    drawn = draw_thumbnail(path_of(attachment), attachment.media_type)
    if drawn:
        write_whole(thumbnail_path_of(attachment), BytesIO(drawn.content))
    attachment.thumbnail_width, attachment.thumbnail_height = (drawn.width, drawn.height) if drawn else (0, 0)
    with one_act():
        attachment.save(update_fields=["thumbnail_width", "thumbnail_height"])
        touch_topic(organization_id=attachment.organization_id, key=f"files:{attachment.item.key}")


def ask_for_thumbnails() -> int:
    """Leave a job for pictures that nobody tried yet, of before there were thumbnails; return for how many."""
    pictures = Attachment.objects.unscoped().filter(thumbnail_width__isnull=True, removed_at__isnull=True, media_type__in=PICTURES)
    waiting = list(pictures.order_by("id").values_list("pk", "organization_id")[:AT_ONCE])
    for pk, organization_id in waiting:
        enqueue(name=THUMBNAIL_JOB, organization_id=organization_id, key=str(pk), payload={"attachment": pk})
    return len(waiting)
