"""Anything in a backlog. What only one kind has sits in `details`, declared in `kinds.py`."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel, TenantQuerySet
from backlog.kinds import Kind
from backlog.models.goal import Goal
from backlog.models.timebox import Iteration

TRAIN_KINDS = (Kind.EPIC, Kind.FEATURE)


class Status(models.TextChoices):
    PROPOSED = "proposed", "Proposed"  # in triage, not ranked
    OPEN = "open", "Open"
    PLANNED = "planned", "Planned"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    REMOVED = "removed", "Removed"


class Channel(models.TextChoices):
    ART = "art", "Release train"
    TEAM = "team", "Team"
    STAKEHOLDER = "stakeholder", "Stakeholder"


class Urgency(models.TextChoices):
    """How an item's cost of delay changes with the days; the curves are `prioritization.engine.urgency`'s."""

    STANDARD = "standard", "Standard"
    FIXED_DATE = "fixed_date", "Fixed date"
    EXPEDITE = "expedite", "Expedite"
    SHORT_LIFE = "short_life", "Short life"
    INTANGIBLE = "intangible", "Intangible"


DATED = (Urgency.FIXED_DATE, Urgency.SHORT_LIFE, Urgency.INTANGIBLE)
MOST_URGENCY_DAYS = 730

RANKED = (Status.OPEN, Status.PLANNED, Status.IN_PROGRESS)
STARTED = (Status.PLANNED, Status.IN_PROGRESS, Status.DONE)
"""What is judged by the definitions that held when it came here."""


class ItemQuerySet(TenantQuerySet["Item"]):
    def ranked(self) -> "ItemQuerySet":
        """Items that have a place in the order: open, planned or in progress."""
        return self.filter(status__in=RANKED)


class Item(TenantModel):
    Kind = Kind
    Status = Status
    Channel = Channel

    # Indexes and constraints below begin with organization, team and train; another on each would only be written.
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=20)  # CHK-231; never changes when the item moves
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="items", db_index=False)
    train = models.ForeignKey(
        ReleaseTrain, on_delete=models.PROTECT, null=True, blank=True, related_name="items", db_index=False
    )  # home of epics and features
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    channel = models.CharField(max_length=12, choices=Channel)
    source_kind = models.CharField(max_length=30, blank=True)  # pi, session, request, retro, import: rows of upper apps, named by text
    source_ref = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    removed_reason = models.CharField(max_length=500, blank=True)
    job_size = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)  # points, 0 < s <= 1000
    demand = models.PositiveIntegerField(default=0)  # sum over distinct people of stated importance 0-3
    iteration = models.ForeignKey(Iteration, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    is_dormant = models.BooleanField(default=False)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.STANDARD, db_default=Urgency.STANDARD)
    due_on = models.DateField(
        null=True, blank=True
    )  # fixed date: the day; short life: since when it fades; intangible: from when it matters
    urgency_days = models.PositiveSmallIntegerField(null=True, blank=True)  # how fast; None: as usual for the profile
    details = models.JSONField(default=dict, blank=True)
    readied_at = models.DateTimeField(null=True, blank=True)  # the team's verdict; falls away when text or criteria change materially
    readied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()  # type: ignore[misc]  # the stubs take an inherited manager for a class variable

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="item_key_once_an_organization"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="item_kind_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="item_status_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="item_channel_known"),
            models.CheckConstraint(
                condition=Q(job_size__isnull=True) | Q(job_size__gt=0, job_size__lte=Decimal(1000)), name="item_size_within"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TRAIN_KINDS, train__isnull=False, team__isnull=True)
                | (~Q(kind__in=TRAIN_KINDS) & Q(team__isnull=False, train__isnull=True)),
                name="item_level_by_kind",
            ),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="item_not_its_own_parent"),
            models.CheckConstraint(condition=Q(urgency__in=Urgency.values), name="item_urgency_known"),
            models.CheckConstraint(condition=Q(due_on__isnull=False) | ~Q(urgency__in=DATED), name="item_urgency_dated"),
            models.CheckConstraint(
                condition=Q(urgency_days__isnull=True) | Q(urgency_days__gte=1, urgency_days__lte=MOST_URGENCY_DAYS),
                name="item_urgency_days_within",
            ),
            models.UniqueConstraint(fields=["team"], condition=Q(urgency="expedite", status__in=RANKED), name="item_one_expedited_a_team"),
            models.UniqueConstraint(
                fields=["train"], condition=Q(urgency="expedite", status__in=RANKED), name="item_one_expedited_a_train"
            ),
            SameOrganization(field="goal", name="item_goal_same_organization"),
            SameOrganization(field="team", name="item_team_same_organization"),
            SameOrganization(field="train", name="item_train_same_organization"),
            SameOrganization(field="parent", name="item_parent_same_organization"),
            SameOrganization(field="iteration", name="item_iteration_same_organization"),
        ]
        indexes = [
            models.Index(fields=["team", "status", "-id"], name="item_of_team_by_status"),
            models.Index(fields=["train", "status", "-id"], name="item_of_train_by_status"),
            models.Index(fields=["team", "-closed_at", "-id"], condition=Q(status="removed"), name="item_removed_of_team"),
            models.Index(fields=["train", "-closed_at", "-id"], condition=Q(status="removed"), name="item_removed_of_train"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="item_title_upper_trigrams"),  # `icontains` compares UPPER(title)
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def is_ranked(self) -> bool:
        return self.status in RANKED

    @property
    def topic(self) -> str:
        return f"item:{self.key}"
