"""Ways of looking at a list that somebody comes back to."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team
from accounts.tenancy import SameOrganization, TenantModel


def new_ref() -> str:
    return secrets.token_urlsafe(9)


class SavedView(TenantModel):
    """A name for a query string, which is the whole state of a list: of one person, or shared with all who see the list."""

    ref = models.CharField(max_length=16, default=new_ref, unique=True, editable=False)  # its name in paths
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(team__isnull=False, train__isnull=True) | Q(team__isnull=True, train__isnull=False),
                name="savedview_of_one_list",
            ),
            models.UniqueConstraint(fields=["team", "owner", "name"], condition=Q(team__isnull=False), name="savedview_name_once_a_team"),
            models.UniqueConstraint(
                fields=["train", "owner", "name"], condition=Q(train__isnull=False), name="savedview_name_once_a_train"
            ),
            SameOrganization(field="team", name="savedview_team_same_organization"),
            SameOrganization(field="train", name="savedview_train_same_organization"),
        ]

    def __str__(self) -> str:
        return self.name
