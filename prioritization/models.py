"""What people scored, what stands in for a missing score, and what each ranking run did."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item


class Factor(TenantModel):
    """One scored input of an item. Which factors a kind has is declared in `backlog.kinds`; those of another kind rest until it comes back."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="factors")
    name = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=10, decimal_places=3)
    scored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    scored_at = models.DateTimeField(db_default=Now())
    expires_on = models.DateField(null=True, blank=True)  # stays in force afterwards, and is asked for again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="factor_once_an_item"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=1000), name="factor_value_in_range"),
            SameOrganization(field="item", name="factor_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class Basis(TenantModel):
    """What a team's missing scores are taken from; one row a team, and one for the organization as a whole.

    Measured by night and on first need, never by an edit, so that scoring one item moves nothing outside its component.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    medians = models.JSONField(default=dict)  # kind (empty: any) -> factor or job_size -> milli-units
    pace = models.PositiveIntegerField(default=1)  # milli-points an iteration
    reference_pace = models.PositiveIntegerField(default=1)  # the median of the train's teams
    sample = models.PositiveIntegerField(default=0)  # ranked items it was measured on
    measured_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "team"], name="basis_once_a_team", nulls_distinct=False),
            models.CheckConstraint(condition=Q(pace__gte=1, reference_pace__gte=1), name="basis_pace_positive"),
            SameOrganization(field="team", name="basis_team_same_organization"),
        ]

    def __str__(self) -> str:
        return f"basis of {self.team_id or 'all teams'}"


class RankRun(TenantModel):
    """One computation of places: what it covered, what it wrote, how good the order is, and why it ran."""

    class Mode(models.TextChoices):
        INLINE = "inline", "In the request"
        TASK = "task", "In the background"
        FULL = "full", "All items"

    mode = models.CharField(max_length=6, choices=Mode)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    items = models.PositiveIntegerField(default=0)
    components = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    # Over what the run covered: cost of delay of the order, and what no order can do better than, in milli-units of both factors.
    cost = models.DecimalField(max_digits=40, decimal_places=0, null=True)
    lower_bound = models.DecimalField(max_digits=41, decimal_places=1, null=True)
    gap = models.FloatField(null=True)
    cycles = models.JSONField(default=list)  # each a list of keys, the last blocking the first
    causes = models.JSONField(default=dict)  # cause -> number of marks

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(mode__in=["inline", "task", "full"]), name="rank_run_mode_known")]
        indexes = [models.Index(fields=["organization", "-id"], name="rank_run_latest")]

    def __str__(self) -> str:
        return f"{self.mode} run {self.pk}"
