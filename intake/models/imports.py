"""Files that were imported: each run with its report, and which item came from which row of another tool."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item


class ImportRun(TenantModel):
    """One import of one file into a team's backlog. rows read = created + updated + skipped, always."""

    class State(models.TextChoices):
        PREVIEW = "preview", "Waiting for your go"
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Finished"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Stopped"
        UNDOING = "undoing", "Being taken back"
        UNDONE = "undone", "Taken back"

    ACTIVE = (State.QUEUED, State.RUNNING)
    BUSY = (*ACTIVE, State.UNDOING)
    ENDED = (State.DONE, State.CANCELLED, State.FAILED)

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="import_runs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    may_fill_train = models.BooleanField(default=False)  # whether epics and features may go to the train's backlog
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    links = models.PositiveIntegerField(default=0)
    links_refused = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)  # what happened, where it did not simply finish
    resumed_at_row = models.PositiveIntegerField(null=True)
    is_cancel_asked = models.BooleanField(default=False)
    undo_total = models.PositiveIntegerField(default=0)  # events that an undo has to look at
    undone = models.PositiveIntegerField(default=0)  # of them, those it has looked at
    undone_to = models.BigIntegerField(null=True)  # the last event it looked at; it goes backwards from there
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=Q(state__in=["queued", "running", "undoing"]), name="import_one_at_a_time_a_team"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["preview", "queued", "running", "done", "cancelled", "failed", "undoing", "undone"]),
                name="import_state_known",
            ),
            SameOrganization(field="team", name="import_team_same_organization"),
        ]
        indexes = [models.Index(fields=["team", "-id"], name="import_latest_of_team")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"

    @property
    def topic(self) -> str:
        return f"import:{self.ref}"

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def is_busy(self) -> bool:
        """Whether it still changes items, either way."""
        return self.state in self.BUSY

    @property
    def is_undoable(self) -> bool:
        return self.state in self.ENDED and self.created + self.updated > 0


class ImportPart(TenantModel):
    """A piece of the uploaded file, kept until its run has ended: the worker may be another machine than the web server."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="import_part_once"),
            SameOrganization(field="run", name="import_part_same_organization"),
        ]

    def __str__(self) -> str:
        return f"part {self.number}"


class ImportLine(TenantModel):
    """One line of a run's report: what happened to a row, or what should be known of it."""

    class Outcome(models.TextChoices):
        SKIPPED = "skipped", "Skipped"
        UPDATED = "updated", "Updated"
        NOTICE = "notice", "Notice"  # the row was taken; a value of it was not
        LINK = "link", "Link refused"
        LEFT = "left", "Left as it is"  # by an undo: somebody changed it since

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=500)
    item_key = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["skipped", "updated", "notice", "link", "left"]), name="import_line_outcome_known"
            ),
            SameOrganization(field="run", name="import_line_same_organization"),
        ]
        indexes = [models.Index(fields=["run", "outcome", "row", "id"], name="import_line_of_run")]

    def __str__(self) -> str:
        return f"{self.row}: {self.reason}"


class ExternalLink(TenantModel):
    """Which item a row of another tool became. `imported` is what the file said last, so that the next import changes only what changed there."""

    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=200)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="external_links")
    run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, related_name="+")
    imported = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    kept = models.JSONField(default=dict, encoder=DjangoJSONEncoder)  # columns that no field of an item takes, people's names among them
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "source", "external_id"], name="external_link_once_an_organization"),
            SameOrganization(field="item", name="external_link_item_same_organization"),
            SameOrganization(field="run", name="external_link_run_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
