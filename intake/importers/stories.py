"""A text file of user stories, one a line. A line may start with a mark such as `#G02#`, a bullet or a number."""

import re
from collections.abc import Iterator

from intake.importers import values
from intake.importers.rows import Broken, Note, Row

_MARK = re.compile(r"^\s*(?:#\s*\w{1,20}\s*#\s*)?(?:[-*•]\s+|\d{1,4}[.)]\s+)?")
MAX_STORY = 10_000


def read_stories(lines: Iterator[str], *, is_lossy: bool = False) -> Iterator[Row | Broken]:
    """Each line that is not blank, as a story or as broken; lines are counted from 1."""
    for number, line in enumerate(lines, 1):
        text = _MARK.sub("", line, count=1).strip()
        if not line.strip():
            continue
        if not text:
            yield Broken(number, "", "The line holds a mark and no story.")
        elif "\x00" in text:
            yield Broken(number, "", "The line holds a NUL character, which cannot be stored.")
        elif len(text) > MAX_STORY:
            yield Broken(number, "", f"The line is longer than {MAX_STORY:,} characters.")
        else:
            yield _story(number, text, is_lossy)


def _story(number: int, text: str, is_lossy: bool) -> Row:
    title, was_cut = values.cut_title(text)
    notes = [Note("", "The story is longer than 300 characters; its title was cut, the whole stands in the description")] if was_cut else []
    if is_lossy and "\ufffd" in text:
        notes.append(Note("", "The line holds bytes that are no text in the file's encoding; they show as \ufffd"))
    details = values.read_story(text)
    return Row(number=number, external_id="", title=title, description=text if was_cut else "", details=details, notes=tuple(notes))
