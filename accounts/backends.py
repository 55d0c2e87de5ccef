"""Sign-in by e-mail; the person of a session is read by a statement composed once."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from activity.reading import Reading

_USER = Reading(User, "t.id = %s")


class EmailBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    def get_user(self, user_id: int) -> User | None:
        user = _USER.first([user_id])
        return user if user is not None and self.user_can_authenticate(user) else None
