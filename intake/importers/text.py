"""From bytes to lines: the encoding is found, the content checked, and no line or record is held beyond its limit."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from intake.errors import FileTooLargeError, WrongFileError

MAX_BYTES = 50 * 1024 * 1024
MAX_LINE = 2_000_000  # characters; a Jira export keeps whole comments in one line
CHUNK = 1 << 16
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_OTHER_FILES = (
    (b"PK\x03\x04", "a spreadsheet or an archive"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"\x1f\x8b", "a compressed file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
)
_MARKUP = re.compile(rb"\s*(<\?xml|<!doctype|<html|<rss|\{\s*\"|\[\s*[\{\[])", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def check_content(head: bytes) -> None:
    """Raise WrongFileError where the first bytes are no plain text; a file's name and declared type are not believed."""
    for magic, words in _OTHER_FILES:
        if head.startswith(magic):
            raise WrongFileError(f"This is {words}, not a text. Save it as CSV and import that. Nothing was imported.")
    if _MARKUP.match(head):
        raise WrongFileError("This is XML or JSON. Only CSV and plain text can be imported here. Nothing was imported.")


def find_encoding(file: IO[bytes]) -> tuple[str, str]:
    """The encoding of the whole file and how to treat its bad bytes: a mark at the start, else UTF-8 where it holds, else Latin-1.

    A file that is UTF-8 but for a few bytes stays UTF-8; those characters become U+FFFD and their rows are reported.
    """
    file.seek(0)
    head = file.read(4096)
    check_content(head)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, "replace"  # what breaks its own mark is told by its row
    if silent := _silent_utf16(head):
        return silent, "replace"
    if _is_utf8(file):
        return "utf-8", "strict"
    good, bad = _count_utf8(file)
    return ("utf-8", "replace") if good > bad else ("cp1252", "winnow-latin-1")


def _is_utf8(file: IO[bytes]) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _count_utf8(file: IO[bytes]) -> tuple[int, int]:
    """How many characters beyond ASCII are well formed as UTF-8, and how many are not."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    while chunk := file.read(CHUNK):
        text = decoder.decode(chunk)
        if not text.isascii():
            wrong = text.count("\ufffd")
            bad += wrong
            good += sum(character > "\x7f" for character in text) - wrong
    return good, bad


def _silent_utf16(head: bytes) -> str:
    """UTF-16 without its mark: in ordinary text every second byte is zero."""
    if len(head) < 4 or (len(head) % 2 and len(head) < 4096):
        return ""
    half = len(head) // 2
    if head[1::2].count(0) > half * 0.4 and not head[0::2].count(0):
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.4 and not head[1::2].count(0):
        return "utf-16-be"
    return ""


def label_of(encoding: str) -> str:
    """The name that people know an encoding by."""
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with mark", "cp1252": "Latin-1"}.get(encoding, "UTF-16")


# Windows' Latin-1 leaves five bytes open; read as Latin-1 itself, so that every byte decodes and no file is lost to it.
codecs.register_error("winnow-latin-1", lambda error: (error.object[error.start : error.end].decode("latin-1"), error.end))  # type: ignore[attr-defined]


@contextmanager
def reading(file: IO[bytes], encoding: str, errors: str) -> Iterator[Iterator[str]]:
    """The file's lines with their ends, from the start; the file stays open. FileTooLargeError for a line beyond MAX_LINE."""
    file.seek(0)
    wrapper = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    try:
        yield _bounded(wrapper)
    finally:
        wrapper.detach()


def _bounded(wrapper: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := wrapper.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise FileTooLargeError(f"Line {number:,} is longer than {MAX_LINE:,} characters. Is the file cut or damaged?")
        yield line


def looks_like_text(sample: str) -> bool:
    """Whether hardly any of it are control characters; a single NUL is the row's problem, not the file's."""
    return len(_CONTROL.findall(sample)) <= len(sample) * 0.01 + 4
