"""What people try out beside the order that stands."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel


class WhatIf(TenantModel):
    """A person's draft of changes to one backlog that nobody made: worked out beside the order that stands, then applied or dropped.

    It is nobody else's and no fact about the backlog, so it has no events.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    changes = models.JSONField(default=list)  # as `prioritization.changes` writes and checks them
    revision = models.PositiveIntegerField(default=1)  # rises with each change of the changes
    outcome = models.JSONField(null=True)  # where it was too much for a request
    outcome_revision = models.PositiveIntegerField(null=True)  # that it belongs to
    outcome_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "team"], condition=Q(team__isnull=False), name="what_if_once_a_person_and_team"),
            models.UniqueConstraint(fields=["person", "train"], condition=Q(train__isnull=False), name="what_if_once_a_person_and_train"),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="what_if_one_home"),
            SameOrganization(field="team", name="what_if_team_same_organization"),
            SameOrganization(field="train", name="what_if_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"what if {self.pk}"
