"""One stream a page: lines of `topic version`, sent when a topic has moved on. They carry no content, so nothing hidden ever travels.

Each web process has one hub with one Redis subscription. Redis rings at once; every few seconds the hub also reads the versions its streams
hold, and whether their readers may still listen. So a silent Redis costs seconds, and a reconnect needs no history. A stream holds neither a
thread nor a database connection.
"""

import asyncio
import contextlib
import contextvars
import logging
import weakref
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Hashable, Iterable, Mapping

import redis.asyncio
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connections
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from activity.doorbell import CHANNEL, parse_ring
from activity.live import Version, holding_passes, read_versions

log = logging.getLogger(__name__)

CHECK_EVERY = 4.0  # seconds; an ended membership is heard of within 5, a missed ring made good within 6
TOGETHER = 0.1  # seconds after a line in which further rings wait and become one
HEARTBEAT = 15.0  # seconds of silence after which a comment shows proxies and us that the line is open
STALLED = 30.0  # seconds after which a reader that takes nothing is let go
RECONNECT_REDIS = 1.0


class Stream:
    """What one open page shows, and what it was not told yet: one line a topic, so it cannot grow."""

    def __init__(self, *, organization_id: int, shown: Mapping[str, int], pass_: Hashable) -> None:
        self.organization_id = organization_id
        self.pass_ = pass_
        self.is_over = False
        self._shown = dict(shown)
        self._waiting: dict[str, Version] = {}
        self._waiting_since: float | None = None
        self._rung = asyncio.Event()
        self._task: weakref.ref[asyncio.Task[object]] | None = None  # weak, else the two keep each other

    @property
    def topics(self) -> list[tuple[int, str]]:
        return [(self.organization_id, key) for key in self._shown]

    def tell(self, topic: str, version: Version) -> None:
        """Note a version for the reader, where it is newer than what they know."""
        if version.number > self._shown[topic]:
            self._shown[topic] = version.number
            self._waiting[topic] = version
            self._ring()

    def end(self) -> None:
        """Let the stream finish; the page asks for another one, and is refused where it may no longer listen."""
        self.is_over = True
        self._ring()

    def is_stalled(self, now: float) -> bool:
        """Whether the reader has not taken a line for long; it would never notice the end."""
        return self._waiting_since is not None and now - self._waiting_since > STALLED

    def cut(self) -> None:
        """Stop sending in the middle."""
        task = self._task() if self._task else None
        if task:
            task.cancel()

    def _ring(self) -> None:
        if self._waiting_since is None:
            self._waiting_since = asyncio.get_running_loop().time()
        self._rung.set()

    async def lines(self) -> AsyncGenerator[str]:
        """The text of the stream, without end until `end()` or until the reader leaves."""
        _release_thread()
        task = asyncio.current_task()
        self._task = weakref.ref(task) if task else None
        hub = current_hub()
        hub.add(self)
        try:
            yield ": open\n\n"
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await self._rung.wait()
                except TimeoutError:
                    yield ": still open\n\n"
                    continue
                if self.is_over:
                    return
                waiting, self._waiting, self._waiting_since = self._waiting, {}, None
                self._rung.clear()
                yield "".join(f"data: {topic} {version.number} {version.note}".rstrip() + "\n\n" for topic, version in waiting.items())
                await asyncio.sleep(TOGETHER)
        finally:
            hub.remove(self)


class Hub:
    """The streams of one process."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._of_topic: dict[tuple[int, str], set[Stream]] = defaultdict(set)
        self._unread: set[Stream] = set()  # new ones, whose versions were not read yet
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def __len__(self) -> int:
        return len(self._streams)

    def add(self, stream: Stream) -> None:
        """Begin to tell the stream what its topics do, at first where they stand."""
        self._streams.add(stream)
        for topic in stream.topics:
            self._of_topic[topic].add(stream)
        self._read_soon([stream])
        if not self._tasks:
            # An empty context: these tasks outlive the request that happens to start them.
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(work, context=contextvars.Context()) for work in (self._check(), self._listen())]

    def remove(self, stream: Stream) -> None:
        """Forget the stream; twice is harmless."""
        self._streams.discard(stream)
        self._unread.discard(stream)
        for topic in stream.topics:
            if topic in self._of_topic:
                self._of_topic[topic].discard(stream)
                if not self._of_topic[topic]:
                    del self._of_topic[topic]
        if not self._streams:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    def _read_soon(self, streams: Iterable[Stream]) -> None:
        self._unread.update(streams)
        self._wake.set()

    def _tell(self, versions: Mapping[tuple[int, str], Version]) -> None:
        for (organization_id, topic), version in versions.items():
            for stream in self._of_topic.get((organization_id, topic), ()):
                stream.tell(topic, version)

    async def _check(self) -> None:
        """Read where topics stand: of new streams at once, of all every few seconds, and then also who may still listen."""
        loop = asyncio.get_running_loop()
        due = loop.time() + CHECK_EVERY
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            self._wake.clear()
            is_due = loop.time() >= due
            if is_due:
                due = loop.time() + CHECK_EVERY
            streams = list(self._streams if is_due else self._unread)
            self._unread.clear()
            passes = {stream.pass_ for stream in streams} if is_due else set()
            try:
                versions, holding = await asyncio.to_thread(_look, {topic for stream in streams for topic in stream.topics}, passes)
            except Exception:  # the database is away: the streams stay, and the next check makes good what they missed
                log.exception("live streams could not read their versions")
                continue
            self._tell(versions)
            if is_due:
                for stream in streams:
                    if stream.pass_ not in holding:
                        stream.end()
                    if stream.is_stalled(loop.time()):
                        stream.cut()
                        self.remove(stream)

    async def _listen(self) -> None:
        """Hear Redis ring, and come back when it was away."""
        while True:
            try:
                async with _subscriber() as client, client.pubsub() as bells:
                    await bells.subscribe(CHANNEL)
                    async for message in bells.listen():
                        if message["type"] == "message":
                            self._tell(parse_ring(message["data"]))
                        else:  # subscribed from here on; what was rung before is read once
                            self._read_soon(self._streams)
            except (redis.RedisError, OSError, ValueError) as error:
                log.warning("live streams do not hear Redis, they read every %.0f s: %s", CHECK_EVERY, error)
            await asyncio.sleep(RECONNECT_REDIS)


def _subscriber() -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=None, health_check_interval=15, retry=Retry(NoBackoff(), 0)
    )


def _look(topics: Collection[tuple[int, str]], passes: Collection[Hashable]) -> tuple[dict[tuple[int, str], Version], set[Hashable]]:
    try:
        return read_versions(topics), holding_passes(passes) if passes else set()
    finally:
        connections.close_all()  # this thread belongs to nobody's request


def _release_thread() -> None:
    """Give back the thread in which the request's middleware ran.

    Under ASGI asgiref keeps one thread for each request until its answer has ended, which for a stream is an hour. It makes another one when
    the request is closed.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor:
        executor.shutdown(wait=False)


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def current_hub() -> Hub:
    """The hub of the running event loop, of which a web process has one."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
