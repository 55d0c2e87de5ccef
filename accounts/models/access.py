"""Who belongs where, in which role; and the tokens by which programs act for a person."""

import hashlib

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from accounts.models.organization import ReleaseTrain, Team
from accounts.models.user import User
from accounts.roles import Role
from accounts.tenancy import SameOrganization, TenantModel


class Membership(TenantModel):
    """One role of a person: in a team, on a train, or (neither) in the whole organization."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role)
    train = models.ForeignKey(ReleaseTrain, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organization", "role", "train", "team"], name="membership_once", nulls_distinct=False),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(condition=models.Q(train__isnull=True) | models.Q(team__isnull=True), name="membership_one_place"),
            SameOrganization(field="train", name="membership_train_same_organization"),
            SameOrganization(field="team", name="membership_team_same_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class ApiToken(TenantModel):
    """A program's key to one organization, acting for a person. Only the digest is stored."""

    public_id = models.UUIDField(
        db_default=RandomUUID(), unique=True, editable=False
    )  # its name in paths: tells nothing about how many there are
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    can_write = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()
