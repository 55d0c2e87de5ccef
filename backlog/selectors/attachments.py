"""Files of an item."""

from django.db.models import QuerySet
from django.http import Http404

from backlog.models import Attachment, Item


def list_attachments(item: Item) -> list[Attachment]:
    """The files of the item, the first one first. One query."""
    return list(_standing(item).order_by("number"))


def get_attachment(*, item: Item, number: int) -> Attachment:
    """The file of this number, or 404; one that was removed is not there."""
    found = _standing(item).filter(number=number).first()
    if found is None:
        raise Http404("No such file.")
    found.item = item
    return found


def _standing(item: Item) -> QuerySet[Attachment]:
    files = Attachment.objects.for_organization(item.organization_id).filter(item=item, removed_at__isnull=True)
    return files.select_related("added_by")
