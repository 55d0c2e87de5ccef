"""What the definitions and the team's verdict mean for a change of a locked item: whether it may be called done, and whether the verdict stands."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from activity.errors import ConflictError
from activity.services.events import record
from backlog.models import Item
from backlog.readiness import Line, is_material
from backlog.selectors.readiness import done_lines_of, missing_of

WORDS = frozenset({"title", "description", "details"})
"""What the team's verdict was about, together with the criteria."""


class NotDoneError(ConflictError):
    """Lines of the Definition of Done are open; `lines` are they. Tick them, or say why it is done without."""

    code = "not_done"

    def __init__(self, item: Item, lines: Sequence[Line]) -> None:
        missing = "; ".join(f"“{line.label}”" if line.is_manual else line.note.rstrip(".") for line in lines)
        super().__init__(f"{item.key} is not done yet ({missing}). Say why it is done without, or finish that first.", field="reason")
        self.lines = list(lines)


def refuse_unfinished(item: Item) -> None:
    """Raise NotDoneError where a line of the Definition of Done neither holds nor is waived."""
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    missing = missing_of(done_lines_of(home=home, keys=[item.key]).get(item.key, ()))
    if missing:
        raise NotDoneError(item, missing)


def says_else(before: Any, after: Any) -> bool:
    """Whether a text, or the texts of a mapping, say something else."""
    if isinstance(before, dict) and isinstance(after, dict):
        return any(is_material(str(before.get(name, "")), str(after.get(name, ""))) for name in before.keys() | after.keys())
    return is_material(str(before), str(after))


def let_verdict_fall(item: Item, *, by: User | None, cause: str = "") -> tuple[str, ...]:
    """Take the team's word that the locked item is ready from it, since it says something else now; return the fields to be saved with it.

    Told before the change itself, so that an undo gives the word back after the words.
    """
    if item.readied_at is None:
        return ()
    before = {"at": item.readied_at, "by": item.readied_by_id}
    item.readied_at = item.readied_by = None
    record(subject=item, verb="item.verdict_fell", by=by, before=before, cause=cause)
    return ("readied_at", "readied_by")
