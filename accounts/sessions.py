"""Sessions in the database, read by a statement composed once."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session

from activity.reading import Reading

_SESSION = Reading(Session, "t.session_key = %s AND t.expire_date > statement_timestamp()")


class SessionStore(DatabaseSessionStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        session = _SESSION.first([self.session_key])
        if session is None:
            self._session_key = None  # as the class above does: a key nobody has is not kept
        return session
