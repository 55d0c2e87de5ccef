"""What each ranking run did."""

from django.db import models
from django.db.models import Q

from accounts.tenancy import TenantModel


class RankRun(TenantModel):
    """One computation of places: what it covered, what it wrote, how good the order is, and why it ran."""

    # The index below begins with it. No constraint: an edit waits for the look at the organization, as for those of the rows that record
    # its moves, and its event and the item name the same one.
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Mode(models.TextChoices):
        INLINE = "inline", "In the request"
        TASK = "task", "In the background"
        FULL = "full", "All items"

    mode = models.CharField(max_length=6, choices=Mode)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    # Counted, never entered: a check of each would be read anew with every row.
    items = models.IntegerField(default=0)
    components = models.IntegerField(default=0)
    rows_written = models.IntegerField(default=0)
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
