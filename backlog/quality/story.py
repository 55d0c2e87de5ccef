"""“As a …, I want …, so that …”, taken apart."""

import re
from dataclasses import dataclass
from itertools import islice

from backlog.quality.notes import Span

MOST = 4000  # characters that are looked at; a story is a sentence

_MARKS = r"[\s*_>]*"  # blanks and the marks of bold, italic and quotation
_WANTING = (
    r"(?:would\s+(?:\w+\s+)?(?:like|love|want|prefer)|would\s+be\s+able|(?:do\s+not|don['\u2019]t)\s+want|(?:am|['\u2019]m)\s+(?:able|interested)|need|want|wish|like|can|should"
    r"|must|expect|prefer|have|aim|seek|hope)\b"
)
_PERSON = (
    r"(?:I|we)(?:['\u2019]d\s+(?:\w+\s+)?(?:like|love|want|prefer)\b|(?:\s+(?!want|need)\w+)??(?:\s+|(?=['\u2019]m))"
    + _MARKS
    + _WANTING
    + ")"
)
# Within its line: every line is a start of its own, and thousands of empty ones were tried from each to its end.
_LEAD = r"(?:[^\w\n]|_)*"
_ROLE = re.compile(
    r"^" + _LEAD + r"(?:(?:#\w+#|story:)" + _LEAD + r")?as\b" + _MARKS + r"(?:(?:an|a|the)\b(?=[\s*_]))?" + _MARKS,
    re.IGNORECASE | re.MULTILINE,
)
_WANT = re.compile(r"[,;:.]?" + _MARKS + r"\b(?:" + _PERSON + r"|(?<=[,;:]\s)" + _WANTING + ")", re.IGNORECASE)
_BARE_WANT = re.compile(r"^[^\w\n]*(?:I|we)\s+(?:want|need|would\s+like)\b", re.IGNORECASE | re.MULTILINE)
_BENEFIT = re.compile(
    r"[,;.]?"
    + _MARKS
    + r"\b(?:so\s+that(?:,?\s+(?:so|that)\b)*|in\s+order\s+(?=to\b)|so\s+(?=(?:I|we|you|he|she|it|they|my|our|their|the|users?|people)\b))"
    + _MARKS,
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*[,;(]|\s+who\b", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n\s*\n")
_STRIP = " \t\r\n,;.*_"


@dataclass(frozen=True, slots=True)
class Story:
    """The three parts of a story, each empty where the text has none; the spans say where they stand in the text."""

    role: str = ""
    want: str = ""
    benefit: str = ""
    role_span: Span = (0, 0)
    want_span: Span = (0, 0)
    benefit_span: Span = (0, 0)
    span: Span = (0, 0)

    def __bool__(self) -> bool:
        return bool(self.want)


def parse_story(text: str) -> Story:
    """Role, want and benefit of the first story in the text. The want keeps its “to”; what describes the role behind a comma is left out.

    Without “I want” there is no story: every part is empty. Looks at the first 4,000 characters, in time linear to them.
    """
    text = text[:MOST]
    for head in islice(_ROLE.finditer(text), 20):
        wanted = _WANT.search(text, head.end(), _paragraph_end(text, head.end()))
        if wanted and wanted.start() > head.end():
            return _story(text, head.start(), (head.end(), wanted.start()), wanted.end())
    bare = _BARE_WANT.search(text)
    return _story(text, bare.start(), (bare.start(), bare.start()), bare.end()) if bare else Story()


def _story(text: str, start: int, role: Span, want_start: int) -> Story:
    end = _paragraph_end(text, want_start)
    aside = _ASIDE.search(text, *role)
    role = _trimmed(text, (role[0], aside.start() if aside else role[1]))
    because = _BENEFIT.search(text, want_start, end)
    want = _trimmed(text, (want_start, because.start() if because else end))
    benefit = _trimmed(text, (because.end(), end)) if because else (end, end)
    said, wanted, why = (text[slice(*span)] for span in (role, want, benefit))
    return Story(
        role=said, want=wanted, benefit=why, role_span=role, want_span=want, benefit_span=benefit, span=_trimmed(text, (start, end))
    )


def _paragraph_end(text: str, start: int) -> int:
    gap = _PARAGRAPH.search(text, start)
    return gap.start() if gap else len(text)


def _trimmed(text: str, span: Span) -> Span:
    part = text[slice(*span)]
    start = span[0] + len(part) - len(part.lstrip(_STRIP))
    return start, start + len(part.strip(_STRIP))
