"""A change of a draft with what it is about."""

from dataclasses import dataclass

from backlog.models import Goal, Item
from prioritization.changes import OF_ITEMS, Change, What
from prioritization.scoring import Choice

_NOW = {What.SCORING: "scored otherwise", What.SHARES: "kept otherwise"}


@dataclass(frozen=True)
class Tried:
    """Where the change can no longer be, `void` says why; `now` is what stands today in place of `was`."""

    change: Change
    label: str
    item: Item | None = None
    other: Item | None = None
    goal: Goal | None = None
    choice: Choice | None = None
    """How the kind would be scored."""
    shares: dict[str, int] | None = None
    """What would be kept for each class of work."""
    now: str = ""
    void: str = ""
    words: str = ""
    """The sentence, where it is no number of an item."""

    @property
    def has_moved_on(self) -> bool:
        """Whether what stands is no longer what it was when somebody tried this."""
        return not self.void and self.now != self.change.was

    @property
    def is_of_item(self) -> bool:
        return self.change.what in OF_ITEMS

    @property
    def sentence(self) -> str:
        """What would be otherwise: “Size 3 instead of 8”."""
        if self.words:
            return self.words
        if self.change.what == What.UNLINK:
            return f"no longer waits for {self.change.name}"
        return f"{self.label} {self.change.value or 'unknown'} instead of {self.change.was or 'unknown'}"

    @property
    def said_now(self) -> str:
        """What stands by now, in words."""
        return _NOW.get(self.change.what) or self.now or "unknown"

    @property
    def said_moved_on(self) -> str:
        """That something else stands by now, as a sentence of its own."""
        if self.is_of_item:
            return f"{self.change.subject}: {self.label.lower()} is {self.now or 'unknown'} by now."
        if self.change.what == What.SCORING:
            return f"By now {self.label} otherwise."
        if self.change.what == What.SHARES:
            return "By now other shares are kept."
        return f"{self.label} is {self.now} by now."
