"""What is asked of items before they are ready, where somebody decided over the defaults, and what people said of single items."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item

CODE = 24


class ReadyRule(TenantModel):
    """One line of a definition, asked or not: of the organization (no team, no train), or of one list; for one kind, or for all."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=CODE)  # of a computed check, or its own
    is_asked = models.BooleanField(default=True)
    text = models.CharField(max_length=120, blank=True)  # of a line that people tick
    ceiling = models.DecimalField(max_digits=7, decimal_places=3, null=True)  # of the size, in points

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(team__isnull=True) | Q(train__isnull=True), name="readyrule_of_one_place"),
            models.UniqueConstraint(
                fields=["organization", "team", "train", "kind", "code"], nulls_distinct=False, name="readyrule_once_a_place_and_kind"
            ),
            SameOrganization(field="team", name="readyrule_team_same_organization"),
            SameOrganization(field="train", name="readyrule_train_same_organization"),
        ]

    def __str__(self) -> str:
        return self.text or self.code


class ReadyMark(TenantModel):
    """A person's word on one line for one item: it holds, or (with a reason) it may be missing."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="ready_marks")
    code = models.CharField(max_length=CODE)
    is_waiver = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "code"], name="readymark_once_an_item_and_line"),
            models.CheckConstraint(condition=Q(is_waiver=False) | ~Q(reason=""), name="readymark_waiver_says_why"),
            SameOrganization(field="item", name="readymark_item_same_organization"),
        ]

    def __str__(self) -> str:
        return self.code
