"""What waits for what. `blocks` between ranked items counts for the order, across teams and trains."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item


class Dependency(TenantModel):
    class Kind(models.TextChoices):
        BLOCKS = "blocks", "blocks"
        RELATES = "relates", "relates to"
        HELPS = "helps", "helps"
        CONFLICTS = "conflicts", "conflicts with"

    blocker = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="dependencies_out")
    blocked = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="dependencies_in")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BLOCKS)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked", "kind"], name="dependency_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="dependency_not_on_itself"),
            models.CheckConstraint(condition=Q(kind__in=["blocks", "relates", "helps", "conflicts"]), name="dependency_kind_known"),
            SameOrganization(field="blocker", name="dependency_blocker_same_organization"),
            SameOrganization(field="blocked", name="dependency_blocked_same_organization"),
        ]
        indexes = [models.Index(fields=["organization"], condition=Q(kind="blocks"), name="dependency_hard_of_tenant")]

    def __str__(self) -> str:
        return f"{self.blocker_id} {self.kind} {self.blocked_id}"


class DismissedHint(TenantModel):
    """What an item's text says of another one is no link: somebody looked at it, and it is not suggested again."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    dismissed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "other"], name="dismissedhint_once_a_pair"),
            SameOrganization(field="item", name="dismissedhint_item_same_organization"),
            SameOrganization(field="other", name="dismissedhint_other_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} without {self.other_id}"
