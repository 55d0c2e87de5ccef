"""What people decided over the computed order."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item


class Override(TenantModel):
    """A person's decision over the computed order: what, why, and until when. It acts while it has not ended, whatever the date.

    It is made in a list: that of its item's team or train, or that of the train above a team, from where it reaches every list.
    """

    class Kind(models.TextChoices):
        PIN = "pin", "Pin to the top"
        KEEP_ABOVE = "keep_above", "Keep above"
        NOT_BEFORE = "not_before", "Not before"
        FREEZE = "freeze", "Freeze"
        BOOST = "boost", "Boost"

    class End(models.TextChoices):
        LIFTED = "lifted", "Lifted"
        REPLACED = "replaced", "Replaced"
        EXPIRED = "expired", "Expired"
        CLOSED = "closed", "Its item was closed"

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="overrides")
    kind = models.CharField(max_length=10, choices=Kind)
    anchor = models.ForeignKey(Item, on_delete=models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    multiplier = models.DecimalField(max_digits=4, decimal_places=2, null=True)  # of a boost
    held_value = models.FloatField(null=True)  # of a frozen item: its value when it was frozen
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_on = models.DateField()  # the first day on which it no longer acts; for a not-before the day itself
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=8, choices=End, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "kind"], condition=Q(ended_at__isnull=True) & ~Q(kind="keep_above"), name="override_once_a_kind"
            ),
            models.UniqueConstraint(
                fields=["item", "anchor"], condition=Q(ended_at__isnull=True, kind="keep_above"), name="override_once_an_anchor"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["pin", "keep_above", "not_before", "freeze", "boost"]), name="override_kind_known"
            ),
            models.CheckConstraint(condition=Q(kind="keep_above") ^ Q(anchor__isnull=True), name="override_anchor_by_kind"),
            models.CheckConstraint(condition=Q(kind="boost") ^ Q(multiplier__isnull=True), name="override_multiplier_by_kind"),
            models.CheckConstraint(condition=Q(kind="freeze") ^ Q(held_value__isnull=True), name="override_value_by_kind"),
            models.CheckConstraint(
                condition=Q(multiplier__isnull=True) | Q(multiplier__gte=Decimal("0.25"), multiplier__lte=4),
                name="override_multiplier_bounded",
            ),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="override_one_list"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) ^ ~Q(ended_how=""), name="override_end_has_a_how"),
            models.CheckConstraint(condition=Q(anchor__isnull=True) | ~Q(anchor=F("item")), name="override_not_above_itself"),
            SameOrganization(field="item", name="override_item_same_organization"),
            SameOrganization(field="anchor", name="override_anchor_same_organization"),
            SameOrganization(field="team", name="override_team_same_organization"),
            SameOrganization(field="train", name="override_train_same_organization"),
        ]
        indexes = [
            models.Index(fields=["item"], condition=Q(ended_at__isnull=True), name="override_active_of_item"),
            models.Index(fields=["anchor"], condition=Q(ended_at__isnull=True, anchor__isnull=False), name="override_active_of_anchor"),
            models.Index(fields=["team", "ended_at"], name="override_of_team"),
            models.Index(fields=["train", "ended_at"], name="override_of_train"),
            models.Index(fields=["expires_on"], condition=Q(ended_at__isnull=True), name="override_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"

    @property
    def home(self) -> Team | ReleaseTrain:
        """The list it was made in."""
        home = self.team or self.train
        assert home is not None, "a constraint of the table"
        return home
