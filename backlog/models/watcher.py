"""Who follows an item, and when people last looked at it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item


class Watcher(TenantModel):
    """A person who follows an item, by their own act or because they take part in it; or who said that they do not."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="watchers", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_watching = models.BooleanField(default=True)  # false once they said no: taking part does not turn it on again
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "person"], name="watcher_once_an_item"),
            SameOrganization(field="item", name="watcher_item_same_organization"),
        ]
        indexes = [
            models.Index(fields=["person", "organization"], include=["item"], condition=Q(is_watching=True), name="watcher_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.item_id}"


class ItemLook(TenantModel):
    """When a person last had the item's page open, and when before that visit."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    before = models.DateTimeField(null=True)  # the end of the visit before this one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "item"], name="itemlook_once_an_item"),
            SameOrganization(field="item", name="itemlook_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.item_id}"
