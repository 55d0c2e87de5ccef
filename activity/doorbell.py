"""Doorbells after commit: they carry names and ids, never truth. Silence of Redis costs a push, not the request."""

import logging
import threading
import time
from collections.abc import Mapping

import redis
from celery import current_app
from django.conf import settings

log = logging.getLogger(__name__)

CHANNEL = "winnow:topics"
PAUSE = 5.0  # seconds without a try after a failure, so that a dead Redis costs each request nothing


class _Breaker:
    """Lets nothing through for PAUSE seconds after a failure."""

    def __init__(self) -> None:
        self.closed_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() >= self.closed_until

    def trip(self) -> None:
        self.closed_until = time.monotonic() + PAUSE


_breaker = _Breaker()
_lock = threading.Lock()
_client: redis.Redis | None = None


def _redis() -> redis.Redis:
    global _client
    with _lock:
        if _client is None:
            _client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.25, socket_connect_timeout=0.25)
        return _client


def ring_topics(versions: Mapping[tuple[int, str], int]) -> None:
    """Tell the web processes the new versions, one message for all of them: lines of `organization key version`."""
    if not versions or not _breaker.is_open():
        return
    message = "\n".join(f"{organization} {key} {version}" for (organization, key), version in versions.items())
    try:
        _redis().publish(CHANNEL, message)
    except (redis.RedisError, OSError) as error:
        _breaker.trip()
        log.warning("topics not rung, streams will poll: %s", error)


def ring_job(name: str, job_id: int, *, countdown: float | None = None) -> None:
    """Send a job's id to its task by name. The sweeper finds what nobody heard."""
    if not _breaker.is_open():
        return
    try:
        current_app.send_task(name, args=[job_id], countdown=countdown, ignore_result=True, retry=False)
    except Exception as error:  # kombu raises the transport's own errors, of any class
        _breaker.trip()
        log.warning("job %s not rung, the sweeper will: %s", name, error)
