"""Several people scoring the same items, each alone."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel
from backlog.models import Item


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
