"""What people scored."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item

MOST_VALUE = 1_000_000


class Factor(TenantModel):
    """One scored input of an item. Which factors count says the model of its backlog and kind; those of another model rest until it comes back."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="factors")
    name = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=10, decimal_places=3)
    scored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    scored_at = models.DateTimeField(db_default=Now())
    expires_on = models.DateField(null=True, blank=True)  # stays in force afterwards, and is asked for again; None: as usual for the factor
    evidence = models.CharField(max_length=500, blank=True, default="", db_default="")  # words or a link

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="factor_once_an_item"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=MOST_VALUE), name="factor_value_in_range"),
            SameOrganization(field="item", name="factor_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
