"""The doorbell rings from a thread of its own: nobody who committed waits, and what comes meanwhile goes with the next message."""

import threading
from functools import cache

import pytest

from activity import doorbell
from activity.doorbell import parse_ring, ring_topics
from activity.live import Version


class SlowRedis:
    """Takes a message when told to."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.may_take, self.is_asked = threading.Event(), threading.Event()

    def publish(self, _channel: str, message: str) -> None:
        self.is_asked.set()
        assert self.may_take.wait(10)
        self.messages.append(message)


@pytest.fixture
def slow(monkeypatch):
    redis = SlowRedis()
    monkeypatch.setattr(doorbell, "breaker", doorbell._Breaker())
    monkeypatch.setattr(doorbell, "ringer", doorbell._Ringer())
    monkeypatch.setattr(doorbell, "_redis", cache(lambda: redis))
    return redis


def test_what_comes_while_it_rings_is_one_message_with_the_latest_versions(slow):
    ring_topics({(1, "team:a"): Version(1)})
    assert slow.is_asked.wait(10)
    for number in (3, 4, 2):
        ring_topics({(1, "team:a"): Version(number), (1, f"team:b{number}"): Version(1)})
    assert not doorbell.ringer.flush(0)

    slow.may_take.set()

    assert doorbell.ringer.flush(10)
    first, second = (parse_ring(message.encode()) for message in slow.messages)
    assert first == {(1, "team:a"): Version(1)}
    assert second == {(1, "team:a"): Version(4), **{(1, f"team:b{number}"): Version(1) for number in (2, 3, 4)}}


def test_a_forked_process_rings_by_itself(slow):
    slow.may_take.set()
    ring_topics({(1, "team:a"): Version(1)})
    assert doorbell.ringer.flush(10)

    doorbell._renew()
    ring_topics({(1, "team:a"): Version(2)})

    assert doorbell.ringer.flush(10)
    assert len(slow.messages) == 2
