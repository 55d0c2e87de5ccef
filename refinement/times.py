"""The session's own measures of time, and how a moment is said."""

from datetime import datetime, timedelta

from django.utils import timezone

SEEN_EVERY = timedelta(seconds=20)  # presence is written at most this often
AWAY_AFTER = timedelta(seconds=90)


def clock(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%H:%M:%S}"
