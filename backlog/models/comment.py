"""What people say about an item, and whom they call."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item


class Comment(TenantModel):
    """Words in Markdown. One that its author removed keeps its place, without words."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="comments", db_index=False)  # the unique key below finds them
    number = models.PositiveIntegerField()  # its name inside the item, in the order in which they were written
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    text = models.TextField(blank=True)
    written_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="comment_number_once"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=False, text="") | (Q(removed_at__isnull=True) & ~Q(text="")),
                name="comment_removed_without_words",
            ),
            SameOrganization(field="item", name="comment_item_same_organization"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def number_text(self) -> str:
        """The number as paths write it, whatever the reader's language does to numbers."""
        return str(self.number)


class Mention(TenantModel):
    """A person whom a comment calls by name; only people who see the item are called."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "person"], name="mention_once_a_comment"),
            SameOrganization(field="comment", name="mention_comment_same_organization"),
        ]
        indexes = [models.Index(fields=["person", "organization", "-id"], name="mention_latest_of_person")]

    def __str__(self) -> str:
        return f"{self.person} in {self.comment_id}"
