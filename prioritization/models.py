"""What people scored and overrode, what stands in for a missing score, and what each ranking run did."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.kinds import Kind
from backlog.models import Item

MOST_VALUE = 1_000_000


class Factor(TenantModel):
    """One scored input of an item. Which factors count says the model of its backlog and kind; those of another model rest until it comes back."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="factors")
    name = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=10, decimal_places=3)
    scored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    scored_at = models.DateTimeField(db_default=Now())
    expires_on = models.DateField(null=True, blank=True)  # stays in force afterwards, and is asked for again; None: as usual for the factor
    evidence = models.CharField(max_length=500, blank=True, default="", db_default="")  # words or a link

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="factor_once_an_item"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=MOST_VALUE), name="factor_value_in_range"),
            SameOrganization(field="item", name="factor_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


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


class Basis(TenantModel):
    """What a team's missing scores are taken from; one row a team, and one for the organization as a whole.

    Measured by night and on first need, never by an edit, so that scoring one item moves nothing outside its component.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    medians = models.JSONField(default=dict)  # kind (empty: any) -> factor or job_size -> milli-units
    pace = models.PositiveIntegerField(default=1)  # milli-points an iteration
    reference_pace = models.PositiveIntegerField(default=1)  # the median of the train's teams
    sample = models.PositiveIntegerField(default=0)  # ranked items it was measured on
    measured_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "team"], name="basis_once_a_team", nulls_distinct=False),
            models.CheckConstraint(condition=Q(pace__gte=1, reference_pace__gte=1), name="basis_pace_positive"),
            SameOrganization(field="team", name="basis_team_same_organization"),
        ]

    def __str__(self) -> str:
        return f"basis of {self.team_id or 'all teams'}"


class RankRun(TenantModel):
    """One computation of places: what it covered, what it wrote, how good the order is, and why it ran."""

    class Mode(models.TextChoices):
        INLINE = "inline", "In the request"
        TASK = "task", "In the background"
        FULL = "full", "All items"

    mode = models.CharField(max_length=6, choices=Mode)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    items = models.PositiveIntegerField(default=0)
    components = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    # Over what the run covered: cost of delay of the order, and what no order can do better than, in milli-units of both factors.
    cost = models.DecimalField(max_digits=40, decimal_places=0, null=True)
    lower_bound = models.DecimalField(max_digits=41, decimal_places=1, null=True)
    gap = models.FloatField(null=True)
    cycles = models.JSONField(default=list)  # each a list of keys, the last blocking the first
    causes = models.JSONField(default=dict)  # cause -> number of marks

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(mode__in=["inline", "task", "full"]), name="rank_run_mode_known")]
        indexes = [models.Index(fields=["organization", "-id"], name="rank_run_latest")]

    def __str__(self) -> str:
        return f"{self.mode} run {self.pk}"


class Override(TenantModel):
    """A person's decision over the computed order: what, why, and until when. It acts while it has not ended, whatever the date.

    It is made in a list: that of its item's team or train, or that of the train above a team, from where it reaches every list.
    """

    class Kind(models.TextChoices):
        PIN = "pin", "Pin to the top"
        KEEP_ABOVE = "keep_above", "Keep above"
        NOT_BEFORE = "not_before", "Not before"
        FREEZE = "freeze", "Freeze"
        BOOST = "boost", "Boost"

    class End(models.TextChoices):
        LIFTED = "lifted", "Lifted"
        REPLACED = "replaced", "Replaced"
        EXPIRED = "expired", "Expired"
        CLOSED = "closed", "Its item was closed"

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="overrides")
    kind = models.CharField(max_length=10, choices=Kind)
    anchor = models.ForeignKey(Item, on_delete=models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    multiplier = models.DecimalField(max_digits=4, decimal_places=2, null=True)  # of a boost
    held_value = models.FloatField(null=True)  # of a frozen item: its value when it was frozen
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_on = models.DateField()  # the first day on which it no longer acts; for a not-before the day itself
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=8, choices=End, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "kind"], condition=Q(ended_at__isnull=True) & ~Q(kind="keep_above"), name="override_once_a_kind"
            ),
            models.UniqueConstraint(
                fields=["item", "anchor"], condition=Q(ended_at__isnull=True, kind="keep_above"), name="override_once_an_anchor"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["pin", "keep_above", "not_before", "freeze", "boost"]), name="override_kind_known"
            ),
            models.CheckConstraint(condition=Q(kind="keep_above") ^ Q(anchor__isnull=True), name="override_anchor_by_kind"),
            models.CheckConstraint(condition=Q(kind="boost") ^ Q(multiplier__isnull=True), name="override_multiplier_by_kind"),
            models.CheckConstraint(condition=Q(kind="freeze") ^ Q(held_value__isnull=True), name="override_value_by_kind"),
            models.CheckConstraint(
                condition=Q(multiplier__isnull=True) | Q(multiplier__gte=Decimal("0.25"), multiplier__lte=4),
                name="override_multiplier_bounded",
            ),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="override_one_list"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) ^ ~Q(ended_how=""), name="override_end_has_a_how"),
            models.CheckConstraint(condition=Q(anchor__isnull=True) | ~Q(anchor=F("item")), name="override_not_above_itself"),
            SameOrganization(field="item", name="override_item_same_organization"),
            SameOrganization(field="anchor", name="override_anchor_same_organization"),
            SameOrganization(field="team", name="override_team_same_organization"),
            SameOrganization(field="train", name="override_train_same_organization"),
        ]
        indexes = [
            models.Index(fields=["item"], condition=Q(ended_at__isnull=True), name="override_active_of_item"),
            models.Index(fields=["anchor"], condition=Q(ended_at__isnull=True, anchor__isnull=False), name="override_active_of_anchor"),
            models.Index(fields=["team", "ended_at"], name="override_of_team"),
            models.Index(fields=["train", "ended_at"], name="override_of_train"),
            models.Index(fields=["expires_on"], condition=Q(ended_at__isnull=True), name="override_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"

    @property
    def home(self) -> Team | ReleaseTrain:
        """The list it was made in."""
        home = self.team or self.train
        assert home is not None, "a constraint of the table"
        return home


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


class ValueScoring(TenantModel):
    """Several people score the same items, each alone, until the product owner reveals it. Its row is the lock of all scores in it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        REVEALED = "revealed", "Revealed"
        DROPPED = "dropped", "Dropped"  # its scores stay blind for good

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    number = models.PositiveIntegerField()  # in the organization
    factors = models.JSONField()  # names of what is scored
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True)  # when scores stopped counting: revealed or dropped

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="value_scoring_number_once"),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="value_scoring_one_home"),
            models.CheckConstraint(condition=Q(state__in=["open", "revealed", "dropped"]), name="value_scoring_state_known"),
            models.CheckConstraint(condition=Q(state="open") ^ Q(closed_at__isnull=False), name="value_scoring_closed_unless_open"),
            SameOrganization(field="team", name="value_scoring_team_same_organization"),
            SameOrganization(field="train", name="value_scoring_train_same_organization"),
        ]
        indexes = [
            models.Index(fields=["team", "-number"], name="value_scoring_of_team"),
            models.Index(fields=["train", "-number"], name="value_scoring_of_train"),
        ]

    def __str__(self) -> str:
        return f"value scoring {self.number}"

    @property
    def topic(self) -> str:
        return f"scoring:{self.number}"

    @property
    def home(self) -> Team | ReleaseTrain:
        home = self.team or self.train
        assert home is not None, "a constraint of the table"
        return home


