"""Places: an organization is the tenant; every team is in exactly one release train of it."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now

from accounts.slugs import validate_slug
from accounts.tenancy import SameOrganization, TenantModel


class Organization(models.Model):
    name = models.CharField(max_length=80)
    slug = models.CharField(max_length=40, unique=True, validators=[validate_slug])
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.name


class KeySeries(TenantModel):
    """The prefix of item keys and the last number given out. Its row lock makes keys gapless enough and never double."""

    prefix = models.CharField(max_length=10, validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,9}$")])
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "prefix"], name="key_prefix_once_an_organization"),
        ]

    def __str__(self) -> str:
        return self.prefix


class ReleaseTrain(TenantModel):
    """A set of teams that plan together. A lone team has one that pages do not show."""

    name = models.CharField(max_length=80)
    slug = models.CharField(max_length=40, validators=[validate_slug])
    key_series = models.OneToOneField(KeySeries, on_delete=models.PROTECT, related_name="train")
    is_hidden = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="train_slug_once_an_organization"),
            SameOrganization(field="key_series", name="train_series_same_organization"),
        ]

    def __str__(self) -> str:
        return self.name


FIBONACCI = ["1", "2", "3", "5", "8", "13", "20"]


def default_scale() -> list[str]:
    return FIBONACCI.copy()


class Team(TenantModel):
    train = models.ForeignKey(ReleaseTrain, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)
    slug = models.CharField(max_length=40, validators=[validate_slug])
    key_series = models.OneToOneField(KeySeries, on_delete=models.PROTECT, related_name="team")
    is_private = models.BooleanField(default=False)  # seen by its members and administrators only
    scale = models.JSONField(default=default_scale)
    points_per_iteration = models.PositiveSmallIntegerField(default=20, validators=[MinValueValidator(1), MaxValueValidator(1000)])
    iteration_days = models.PositiveSmallIntegerField(default=14, validators=[MinValueValidator(1), MaxValueValidator(60)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="team_slug_once_an_organization"),
            models.CheckConstraint(condition=models.Q(points_per_iteration__gte=1, iteration_days__gte=1), name="team_pace_positive"),
            SameOrganization(field="train", name="team_train_same_organization"),
            SameOrganization(field="key_series", name="team_series_same_organization"),
        ]

    def __str__(self) -> str:
        return self.name
