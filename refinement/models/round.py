"""One blind vote of the people in a session on one item, and each person's value."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.tenancy import SameOrganization, TenantModel
from refinement.models.session import Entry


class Round(TenantModel):
    class State(models.TextChoices):
        VOTING = "voting", "Voting"
        REVEALED = "revealed", "Revealed"
        AGREED = "agreed", "Agreed"
        DROPPED = "dropped", "Dropped"  # left before the reveal; its votes stay blind for good

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()  # within the entry
    scale = models.JSONField()  # the team's scale when the round opened, values as text
    state = models.CharField(max_length=8, choices=State, default=State.VOTING)
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True)  # when votes stopped counting: revealed or dropped
    agreed_points = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="round_number_once_an_entry"),
            models.UniqueConstraint(fields=["entry"], condition=Q(state="voting"), name="round_open_once_an_entry"),
            models.CheckConstraint(condition=Q(state__in=["voting", "revealed", "agreed", "dropped"]), name="round_state_known"),
            models.CheckConstraint(
                condition=Q(state="voting", closed_at__isnull=True) | (~Q(state="voting") & Q(closed_at__isnull=False)),
                name="round_closed_unless_voting",
            ),
            models.CheckConstraint(
                condition=Q(state="agreed", agreed_points__gt=0, agreed_points__lte=Decimal(1000), agreed_at__isnull=False)
                | (~Q(state="agreed") & Q(agreed_points__isnull=True, agreed_at__isnull=True)),
                name="round_points_when_agreed",
            ),
            SameOrganization(field="entry", name="round_entry_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} round {self.number}"

    @property
    def is_blind(self) -> bool:
        """Whether nobody may see another's value."""
        return self.state in (self.State.VOTING, self.State.DROPPED)


class Vote(TenantModel):
    """One row a person and round; until the reveal its value is for that person alone."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="votes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=12)  # a value of the round's scale, "?" or "pause"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="vote_once_a_person"),
            SameOrganization(field="round", name="vote_round_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.person_id}"  # never the value: this text reaches logs
