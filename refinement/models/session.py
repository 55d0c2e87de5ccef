"""A refinement meeting: its agenda and who is there."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item


class SessionNumber(TenantModel):
    """The last session number given out in an organization. Its row lock makes numbers never double."""

    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="session_number_once_an_organization")]

    def __str__(self) -> str:
        return str(self.last_number)


class Session(TenantModel):
    """Its row is the lock of all that happens in it, votes included, so that none slips in after the close."""

    class Format(models.TextChoices):
        WEEKLY = "weekly", "Weekly refinement"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        LIVE = "live", "Live"
        ENDED = "ended", "Ended"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveIntegerField()  # in the organization; what paths and people say
    format = models.CharField(max_length=12, choices=Format, default=Format.WEEKLY)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    facilitator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    current = models.ForeignKey("Entry", on_delete=models.SET_NULL, null=True, related_name="+")  # the entry everyone looks at
    revision = models.PositiveIntegerField(default=1)  # rises with each change of what is shown, except votes and presence
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="session_number_once"),
            models.CheckConstraint(condition=Q(state__in=["planned", "live", "ended"]), name="session_state_known"),
            models.CheckConstraint(condition=Q(format__in=["weekly"]), name="session_format_known"),
            models.CheckConstraint(
                condition=Q(state="planned", started_at__isnull=True, ended_at__isnull=True)
                | Q(state="live", started_at__isnull=False, ended_at__isnull=True)
                | Q(state="ended", ended_at__isnull=False),
                name="session_times_by_state",
            ),
            models.CheckConstraint(condition=Q(state="live") | Q(current__isnull=True), name="session_looks_only_while_live"),
            SameOrganization(field="team", name="session_team_same_organization"),
            SameOrganization(field="current", name="session_current_same_organization"),
        ]
        indexes = [models.Index(fields=["team", "state", "-number"], name="session_of_team_by_state")]

    def __str__(self) -> str:
        return f"{self.get_format_display()} {self.number}"

    @property
    def topic(self) -> str:
        return f"session:{self.number}"


class Entry(TenantModel):
    """An item on the agenda."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SIZED = "sized", "Sized"
        SKIPPED = "skipped", "Skipped"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=80, blank=True)  # why it is on the agenda, in two or three words
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "item"], name="entry_item_once_a_session"),
            models.UniqueConstraint(fields=["session", "position"], name="entry_position_once", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=Q(state__in=["waiting", "sized", "skipped"]), name="entry_state_known"),
            SameOrganization(field="session", name="entry_session_same_organization"),
            SameOrganization(field="item", name="entry_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}.{self.position}"


class Participant(TenantModel):
    """Somebody who opened the session: a seat with a vote, or a reader's."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_voter = models.BooleanField()  # as their role in the team said when they were last seen
    joined_at = models.DateTimeField(db_default=Now(), editable=False)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="participant_once_a_session"),
            SameOrganization(field="session", name="participant_session_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.user_id}"
