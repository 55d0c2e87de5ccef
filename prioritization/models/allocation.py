"""What a backlog keeps for each class of work."""

from django.db import models
from django.db.models import Q

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel


class Allocation(TenantModel):
    """The share of a backlog's work that each class gets in the balanced view; the computed order does not know it. Empty: nothing is kept."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.OneToOneField(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    shares = models.JSONField(default=dict)  # class -> percent above 0; together 100

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="allocation_one_home"),
            SameOrganization(field="team", name="allocation_team_same_organization"),
            SameOrganization(field="train", name="allocation_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"shares of {self.team_id or self.train_id}"
