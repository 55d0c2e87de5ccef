"""Opening a file: what it is, how its columns are understood, and its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO

from activity.errors import InvalidError
from intake.errors import WrongFileError
from intake.importers import text
from intake.importers.delimited import Records, find_delimiter
from intake.importers.headers import FIELDS, KEEP, KNOWN, guess_mapping, plain
from intake.importers.rows import Broken, Row
from intake.importers.stories import read_stories
from intake.importers.tables import MAX_CELLS, Table, single_valued

FORMATS: Mapping[str, str] = {"jira-csv": "Jira CSV", "csv": "CSV", "stories": "User stories, one a line"}
SAMPLE_LINES = 200


@dataclass(frozen=True)
class Source:
    """An opened file. `mapping` says the field of each header; `unknown` are the headers that no field takes."""

    file: IO[bytes]
    format: str
    encoding: str
    errors: str
    delimiter: str
    headers: list[str]
    mapping: dict[str, str]

    @property
    def unknown(self) -> list[str]:
        return [header for header, name in self.mapping.items() if name == KEEP]

    @property
    def is_lossy(self) -> bool:
        return self.errors == "replace"

    @property
    def encoding_label(self) -> str:
        return text.label_of(self.encoding)

    def with_mapping(self, mapping: Mapping[str, str]) -> "Source":
        """The same file with other fields for its headers; InvalidError where that cannot be imported."""
        known = {header: mapping.get(header, name) for header, name in self.mapping.items()}
        foreign = sorted(set(known.values()) - set(FIELDS) - {KEEP})
        if foreign:
            raise InvalidError(f"There is no field “{foreign[0]}”.", field="mapping")
        if twice := single_valued(known):
            raise InvalidError(f"Two columns are mapped to “{FIELDS[twice[0]]}”. Choose one of them.", field="mapping")
        return replace(self, mapping=known)

    def check(self) -> None:
        """Raise InvalidError, naming the headers there are, where no column gives a title."""
        if self.format != "stories" and not {"title", "want"} & set(self.mapping.values()):
            listed = ", ".join(f"“{header[:40]}”" for header in list(self.mapping)[:30])
            raise InvalidError(
                f"No column is known as the title. The headers are {listed or 'empty'}. Map one of them to “Title”.", field="mapping"
            )

    def examples(self, most: int = 20) -> dict[str, str]:
        """By header the first filled cell of the first rows, in one line."""
        if self.format == "stories":
            return {}
        found: dict[str, str] = {}
        with text.reading(self.file, self.encoding, self.errors) as lines:
            for record in islice(Records(lines, self.delimiter), 1, most):
                for header, cell in zip(self.headers, () if isinstance(record, Broken) else record[1], strict=False):
                    if cell.strip():
                        found.setdefault(header, " ".join(cell[:200].split())[:80])
        return found

    def rows(self) -> Iterator[Row | Broken]:
        """The rows from the start; each call reads the file again."""
        with text.reading(self.file, self.encoding, self.errors) as lines:
            if self.format == "stories":
                yield from read_stories(lines, is_lossy=self.is_lossy)
                return
            records = Records(lines, self.delimiter)
            for first in records:
                if not isinstance(first, Broken):
                    break
            yield from Table(self.headers, self.mapping, self.is_lossy).rows(records)


def open_source(file: IO[bytes], *, format: str = "auto", mapping: Mapping[str, str] | None = None) -> Source:  # noqa: A002  # the caller's word
    """Find out what the file is. WrongFileError for what is no text, InvalidError for an empty file, a broken header or an unknown format."""
    if format not in ("auto", *FORMATS):
        raise InvalidError(f"There is no format “{format}”. Choose one of: auto, {', '.join(FORMATS)}.", field="format")
    encoding, errors = text.find_encoding(file)
    with text.reading(file, encoding, errors) as lines:
        sample = "".join(islice(lines, SAMPLE_LINES))
    if not sample.strip():
        raise InvalidError("The file is empty. Nothing was imported.", field="file")
    if not text.looks_like_text(sample):
        raise WrongFileError("This file holds more than text. Only CSV and plain text can be imported here. Nothing was imported.")
    delimiter = find_delimiter(sample, KNOWN)
    headers = _headers(sample, delimiter)
    if format == "auto":
        format = _format_of(headers, sample)  # noqa: A001
    if format == "stories":
        return Source(file, format, encoding, errors, "", [], {})
    source = Source(file, format, encoding, errors, delimiter, headers, guess_mapping(headers))
    return source if mapping is None else source.with_mapping(mapping)


def _headers(sample: str, delimiter: str) -> list[str]:
    first = next(iter(Records(iter(sample.splitlines(keepends=True)), delimiter)), None)
    if first is None or isinstance(first, Broken):
        raise InvalidError("The first row is no header: a quote in it is never closed. Nothing was imported.", field="file")
    _, cells = first
    if len(cells) > MAX_CELLS:
        raise InvalidError(f"The file has {len(cells):,} columns; at most {MAX_CELLS:,} are read. Nothing was imported.", field="file")
    return [cell.strip().strip("\x00") for cell in cells]


def _format_of(headers: list[str], sample: str) -> str:
    names = {plain(header) for header in headers}
    known = names & KNOWN
    if {"issue key", "summary"} <= names or {"issue key", "issue id"} <= names or {"vorgangsschlussel", "zusammenfassung"} <= names:
        return "jira-csv"
    if {"clave de incidencia", "resumen"} <= names or {"cle de ticket", "resume"} <= names:
        return "jira-csv"
    lines = [line for line in sample.splitlines() if line.strip()]
    stories = sum(
        line.lstrip().startswith("#") or " i want " in line.casefold() or line.casefold().lstrip().startswith("as a") for line in lines
    )
    if stories * 2 >= len(lines) and not known:
        return "stories"
    return "csv"
