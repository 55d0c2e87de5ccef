"""Changes that nobody made, as a draft keeps them: what would be otherwise, and what it was when somebody tried it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

MOST_CHANGES = 200
STAYS = "stays"
"""The value of a link that stays, which takes the change of the same spot out."""


class What(StrEnum):
    """What a change is of. `subject` is an item's key, a kind or a goal's number; values are text, empty where there is none."""

    SCORE = "score"  # `name` is the factor
    SIZE = "size"
    UNLINK = "unlink"  # `name` is the key of the item that it would no longer wait for
    SCORING = "scoring"  # of the kind that `subject` names; values as `write_choice` makes them
    SHARES = "shares"  # of all classes of work; values as `write_shares` makes them
    GOAL = "goal"  # the weight of the goal whose number `subject` is


OF_ITEMS = frozenset({What.SCORE, What.SIZE, What.UNLINK})


@dataclass(frozen=True)
class Change:
    """One change. Two of the same `spot` are one: the later counts."""

    what: What
    subject: str
    name: str = ""
    value: str = ""
    was: str = ""

    @property
    def spot(self) -> tuple[str, str, str]:
        return self.what, self.subject, self.name

    @property
    def is_none(self) -> bool:
        """Whether it would leave things as they were."""
        return self.value == STAYS if self.what == What.UNLINK else self.value == self.was

    def keep(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        return cls(What(kept["what"]), kept["subject"], kept["name"], kept["value"], kept["was"])


def text_of(value: Decimal | None) -> str:
    """A number without trailing zeros or exponent, as changes compare them; empty where there is none."""
    return "" if value is None else format(value.normalize(), "f")


def read_changes(kept: Iterable[dict[str, Any]]) -> list[Change]:
    return [Change.read(each) for each in kept]


def merge(standing: Sequence[Change], new: Iterable[Change]) -> list[Change]:
    """The changes with the new ones in place of those of the same spot. One that changes nothing takes its spot out."""
    by_spot = {change.spot: change for change in standing}
    for change in new:
        by_spot[change.spot] = change
    return [change for change in by_spot.values() if not change.is_none]


def without(standing: Sequence[Change], number: int) -> list[Change]:
    """The changes without the one of that number, from 1; all of them where there is none."""
    return [change for at, change in enumerate(standing, 1) if at != number]
