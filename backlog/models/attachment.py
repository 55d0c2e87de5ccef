"""Files that people attach to an item. The row is the truth; the bytes lie under MEDIA_ROOT by a random name that nobody chooses."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from backlog.files import MAX_NAME
from backlog.models.item import Item


class Attachment(TenantModel):
    """A file by the name it was given; `removed_at` while it may still be brought back, then its bytes go."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="attachments", db_index=False)  # the unique key below finds them
    number = models.PositiveIntegerField()  # its name inside the item
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # what its bytes are called on disk
    name = models.CharField(max_length=MAX_NAME)
    media_type = models.CharField(max_length=100)  # by its content, of `files.ALLOWED`
    size = models.PositiveIntegerField()  # bytes
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)
    # In pixels, of a picture's thumbnail; nothing while nobody tried to draw it, 0 where it cannot be drawn.
    thumbnail_width = models.PositiveSmallIntegerField(null=True, blank=True)
    thumbnail_height = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="attachment_number_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            SameOrganization(field="item", name="attachment_item_same_organization"),
        ]
        indexes = [models.Index(fields=["removed_at"], condition=Q(removed_at__isnull=False), name="attachment_to_forget")]

    def __str__(self) -> str:
        return self.name

    @property
    def number_text(self) -> str:
        """The number as paths write it, whatever the reader's language does to numbers."""
        return str(self.number)
