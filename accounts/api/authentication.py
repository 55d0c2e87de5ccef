"""`Authorization: Bearer wnw_...`: a program acts for the person of its token, in one organization."""

from django.db.models import Q
from django.db.models.functions import Now
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.services.tokens import note_use

REFUSAL = "This token is unknown, ended or revoked."


class TokenAuthentication(BaseAuthentication):
    """Reads the header alone: a token in an address would end up in logs. 401 for one that does not hold, whatever the reason."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            digest = ApiToken.digest_of(secret.strip().decode("ascii"))
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(REFUSAL) from error
        holds = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now())) & Q(user__is_active=True)
        # The digest alone finds it: whose it is, and of which organization, is what we want to know.
        token = ApiToken.objects.unscoped().select_related("user", "organization").filter(holds, digest=digest).first()
        if token is None:
            raise AuthenticationFailed(REFUSAL)
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="winnow"'
