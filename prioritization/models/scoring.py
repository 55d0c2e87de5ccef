"""How a backlog's items are scored."""

from django.db import models
from django.db.models import Q

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.kinds import Kind


class Scoring(TenantModel):
    """How a backlog's items of a kind are scored: the model, and what the product owner set of it. Without a row, as usual for the kind."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    model = models.CharField(max_length=20)  # a name of `engine.models`
    weights = models.JSONField(default=dict)  # {"of": {column: number}, "rate": number, "is_whole": bool}, numbers as text

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "kind"], condition=Q(team__isnull=False), name="scoring_once_a_team_and_kind"),
            models.UniqueConstraint(fields=["train", "kind"], condition=Q(train__isnull=False), name="scoring_once_a_train_and_kind"),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="scoring_one_home"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="scoring_kind_known"),
            SameOrganization(field="team", name="scoring_team_same_organization"),
            SameOrganization(field="train", name="scoring_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.model}"
