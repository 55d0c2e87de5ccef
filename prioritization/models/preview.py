"""What scoring a kind otherwise would do, where it was too much for a request."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel


class ScoringPreview(TenantModel):
    """A person's last look at another way to score a kind of one backlog, worked out in the background.

    It is nobody else's and no fact about the backlog, so it has no events.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20)
    choice = models.TextField()  # as `tried_rules.write_choice` makes it
    revision = models.PositiveIntegerField(default=1)  # rises with each choice that is asked for
    steps = models.PositiveSmallIntegerField(default=0)  # done, of `outcomes.STEPS`
    outcome = models.JSONField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    outcome_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "team", "kind"], condition=Q(team__isnull=False), name="scoring_preview_once_a_team_and_kind"
            ),
            models.UniqueConstraint(
                fields=["person", "train", "kind"], condition=Q(train__isnull=False), name="scoring_preview_once_a_train_and_kind"
            ),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="scoring_preview_one_home"),
            SameOrganization(field="team", name="scoring_preview_team_same_organization"),
            SameOrganization(field="train", name="scoring_preview_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"preview of {self.kind}"
