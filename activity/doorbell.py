"""Doorbells after commit: they carry names and ids, never truth. Silence of Redis costs a push, not the request."""

import logging
import threading
import time
from collections.abc import Mapping
from functools import cache

import redis
from celery import current_app
from django.conf import settings
from kombu import Connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from activity.live import Version

log = logging.getLogger(__name__)

CHANNEL = "winnow:topics"
PAUSE = 5.0  # seconds without a try after a failure, so that a dead Redis costs each request nothing
PATIENCE = 0.25  # seconds for connecting and for an answer


class _Breaker:
    """Lets nothing through for PAUSE seconds after a failure."""

    def __init__(self) -> None:
        self.closed_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() >= self.closed_until

    def trip(self) -> None:
        self.closed_until = time.monotonic() + PAUSE

    def reset(self) -> None:
        self.closed_until = 0.0


breaker = _Breaker()
_sending = threading.Lock()


@cache
def _redis() -> redis.Redis:
    # Without retries: the library's own would hold the request for seconds.
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0))


@cache
def _broker() -> Connection:
    """A connection for sending alone: the worker's own waits longer, because it listens."""
    patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "max_retries": 0}
    connection: Connection = current_app.connection_for_write(transport_options=patience)
    return connection


def ring_topics(versions: Mapping[tuple[int, str], Version]) -> None:
    """Tell the web processes the new versions by (organization id, topic), one message for all of them."""
    if not versions or not breaker.is_open():
        return
    lines = (f"{organization_id} {topic} {version.number} {version.note}" for (organization_id, topic), version in versions.items())
    try:
        _redis().publish(CHANNEL, "\n".join(lines))
    except (redis.RedisError, OSError) as error:
        breaker.trip()
        log.warning("topics not rung, streams will poll: %s", error)


def parse_ring(message: bytes) -> dict[tuple[int, str], Version]:
    """What `ring_topics` told."""
    parts = (line.split(" ", 3) for line in message.decode().split("\n"))
    return {(int(organization_id), topic): Version(int(number), note) for organization_id, topic, number, note in parts}


def ring_job(name: str, job_id: int, *, countdown: float | None = None) -> None:
    """Send a job's id to its task by name. The sweeper finds what nobody heard."""
    if not breaker.is_open():
        return
    try:
        with _sending:  # one connection for the threads of this process, used one after the other
            if not breaker.is_open():  # it failed for whoever was before us
                return
            current_app.send_task(name, args=[job_id], countdown=countdown, ignore_result=True, retry=False, connection=_broker())
    except Exception as error:  # kombu raises the transport's own errors, of any class
        breaker.trip()
        log.warning("job %s not rung, the sweeper will: %s", name, error)
