"""Delimited text, record by record, with a memory of one record. A broken quote costs its own row and no other."""

import csv
from collections import deque
from collections.abc import Iterator

from intake.importers.rows import Broken

DELIMITERS = (",", ";", "\t", "|")
MAX_RECORD = 2_000_000  # characters in one record; a quote that stays open longer is a broken one
MAX_RECORD_LINES = 20_000

# The module's limit of 131,072 is the process's; ours only ever raises it. What is too long for an item is told by its row.
csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))


class Records:
    """Iterates (row number, cells) or Broken. Rows count as a spreadsheet shows them: the first record is row 1."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self.lines = lines
        self.delimiter = delimiter
        self.again: deque[str] = deque()  # lines that a broken record had swallowed
        self.line = 0
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, list[str]] | Broken]:
        while True:
            self.taken = []
            first_line = self.line + 1
            try:
                cells = next(csv.reader(self._feed(), delimiter=self.delimiter, strict=True))
            except StopIteration:
                return
            except csv.Error:
                self.number += 1
                yield self._recovered(first_line)
                continue
            self.number += 1
            if cells:
                yield self.number, cells

    def _feed(self) -> Iterator[str]:
        size = 0
        while len(self.taken) < MAX_RECORD_LINES and size < MAX_RECORD:
            line = self.again.popleft() if self.again else next(self.lines, None)
            if line is None:
                return
            self.line += 1
            self.taken.append(line)
            size += len(line)
            yield line

    def _recovered(self, first_line: int) -> tuple[int, list[str]] | Broken:
        """A stray quote inside one line is read as it stands; an open quote is reported, and the lines it swallowed are read again."""
        first, *rest = self.taken
        self.again.extendleft(reversed(rest))
        self.line -= len(rest)
        cells = next(csv.reader([first], delimiter=self.delimiter))
        if not rest and _closes(first, self.delimiter):
            return self.number, cells
        return Broken(
            self.number,
            f"#{len(cells)}",
            f"A quote opened in line {first_line} is never closed. This row was left out, the next ones were read.",
        )


def _closes(line: str, delimiter: str) -> bool:
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def find_delimiter(sample: str, known: frozenset[str] = frozenset()) -> str:
    """The delimiter of the sample: the one that shows the most known headers, else the one that cuts the rows most evenly."""

    def merit(delimiter: str) -> tuple[int, float, int]:
        rows = [row for row, _ in zip(csv.reader(sample.splitlines(keepends=True), delimiter=delimiter), range(50), strict=False) if row]
        if not rows or len(rows[0]) < 2:
            return 0, 0.0, 0
        names = sum(cell.strip().lower() in known for cell in rows[0])
        even = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        return names, even, len(rows[0])

    return max(DELIMITERS, key=merit)
