"""When people last looked."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel


class Look(TenantModel):
    """When a person last said that they saw what moved in a list."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "team", "train"], name="look_once_a_list", nulls_distinct=False),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="look_one_list"),
            SameOrganization(field="team", name="look_team_same_organization"),
            SameOrganization(field="train", name="look_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"look of {self.person_id} at {self.looked_at}"
