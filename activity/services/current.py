"""The act that is going on, and what it leaves to its end."""

import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NewJob:
    """A job to be written; `key`, where given, makes jobs of one name and key one while they wait."""

    name: str
    organization_id: int | None = None
    key: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0  # seconds


@dataclass(eq=False)
class Act:
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    jobs: list[NewJob] = field(default_factory=list)
    topics: dict[tuple[int, str], str] = field(default_factory=dict)  # to their notes
    rings: dict[tuple[int, str], int] = field(default_factory=dict)  # to the versions they keep elsewhere
    closers: list[Callable[[], None]] = field(default_factory=list)  # what the transaction does last, jobs and topics apart
    is_closing: bool = False  # only those closers, jobs and topics are left
    apart_from: "Act | None" = None

    def apart(self) -> "Act":
        """An act with an id of its own that leaves its jobs, topics and closers to this one."""
        return Act(jobs=self.jobs, topics=self.topics, rings=self.rings, closers=self.closers, apart_from=self)

    @property
    def has_only_topics_left(self) -> bool:
        """Whether its transaction writes topics and nothing else after what is going on."""
        return not (self.jobs or self.closers) and (self.apart_from.has_only_topics_left if self.apart_from else self.is_closing)

    def remember(self) -> "Act":
        """What it holds now, for `forget_since`."""
        return Act(self.id, list(self.jobs), dict(self.topics), dict(self.rings), list(self.closers))

    def forget_since(self, before: "Act") -> None:
        """Hold again what it held then. In place: acts apart share these."""
        self.jobs[:], self.closers[:] = before.jobs, before.closers
        for mine, theirs in ((self.topics, before.topics), (self.rings, before.rings)):
            mine.clear()
            mine.update(theirs)  # type: ignore[arg-type]  # each with its own kind


act_going_on: ContextVar[Act | None] = ContextVar("act", default=None)


def current_act() -> Act | None:
    return act_going_on.get()
