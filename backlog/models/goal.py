"""What items are for: a tree of business goals whose weights count in the order."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel

MOST_WEIGHT = Decimal(5)


class Goal(TenantModel):
    """A goal of the organization, under its parent. Its weight multiplies the cost of delay of the items that serve it, as do those above it.

    It counts on the days of its period while it is active; outside of them its items count as they are.
    """

    number = models.PositiveIntegerField()  # its name in paths, inside the organization
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    weight = models.DecimalField(max_digits=4, decimal_places=3, default=Decimal(1))  # 1: as they are
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)  # its last day
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="goal_number_once_an_organization"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=MOST_WEIGHT), name="goal_weight_within"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="goal_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="goal_not_its_own_parent"),
            SameOrganization(field="parent", name="goal_parent_same_organization"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def number_text(self) -> str:
        """The number as paths write it, whatever the reader's language does to numbers."""
        return str(self.number)

    def counts_on(self, day: date) -> bool:
        """Whether its weight counts on that day."""
        return self.is_active and (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)
