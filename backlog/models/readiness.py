"""What is asked of items before they are ready or done, where somebody decided over the defaults; how that changed; and what people said of
single items."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models.item import Item

CODE = 24


class About(models.TextChoices):
    """Which definition a row belongs to."""

    READY = "ready", "Definition of Ready"
    DONE = "done", "Definition of Done"


class ReadyRule(TenantModel):
    """One line of a definition, asked or not: of the organization (no team, no train), of a train for its list and its teams, or of one team; for
    one kind, or for all."""

    about = models.CharField(max_length=5, choices=About, default=About.READY, db_default=About.READY)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=CODE)  # of a computed check, or its own
    is_asked = models.BooleanField(default=True)
    text = models.CharField(max_length=120, blank=True)  # of a line that people tick
    ceiling = models.DecimalField(max_digits=7, decimal_places=3, null=True)  # of the size, in points

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(about__in=About.values), name="readyrule_about_known"),
            models.CheckConstraint(condition=Q(team__isnull=True) | Q(train__isnull=True), name="readyrule_of_one_place"),
            models.UniqueConstraint(
                fields=["organization", "about", "team", "train", "kind", "code"],
                nulls_distinct=False,
                name="readyrule_once_a_place_and_kind",
            ),
            SameOrganization(field="team", name="readyrule_team_same_organization"),
            SameOrganization(field="train", name="readyrule_train_same_organization"),
        ]

    def __str__(self) -> str:
        return self.text or self.code


class ReadyMark(TenantModel):
    """A person's word on one line for one item: it holds, or (with a reason) it may be missing."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="ready_marks")
    code = models.CharField(max_length=CODE)
    is_waiver = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "code"], name="readymark_once_an_item_and_line"),
            models.CheckConstraint(condition=Q(is_waiver=False) | ~Q(reason=""), name="readymark_waiver_says_why"),
            SameOrganization(field="item", name="readymark_item_same_organization"),
        ]

    def __str__(self) -> str:
        return self.code


class DefinitionVersion(TenantModel):
    """One act that changed a definition, of the organization, a train or a team. Rows are only added, so the nth of those that a list follows
    is its version n + 1; the first is what is usual."""

    about = models.CharField(max_length=5, choices=About)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    changes = models.JSONField(default=list)  # of each line: code, kind, text, before, after (asked or not), the ceiling before and after
    act = models.UUIDField(default=uuid.uuid4)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(about__in=About.values), name="definitionversion_about_known"),
            models.CheckConstraint(condition=Q(team__isnull=True) | Q(train__isnull=True), name="definitionversion_of_one_place"),
            SameOrganization(field="team", name="definitionversion_team_same_organization"),
            SameOrganization(field="train", name="definitionversion_train_same_organization"),
        ]
        indexes = [models.Index(fields=["organization", "about", "id"], name="definitionversion_in_order")]

    def __str__(self) -> str:
        return f"{self.about} {self.changed_at}"


class DefinitionSnapshot(TenantModel):
    """The lines that an item was asked when work on it started: later changes of the definition do not judge it anew."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="snapshots")
    about = models.CharField(max_length=5, choices=About)
    number = models.PositiveIntegerField()  # of the version
    lines = models.JSONField(default=list)  # of each line: code, text, ceiling, the level that asked
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "about"], name="definitionsnapshot_once_an_item"),
            models.CheckConstraint(condition=Q(about__in=About.values), name="definitionsnapshot_about_known"),
            SameOrganization(field="item", name="definitionsnapshot_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.number} of {self.item_id}"
