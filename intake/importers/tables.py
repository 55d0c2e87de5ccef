"""Rows of a table, Jira's or any other tool's: the same headers lead to the same fields, so there is one reader."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from intake.importers import values
from intake.importers.delimited import Records
from intake.importers.headers import KEEP, MANY
from intake.importers.rows import Broken, Note, Row

MAX_CELLS = 2000


@dataclass
class Table:
    """A header with its mapping (header to field). `rows` turns records into rows."""

    headers: list[str]
    mapping: Mapping[str, str]
    is_lossy: bool = False  # U+FFFD stands for bytes that could not be read, and is no character of the file
    columns: dict[str, list[int]] = field(init=False)
    kept: list[tuple[int, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = {}
        for index, header in enumerate(self.headers):
            name = self.mapping.get(header, KEEP)
            if name != KEEP:
                self.columns.setdefault(name, []).append(index)
        self.kept = [(i, header) for i, header in enumerate(self.headers) if header.strip() and self.mapping.get(header, KEEP) == KEEP]

    def rows(self, records: Records) -> Iterator[Row | Broken]:
        """Each record after the header, as a row or as broken; a record is never passed over in silence."""
        for record in records:
            if isinstance(record, Broken):
                yield Broken(record.number, self._name(int(record.column[1:]) - 1), record.reason)
                continue
            number, cells = record
            yield self._row(number, cells)

    def _name(self, index: int) -> str:
        return self.headers[index] if 0 <= index < len(self.headers) else f"column {index + 1}"

    def _row(self, number: int, cells: list[str]) -> Row | Broken:
        width = len(self.headers)
        if not any(cell.strip() for cell in cells):
            return Broken(number, "", "The row is empty.")
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            more = "more" if len(cells) > width else "fewer"
            return Broken(number, self._name(min(len(cells), width)), f"The row has {len(cells)} cells, {more} than the {width} headers.")
        for index, cell in enumerate(cells):
            if "\x00" in cell:
                return Broken(number, self._name(index), "The cell holds a NUL character, which cannot be stored.")
        return self._built(number, cells)

    def _built(self, number: int, cells: list[str]) -> Row | Broken:
        reader = _Cells(self, cells)
        story = {name: text for name in ("role", "want", "benefit") if (text := reader.text(name))}
        full_title = reader.text("title") or _title_of(story)
        if not full_title:
            return Broken(number, self.header_of("title"), "The row has no title.")
        title, was_cut = values.cut_title(full_title)
        description = reader.description()
        if was_cut:
            description = f"{full_title}\n\n{description}".strip()
            reader.note("title", "is longer than 300 characters; it was cut, the whole stands in the description")
        kind = reader.kind()
        status, removed_reason = reader.status()
        return Row(
            number=number,
            external_id=reader.text("external_id")[:200],
            title=title,
            description=description,
            kind=kind,
            status=status,
            removed_reason=removed_reason,
            size=reader.size(),
            details=(story or values.read_story(full_title)) if kind == "story" else {},
            criteria=tuple(criterion for text in reader.all("criteria") for criterion in values.read_criteria(text)),
            parent=reader.text("parent"),
            blocks=tuple(ref for text in reader.all("blocks") for ref in values.split_refs(text)),
            blocked_by=tuple(ref for text in reader.all("blocked_by") for ref in values.split_refs(text)),
            aliases=tuple(text for text in reader.all("alias") if text),
            created_at=reader.date("created"),
            closed_at=reader.date("closed"),
            kept=reader.kept(),
            notes=tuple(reader.notes),
        )

    def header_of(self, name: str) -> str:
        columns = self.columns.get(name)
        return self.headers[columns[0]] if columns else ""


def _title_of(story: Mapping[str, str]) -> str:
    if "want" not in story:
        return ""
    text = f"As a {story['role']}, I want {story['want']}" if "role" in story else story["want"]
    return f"{text}, so that {story['benefit']}" if "benefit" in story else text


class _Cells:
    """The cells of one row by field, with what had to be said about them."""

    def __init__(self, table: Table, cells: list[str]) -> None:
        self.table = table
        self.cells = cells
        self.notes: list[Note] = []
        for index, cell in enumerate(cells if table.is_lossy else ()):
            if "\ufffd" in cell:
                self.notes.append(Note(table.headers[index], "holds bytes that are no text in the file's encoding; they show as \ufffd"))

    def all(self, name: str) -> list[str]:
        return [self.cells[index].strip() for index in self.table.columns.get(name, ())]

    def text(self, name: str) -> str:
        """The first filled cell of the field; exports write the word null for nothing."""
        return next((text for text in self.all(name) if text and text.casefold() != "null"), "")

    def note(self, name: str, reason: str) -> None:
        self.notes.append(Note(self.table.header_of(name), reason))

    def description(self) -> str:
        texts = [text for text in self.all("description") if text and text.casefold() != "null"]
        return "\n\n".join(dict.fromkeys(texts))

    def kind(self) -> str:
        text = self.text("kind")
        kind = values.read_kind(text)
        if kind is None:
            self.note("kind", f"“{text[:60]}” is no known kind; taken as a story")
        return kind or "story"

    def status(self) -> tuple[str, str]:
        text = self.text("status")
        found = values.read_status(text, self.text("status_group"), self.text("resolution"))
        if found is None:
            self.note("status", f"“{text[:60]}” is no known status; taken as open")
        return found or ("open", "")

    def size(self) -> Decimal | None:
        text = self.text("size")
        try:
            return values.read_size(text)
        except ValueError as error:
            self.note("size", f"“{text[:40]}” {error}; left without size")
            return None

    def date(self, name: str) -> datetime | None:
        text = self.text(name)
        try:
            return values.read_date(text)
        except ValueError as error:
            self.note(name, f"“{text[:40]}” {error}; left out")
            return None

    def kept(self) -> dict[str, str | list[str]]:
        """What no field takes, by header; columns of one name become a list."""
        kept: dict[str, str | list[str]] = {}
        for index, header in self.table.kept:
            cell = self.cells[index]
            if not cell.strip():
                continue
            if header not in kept:
                kept[header] = cell
            elif isinstance(before := kept[header], list):
                before.append(cell)
            else:
                kept[header] = [before, cell]
        return kept


def single_valued(mapping: Mapping[str, str]) -> list[str]:
    """Fields that two headers claim although one may feed them."""
    taken: dict[str, int] = {}
    for name in mapping.values():
        if name != KEEP and name not in MANY:
            taken[name] = taken.get(name, 0) + 1
    return [name for name, count in taken.items() if count > 1]
