"""Rows on an item: acceptance criteria and tasks."""

from django.conf import settings
from django.db import models

from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item


class _Numbered:
    """A row with a number inside its item."""

    number: int

    @property
    def number_text(self) -> str:
        """The number as paths write it, whatever the reader's language does to numbers."""
        return str(self.number)


class Criterion(_Numbered, TenantModel):
    class Form(models.TextChoices):
        PLAIN = "plain", "Plain text"
        GHERKIN = "gherkin", "Gherkin scenario"

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="criteria")
    number = models.PositiveIntegerField()  # its name inside the item, e.g. in a path; stays when the order changes
    position = models.PositiveIntegerField()
    form = models.CharField(max_length=8, choices=Form, default=Form.PLAIN)
    text = models.TextField()
    came_from = models.CharField(max_length=20, blank=True, default="", db_default="")  # key of the item that a merge took it from
    is_broken = models.BooleanField(default=False, db_default=False)  # it is meant as a scenario, and does not read as one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="criterion_number_once"),
            models.UniqueConstraint(fields=["item", "position"], name="criterion_position_once", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=models.Q(form__in=["plain", "gherkin"]), name="criterion_form_known"),
            SameOrganization(field="item", name="criterion_item_same_organization"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Task(_Numbered, TenantModel):
    """A line of the item's checklist. Never ranked."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="tasks")
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="task_number_once"),
            models.UniqueConstraint(fields=["item", "position"], name="task_position_once", deferrable=models.Deferrable.DEFERRED),
            SameOrganization(field="item", name="task_item_same_organization"),
        ]

    def __str__(self) -> str:
        return self.text
