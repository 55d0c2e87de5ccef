"""The act that is going on, and what it leaves to its end."""

import uuid
from collections.abc import Mapping
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

    def remember(self) -> tuple[list[NewJob], dict[tuple[int, str], str], dict[tuple[int, str], int]]:
        return list(self.jobs), dict(self.topics), dict(self.rings)


act_going_on: ContextVar[Act | None] = ContextVar("act", default=None)


def current_act() -> Act | None:
    return act_going_on.get()
