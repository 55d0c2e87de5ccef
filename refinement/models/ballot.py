"""A vote of the team on stale items, each in their own time: keep it, remove it, or no opinion. Blind until it closes."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item


class Ballot(TenantModel):
    """Its row is the lock of all that happens in it, votes included, so that none slips in after the close."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ballots", db_index=False)
    number = models.PositiveIntegerField()  # in the team; what paths and people say
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    closes_on = models.DateField(null=True)  # the last day on which votes count
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="ballot_number_once_a_team"),
            models.UniqueConstraint(fields=["team"], condition=Q(state="open"), name="ballot_open_once_a_team"),
            models.CheckConstraint(condition=Q(state__in=["open", "closed"]), name="ballot_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(state="closed", closed_at__isnull=False),
                name="ballot_closed_at_by_state",
            ),
            SameOrganization(field="team", name="ballot_team_same_organization"),
        ]

    def __str__(self) -> str:
        return f"Ballot {self.number}"

    @property
    def topic(self) -> str:
        return f"ballot:{self.team.slug}_{self.number}"

    def is_over(self, today: date) -> bool:
        """Whether votes no longer count, and everybody may see them."""
        return self.state == self.State.CLOSED or (self.closes_on is not None and self.closes_on < today)


class BallotEntry(TenantModel):
    """An item that the ballot is about."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="entries", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "item"], name="ballot_entry_item_once"),
            SameOrganization(field="ballot", name="ballot_entry_ballot_same_organization"),
            SameOrganization(field="item", name="ballot_entry_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.ballot_id}.{self.position}"


class BallotVote(TenantModel):
    """One row a person and item; until the ballot closes its value is for that person alone."""

    class Value(models.TextChoices):
        KEEP = "keep", "Keep"
        REMOVE = "remove", "Remove"
        EITHER = "either", "No opinion"

    entry = models.ForeignKey(BallotEntry, on_delete=models.CASCADE, related_name="votes", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=6, choices=Value)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "person"], name="ballot_vote_once_a_person"),
            models.CheckConstraint(condition=Q(value__in=["keep", "remove", "either"]), name="ballot_vote_value_known"),
            SameOrganization(field="entry", name="ballot_vote_entry_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.person_id}"  # never the value: this text reaches logs
