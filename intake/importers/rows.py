"""What an importer gives: a row that can become an item, or the reason why it cannot."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

JIRA = "jira"


@dataclass(frozen=True)
class Note:
    """Something about a row that a person should know although the row was taken."""

    column: str
    reason: str


@dataclass(frozen=True)
class Broken:
    """A row that cannot become an item, and why. `number` counts as a spreadsheet does (the header is row 1), or the lines of a text."""

    number: int
    column: str
    reason: str


@dataclass(frozen=True)
class Row:
    """One item to be. `parent`, `blocks` and `blocked_by` are external ids as the file writes them.

    `aliases` are further names by which other rows of the file may point at this one (Jira's numeric id beside the key).
    `kept` holds, by header, what no field of an item takes, so that nothing of the file is lost.
    """

    number: int
    external_id: str
    title: str
    description: str = ""
    kind: str = "story"
    status: str = "open"
    removed_reason: str = ""
    size: Decimal | None = None
    details: dict[str, str] = field(default_factory=dict)
    criteria: tuple[str, ...] = ()
    parent: str = ""
    blocks: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    created_at: datetime | None = None
    closed_at: datetime | None = None
    kept: dict[str, str | list[str]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
