"""Time boxes that items point at: a team's iteration and a train's planning interval."""

from django.db import models
from django.db.models import F, Q

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel


class Interval(TenantModel):
    """A planning interval (PI) of a train. `ends_on` is its last day."""

    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, related_name="intervals")
    name = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["train", "name"], name="interval_name_once_a_train"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="interval_ends_after_start"),
            SameOrganization(field="train", name="interval_train_same_organization"),
        ]

    def __str__(self) -> str:
        return self.name


class Iteration(TenantModel):
    """A sprint of a team. `ends_on` is its last day."""

    class State(models.TextChoices):
        FUTURE = "future", "Future"
        ACTIVE = "active", "Active"
        CLOSED = "closed", "Closed"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="iterations")
    interval = models.ForeignKey(Interval, on_delete=models.PROTECT, null=True, blank=True, related_name="iterations")
    name = models.CharField(max_length=120)
    goal = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.FUTURE)
    points_done = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)  # set at close; the team's pace

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="iteration_name_once_a_team"),
            models.UniqueConstraint(fields=["team"], condition=Q(state="active"), name="iteration_one_active_a_team"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="iteration_ends_after_start"),
            models.CheckConstraint(condition=Q(state__in=["future", "active", "closed"]), name="iteration_state_known"),
            SameOrganization(field="team", name="iteration_team_same_organization"),
            SameOrganization(field="interval", name="iteration_interval_same_organization"),
        ]

    def __str__(self) -> str:
        return self.name
