"""Items that nobody has touched for long, what was decided about them, and what is left of those that went."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item
from backlog.stale import MOST_DEMAND, MOST_MONTHS, Verdict


class StaleRule(TenantModel):
    """When items of one kind are stale in one list, where its product owner decided over the defaults."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20)
    months = models.PositiveSmallIntegerField()
    demand = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="stale_rule_of_one_list"),
            models.UniqueConstraint(fields=["team", "train", "kind"], nulls_distinct=False, name="stale_rule_once_a_list_and_kind"),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=MOST_MONTHS, demand__gte=1, demand__lte=MOST_DEMAND), name="stale_rule_within"
            ),
            SameOrganization(field="team", name="stale_rule_team_same_organization"),
            SameOrganization(field="train", name="stale_rule_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.months}"


class StaleItem(TenantModel):
    """An item found stale, waiting for a verdict or with one. Found at night and when a rule changes; a touch since then is seen where it is read."""

    Verdict = Verdict

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="stale")
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )  # the item's home, for the list's index
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    touched_at = models.DateTimeField()  # by a person, as of `found_at`; of an item that nobody ever touched, when it came
    found_at = models.DateTimeField(db_default=Now())
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    until = models.DateField(null=True)  # when it is asked about again
    is_due = models.BooleanField(default=False)  # waits because that day came, however lately it was touched before
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=["", *Verdict.values]), name="stale_item_verdict_known"),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at__isnull=True, until__isnull=True) | (~Q(verdict="") & Q(decided_at__isnull=False)),
                name="stale_item_decided_by_verdict",
            ),
            SameOrganization(field="item", name="stale_item_item_same_organization"),
            SameOrganization(field="team", name="stale_item_team_same_organization"),
            SameOrganization(field="train", name="stale_item_train_same_organization"),
        ]
        indexes = [
            models.Index(fields=["team", "touched_at", "id"], condition=Q(verdict="", team__isnull=False), name="stale_waiting_of_team"),
            models.Index(fields=["train", "touched_at", "id"], condition=Q(verdict="", train__isnull=False), name="stale_waiting_of_train"),
            models.Index(fields=["team", "decided_at"], condition=Q(decided_at__isnull=False), name="stale_decided_of_team"),
            models.Index(fields=["train", "decided_at"], condition=Q(decided_at__isnull=False), name="stale_decided_of_train"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.verdict}"


class Tombstone(TenantModel):
    """What an item that was removed leaves: who did it, what it went into, and the place it had. Why and when stand in the item."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="tombstone")
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    merged_into = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.UUIDField(null=True)  # of a merge: taking it back gives each of the two what was its own
    place = models.JSONField(default=dict)  # columns of its placement

    class Meta:
        constraints = [
            SameOrganization(field="item", name="tombstone_item_same_organization"),
            SameOrganization(field="merged_into", name="tombstone_merged_into_same_organization"),
        ]

    def __str__(self) -> str:
        return str(self.item_id)