class Scorer(TenantModel):
    """A person who is asked to score."""

    scoring = models.ForeignKey(ValueScoring, on_delete=models.CASCADE, related_name="scorers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scoring", "person"], name="scorer_once_a_person"),
            SameOrganization(field="scoring", name="scorer_scoring_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.scoring_id} {self.person_id}"


class ScoringEntry(TenantModel):
    """An item that is scored, and what the product owner decided of it."""

    scoring = models.ForeignKey(ValueScoring, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    decision = models.JSONField(null=True)  # factor -> value as text
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scoring", "item"], name="scoring_entry_once_an_item"),
            models.UniqueConstraint(fields=["scoring", "position"], name="scoring_entry_position_once"),
            SameOrganization(field="scoring", name="scoring_entry_scoring_same_organization"),
            SameOrganization(field="item", name="scoring_entry_item_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.scoring_id} {self.item_id}"


class BlindScore(TenantModel):
    """One row a person, item and factor; until the reveal its value is for that person alone. None: they would rather not say."""

    entry = models.ForeignKey(ScoringEntry, on_delete=models.CASCADE, related_name="scores")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    factor = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=10, decimal_places=3, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "person", "factor"], name="blind_score_once_a_person_and_factor"),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__gte=0, value__lte=1000), name="blind_score_value_in_range"),
            SameOrganization(field="entry", name="blind_score_entry_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.person_id} {self.factor}"  # never the value: this text reaches logs


class Look(TenantModel):
    """When a person last said that they saw what moved in a list."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "team", "train"], name="look_once_a_list", nulls_distinct=False),
            models.CheckConstraint(condition=Q(team__isnull=True) ^ Q(train__isnull=True), name="look_one_list"),
            SameOrganization(field="team", name="look_team_same_organization"),
            SameOrganization(field="train", name="look_train_same_organization"),
        ]

    def __str__(self) -> str:
        return f"look of {self.person_id} at {self.looked_at}"
