"""What a value looks like: items that everybody scores others against."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item


class Anchor(TenantModel):
    """An item chosen as the example of its value of a factor. It stands for whatever value the item has, so that both never differ."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="anchors")
    factor = models.CharField(max_length=40)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "factor"], name="anchor_once_an_item"),
            SameOrganization(field="item", name="anchor_item_same_organization"),
        ]
        indexes = [models.Index(fields=["organization", "factor"], name="anchor_of_factor")]

    def __str__(self) -> str:
        return f"{self.item_id} for {self.factor}"
