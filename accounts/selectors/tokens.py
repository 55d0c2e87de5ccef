"""Tokens of a person."""

from django.db.models import QuerySet

from accounts.models import ApiToken, Organization, User


def list_tokens(*, organization: Organization, user: User) -> QuerySet[ApiToken]:
    """The person's tokens of the organization that are not revoked, the newest first."""
    return ApiToken.objects.filter(organization=organization, user=user, revoked_at=None).order_by("-id")
