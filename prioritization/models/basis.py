"""What stands in for a missing score."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from accounts.tenancy import SameOrganization, TenantModel


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
