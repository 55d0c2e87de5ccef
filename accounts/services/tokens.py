"""Keys by which programs act for a person in one organization. The secret is shown once; only its digest is kept."""

import secrets
from datetime import datetime

from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import ApiToken, Membership, Organization, User
from activity.errors import InvalidError, NotAllowedError
from activity.services.acts import one_act
from activity.services.events import record

PREFIX = "wnw_"  # lets secret scanners and people recognise one that was left lying about
MAX_NAME = 80


@one_act()
def create_token(
    *, organization: Organization, user: User, name: str, by: User | None, can_write: bool = False, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody can show again.

    Raises NotAllowedError where the person is no member, InvalidError for a name or an end that cannot be.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or "\x00" in name:
        raise InvalidError(f"Name the token in 1 to {MAX_NAME} characters, after what uses it.", field="name")
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidError("A token ends in the future.", field="expires_at")
    if not Membership.objects.for_organization(organization).filter(user=user).exists():
        raise NotAllowedError("Only a member can have a token.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        organization=organization, user=user, name=name, digest=ApiToken.digest_of(secret), can_write=can_write, expires_at=expires_at
    )
    record(subject=token, verb="token.created", by=by, after={"user": user.pk, "name": name, "can_write": can_write})
    return token, secret


@one_act()
def revoke_token(*, token: ApiToken, by: User | None) -> ApiToken:
    """End the token; the next request with it is refused. Revoked twice is revoked once."""
    token = ApiToken.objects.for_organization(token.organization_id).select_for_update(no_key=True).get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(subject=token, verb="token.revoked", by=by, before={"user": token.user_id, "name": token.name})
    return token


def note_use(token: ApiToken) -> None:
    """Remember that the token was used, at most once a minute."""
    if token.last_used_at is None or (timezone.now() - token.last_used_at).total_seconds() > 60:
        ApiToken.objects.for_organization(token.organization_id).filter(pk=token.pk).update(last_used_at=Now())
