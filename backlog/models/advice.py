"""Advice on a story that somebody set aside."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item
from backlog.quality import LABELS, Criterion

CRITERIA = [criterion.value for criterion in Criterion]


class DismissedAdvice(TenantModel):
    """Advice by one criterion on an item whose story reads as it did: a changed text has another digest, and is asked about again."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="dismissed_advice")
    criterion = models.CharField(max_length=16, choices=[(criterion.value, label) for criterion, label in LABELS.items()])
    digest = models.CharField(max_length=64)  # SHA-256 of the story's words, in hex
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    dismissed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "criterion", "digest"], name="dismissed_advice_once"),
            models.CheckConstraint(condition=Q(criterion__in=CRITERIA), name="dismissed_advice_criterion_known"),
            SameOrganization(field="item", name="dismissed_advice_item_same_organization"),
        ]

    def __str__(self) -> str:
        return self.criterion
