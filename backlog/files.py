"""What may be attached: the name as it is kept, and the type as the content says it. Plain, so that it is tested without a database."""

import codecs
import unicodedata
from collections.abc import Mapping
from typing import IO

import puremagic

from activity.errors import DomainError

MAX_NAME = 150
HEAD = 4096
"""Bytes by which a type is told."""
_PIECE = 64 * 1024

TEXT = "text/plain"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
ALLOWED: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": f"{_OPEN}text",
    "ods": f"{_OPEN}spreadsheet",
    "odp": f"{_OPEN}presentation",
    "zip": "application/zip",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    **dict.fromkeys(("txt", "md", "csv", "log", "json", "feature", "yaml", "yml"), TEXT),
}
"""The endings that a name may have, each with the type that the content must be of. No markup that a browser would run: HTML and SVG are not here."""
# What the library calls the content of each: an office document is a zip archive, and so says its content.
_ARCHIVES = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp", "zip"})
_CALLED: Mapping[str, frozenset[str]] = {
    **{ending: frozenset({ending}) for ending in ("png", "gif", "webp", "pdf", "mp4", "mov", "webm")},
    **dict.fromkeys(("jpg", "jpeg"), frozenset({"jpg", "jpeg"})),
    **dict.fromkeys(_ARCHIVES, frozenset({"zip", "docx"})),
}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # control, bidi and zero-width marks, half characters, breaks
_WHITE = frozenset("\t\n\r\f")


class WrongTypeError(DomainError):
    """The content is of no type that may be attached, or not of the type that its name says: 415."""

    status = 415
    code = "wrong_type"


def clean_name(name: str) -> str:
    """The last part of the path that was sent, without marks that nobody sees; cut in the middle where it is long, so that its ending stays."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(" " if character.isspace() else character for character in last if unicodedata.category(character) not in _UNSEEN)
    stem, dot, ending = " ".join(seen.split()).rstrip(". ").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = stem.strip(". ") or "file"
    ending = ending.lower()[:20]
    return f"{stem[: MAX_NAME - len(ending) - 1]}{'.' if ending else ''}{ending}"


def type_of(name: str, file: IO[bytes]) -> str:
    """The type by the content of the file, which its name's ending must agree with. WrongTypeError for any other. Reads the file, from its start."""
    ending = name.rpartition(".")[2] if "." in name else ""
    if ending not in ALLOWED:
        raise WrongTypeError(
            f"“{name}” cannot be attached. Pictures, PDF, office documents, text, zip archives and videos can. Nothing was attached."
        )
    file.seek(0)
    fits = _is_text(file) if ALLOWED[ending] == TEXT else bool(_endings_of(file.read(HEAD)) & _CALLED[ending])
    file.seek(0)
    if not fits:
        raise WrongTypeError(
            f"“{name}” is not what its name says. Save it as what it is, or pack it into a zip archive. Nothing was attached."
        )
    return ALLOWED[ending]


def _endings_of(head: bytes) -> set[str]:
    try:
        return {str(match.extension).lstrip(".").lower() for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _is_text(file: IO[bytes]) -> bool:
    """Whether all of it reads as UTF-8 without control characters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            text = decoder.decode(piece)
            if any(character < " " and character not in _WHITE for character in text):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
