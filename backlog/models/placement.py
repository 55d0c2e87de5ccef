"""An item's place in the order, where its tiers end, and the mark that it must be computed again. Prioritization computes; the rows are here so that
lists need no upper app."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item
from backlog.models.moves import recorders


class Band(models.IntegerChoices):
    NOW = 0, "Now"
    EXPEDITE = 1, "Expedite or pinned"
    NORMAL = 2, "Normal"
    ON_HOLD = 3, "On hold"
    UNSCORED = 4, "Unscored"
    DORMANT = 5, "Dormant"


class Placement(TenantModel):
    """One row for each ranked item. The order is (band, falling value, component, position), ascending as (band, falling, component, position).

    `value` is the float of the exact density x (cost of delay per week and point); `component` the smallest item id of the weakly connected
    component; `position` runs through the whole component, so that equal floats cannot break precedence.
    """

    Band = Band

    # A changed place is a new entry in each index, and each reference is one more to check: no index that another begins with, no plain
    # key where one with the organization says more.
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="placement", primary_key=False, db_constraint=False)
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )  # the item's home, repeated for the list's index
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False)
    band = models.SmallIntegerField(choices=Band, default=Band.UNSCORED)  # a constraint names those there are
    value = models.FloatField(default=0)
    falling = models.GeneratedField(expression=-F("value"), output_field=models.FloatField(), db_persist=True)
    component = models.BigIntegerField()
    position = models.IntegerField(default=0)
    cost_of_delay = models.DecimalField(max_digits=12, decimal_places=3, null=True)  # own cost of delay per week, as computed or assumed
    is_assumed = models.BooleanField(default=False)  # some input was missing and filled by a median
    is_size_assumed = models.BooleanField(default=False)
    reason = models.CharField(max_length=40, blank=True)  # code of the two or three words at the end of the row
    reason_item = models.ForeignKey(Item, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False)
    manual_key = models.TextField(null=True, db_collation="C")  # noqa: DJ001, unique where it is; the place in a manual order, kept while computed
    run = models.BigIntegerField(null=True)  # the ranking run that wrote the key
    ranked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(band__in=Band.values), name="placement_band_known"),
            models.UniqueConstraint(
                fields=["team", "manual_key"], condition=Q(manual_key__isnull=False), name="placement_manual_key_once_a_team"
            ),
            models.UniqueConstraint(
                fields=["train", "manual_key"], condition=Q(manual_key__isnull=False), name="placement_manual_key_once_a_train"
            ),
            SameOrganization(field="item", name="placement_item_same_organization"),
            SameOrganization(field="team", name="placement_team_same_organization"),
            SameOrganization(field="train", name="placement_train_same_organization"),
            SameOrganization(field="reason_item", name="placement_reason_same_organization"),
        ]
        indexes = [
            models.Index(
                fields=["team", "band", "falling", "component", "position"],
                condition=Q(team__isnull=False),
                name="placement_order_of_team",
            ),
            models.Index(
                fields=["train", "band", "falling", "component", "position"],
                condition=Q(train__isnull=False),
                name="placement_order_of_train",
            ),
            models.Index(fields=["organization", "component"], include=["item"], name="placement_of_component"),
            models.Index(fields=["reason_item"], condition=Q(reason_item__isnull=False), name="placement_of_reason"),
        ]
        triggers = recorders(
            into="backlog_rankmove",
            key=("band", "value", "component", "position", "manual_key"),
            carried=("organization_id", "item_id", "team_id", "train_id"),
            run="run",
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.value}"


class ListMode(TenantModel):
    """How a list is ordered. Without a row it is computed. The row is also what movers of a manual order wait for."""

    class Mode(models.TextChoices):
        COMPUTED = "computed", "Computed"
        ADVISE = "advise", "Yours, with the computed order beside it"
        MANUAL = "manual", "Yours"

    team = models.OneToOneField(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.OneToOneField(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.COMPUTED)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=["computed", "advise", "manual"]), name="list_mode_known"),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="list_mode_one_home"),
            SameOrganization(field="team", name="list_mode_team_same_organization"),
            SameOrganization(field="train", name="list_mode_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.mode} of {self.team_id or self.train_id}"


class Cut(TenantModel):
    """Where a tier of a list ends: the key of its last item. Moving a line writes one row."""

    class Tier(models.TextChoices):
        NOW = "now", "Now"
        NEXT = "next", "Next"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    tier = models.CharField(max_length=4, choices=Tier)
    band = models.PositiveSmallIntegerField()
    falling = models.FloatField()
    component = models.BigIntegerField()
    position = models.IntegerField()
    points = models.DecimalField(max_digits=10, decimal_places=3, default=0)  # size of what lies in the tier

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "tier"], condition=Q(team__isnull=False), name="cut_once_a_team"),
            models.UniqueConstraint(fields=["train", "tier"], condition=Q(train__isnull=False), name="cut_once_a_train"),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="cut_one_home"),
            SameOrganization(field="team", name="cut_team_same_organization"),
            SameOrganization(field="train", name="cut_train_same_organization"),
        ]
        triggers = recorders(
            into="backlog_cutmove",
            key=("band", "falling", "component", "position"),
            carried=("organization_id", "team_id", "train_id", "tier"),
        )

    def __str__(self) -> str:
        return f"{self.tier} of {self.team_id or self.train_id}"


class StaleRank(models.Model):
    """A mark that something about the item's rank changed. Only inserted, and drained by DELETE ... RETURNING; so it has no constraint to wait on."""

    # No foreign keys: the mark may outlive its item, and an insert must lock nothing.
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    item_id = models.BigIntegerField()
    cause = models.CharField(max_length=120)
    act = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["organization"], name="stale_rank_of_organization")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.cause}"
