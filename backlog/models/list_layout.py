"""How a person looks at lists."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.tenancy import TenantModel


class ListLayout(TenantModel):
    """The columns, the height of rows and the open tiers of one person, for the lists of teams or for those of trains. Without a row: the usual ones."""

    class Level(models.TextChoices):
        TEAM = "team", "Lists of teams"
        TRAIN = "train", "Lists of trains"

    class Density(models.TextChoices):
        COMPACT = "compact", "Compact"
        COMFORTABLE = "comfortable", "Comfortable"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=5, choices=Level)
    columns = models.CharField(max_length=200, blank=True)  # names in their order, with commas; empty for the usual ones
    density = models.CharField(max_length=11, choices=Density, default=Density.COMPACT)
    opened = models.CharField(max_length=60, blank=True)  # tiers of the tail that stand open, with commas

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "person", "level"], name="list_layout_once_a_person"),
            models.CheckConstraint(condition=Q(level__in=["team", "train"]), name="list_layout_level_known"),
            models.CheckConstraint(condition=Q(density__in=["compact", "comfortable"]), name="list_layout_density_known"),
        ]

    def __str__(self) -> str:
        return f"{self.level} list of {self.person_id}"
