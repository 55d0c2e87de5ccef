"""Doorbells after commit: they carry names and ids, never truth. Silence of Redis costs a push, not the request."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

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


class _Ringer:
    """Rings from a thread of its own, so that nobody who committed waits for Redis. What comes while it rings goes with the next message."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._topics: dict[tuple[int, str], Version] = {}
        self._jobs: list[_Bell] = []
        self._is_ringing = False

    def leave(self, *, topics: Mapping[tuple[int, str], Version] | None = None, job: "_Bell | None" = None) -> None:
        """Have these rung, at once as far as others see."""
        with self._changed:
            for topic, version in (topics or {}).items():
                self._topics[topic] = max(version, self._topics.get(topic, version))
            if job is not None:
                self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._ring_on, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = 10.0) -> bool:
        """Wait until all of it is rung or given up; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._topics or self._jobs or self._is_ringing), seconds)

    def _ring_on(self) -> None:
        while True:
            with self._changed:
                self._is_ringing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._topics or self._jobs)
                topics, self._topics = self._topics, {}
                jobs, self._jobs = self._jobs, []
                self._is_ringing = True
            _publish(topics)
            for job in jobs:
                _send(job)


class _Bell(NamedTuple):
    name: str
    job_id: int
    countdown: float | None


ringer = _Ringer()


def _renew() -> None:
    """A forked process has no thread of its parent's, and shares none of its connections."""
    global ringer
    ringer = _Ringer()
    _redis.cache_clear()
    _broker.cache_clear()


os.register_at_fork(after_in_child=_renew)
atexit.register(lambda: ringer.flush(2 * PATIENCE))


def ring_topics(versions: Mapping[tuple[int, str], Version]) -> None:
    """Tell the web processes the new versions by (organization id, topic), one message for all of them."""
    if versions and breaker.is_open():
        ringer.leave(topics=versions)


def ring_job(name: str, job_id: int, *, countdown: float | None = None) -> None:
    """Send a job's id to its task by name. The sweeper finds what nobody heard."""
    if breaker.is_open():
        ringer.leave(job=_Bell(name, job_id, countdown))


def _publish(versions: Mapping[tuple[int, str], Version]) -> None:
    if not versions or not breaker.is_open():
        return
    lines = (f"{organization_id} {topic} {version.number} {version.note}" for (organization_id, topic), version in versions.items())
    try:
        _redis().publish(CHANNEL, "\n".join(lines))
    except Exception as error:  # the thread rings on whatever happens
        breaker.trip()
        log.warning("topics not rung, streams will poll: %s", error)


def _send(bell: _Bell) -> None:
    if not breaker.is_open():  # it failed for one before
        return
    try:
        current_app.send_task(
            bell.name, args=[bell.job_id], countdown=bell.countdown, ignore_result=True, retry=False, connection=_broker()
        )
    except Exception as error:  # kombu raises the transport's own errors, of any class
        breaker.trip()
        log.warning("job %s not rung, the sweeper will: %s", bell.name, error)


def parse_ring(message: bytes) -> dict[tuple[int, str], Version]:
    """What `ring_topics` told."""
    parts = (line.split(" ", 3) for line in message.decode().split("\n"))
    return {(int(organization_id), topic): Version(int(number), note) for organization_id, topic, number, note in parts}
