"""What a text says about other items: keys such as CHK-231 and phrases such as “depends on …”, with the sentence as evidence. Words only: who
may see which item, and what is linked already, is for others to say."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_HINTS = 40
"""In one text: a list of a hundred keys is a report, not a dependency."""
LONGEST_SENTENCE = 240
LONGEST_TITLE = 14  # words after a phrase that may be a title
SHORTEST_TITLE = 2

STRENGTH = ("waits_for", "unblocks", "conflicts", "helps", "relates")
"""The relations as a form names them; where a text says several of one item, the first of these counts."""


class Hint(NamedTuple):
    """Another item named by its key, or by what may be its title (longest first); how it stands to this one; and where it says so."""

    relation: str
    key: str
    titles: tuple[str, ...]
    sentence: str


_KEY = re.compile(r"(?<![\w-])[A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,6}(?![\w-])")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_BULLET = re.compile(r"^\s*(?:[-*+>#]+|\d+[.)]|\[[ xX]\])\s+")
_AND = re.compile(r"[\s,;&/+]*(?:\b(?:and|or|as well as)\b)?[\s,;&/+]*\Z")
_NOT = re.compile(r"\b(?:not|no longer|never|nothing|independent|without)\b|n['\u2019]t\b", re.IGNORECASE)
# Before the other item: “this depends on CHK-1”. The longer phrase stands before one that it contains.
_BEFORE = (
    (
        "waits_for",
        (
            r"depend(?:s|ing|ent|ed)? (?:up)?on|block(?:ed|s us)? by|wait(?:s|ing|ed)? (?:for|on)|require[sd]?(?! by| for)|need(?:s|ing)?(?! by| for)|"
            r"(?:only )?after|once|as soon as|follow(?:s|ing|ed by)?|build(?:s|ing)? (?:up)?on|relies on|relying on|based on|not before|"
            r"(?:do|finish|ship|land|merge)s? first:?|predecessors?:?|blockers?:?|prerequisites?(?! (?:of|for)):?"
        ),
    ),
    (
        "unblocks",
        r"(?:un)?block(?:s|ing)|before|(?:needed|required|wanted) (?:by|for)|prerequisites? (?:of|for)|enables?|successors?:?|makes way for",
    ),
    ("conflicts", r"conflicts? with|conflicting with|contradicts?|clash(?:es)? with|incompatible with"),
    ("helps", r"helps?|supports?|eases?|simplif(?:y|ies)"),
)
_PHRASE_BEFORE = [(relation, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for relation, words in _BEFORE]
# Behind it: “CHK-1 has to be done first”.
_PHRASE_BEHIND = [
    (
        "waits_for",
        re.compile(
            r"\A[^.;]{0,40}?\b(?:(?:must|has to|have to|needs? to|should|comes?|goes|be|is|are)\b[^.;]{0,30}\bfirst\b|(?:un)?blocks? (?:this|us|it)\b"
            r"|(?:is|are) (?:a |the )?(?:prerequisites?|blockers?|needed|required)\b)",
            re.IGNORECASE,
        ),
    ),
    (
        "unblocks",
        re.compile(
            r"\A\W{0,3}(?:\w+\W+){0,2}?(?:depends? (?:up)?on|waits? (?:for|on)|needs?|is blocked by|requires?|builds? on) (?:this|us|it)\b",
            re.IGNORECASE,
        ),
    ),
]
_REACH = 48  # characters between a phrase and the key that it is about
_WORD = re.compile(r"[^\s,:()“”\"]+")
_QUOTED = re.compile(r"\A\W{0,3}(?:the |our |a )?(?:\w+ )?[“\"\u2018']([^”\"\u2019']{3,300})[”\"\u2019']")


def find_hints(text: str) -> list[Hint]:
    """What the text says of other items, in its order; at most MOST_HINTS."""
    found: list[Hint] = []
    for sentence in _sentences(text):
        found += _of_sentence(sentence)
        if len(found) >= MOST_HINTS:
            return found[:MOST_HINTS]
    return found


def _sentences(text: str) -> Iterator[str]:
    for part in _SENTENCE_END.split(text):
        sentence = _BULLET.sub("", part).strip()
        if sentence:
            yield sentence


def _of_sentence(sentence: str) -> Iterator[Hint]:
    told = sentence if len(sentence) <= LONGEST_SENTENCE else f"{sentence[:LONGEST_SENTENCE].rstrip()}…"
    end, relation = 0, ""
    keys = list(_KEY.finditer(sentence[:4_000]))
    for number, key in enumerate(keys):
        between = sentence[end : key.start()]
        if not (relation and end and _AND.match(between)):  # “CHK-1 and CHK-2” share what was said of the first
            behind = sentence[key.end() : keys[number + 1].start() if number + 1 < len(keys) else len(sentence)]
            relation = _relation(between, behind)
        if relation:
            yield Hint(relation, key[0].upper(), (), told)
        end = key.end()
    if not keys and (titles := _titles(sentence)):
        yield Hint(titles[0], "", titles[1], told)


def _relation(before: str, behind: str) -> str:
    """How the sentence ties its item to the key between these words; nothing where it says that it does not."""
    near = before[-_REACH - 40 :]
    found = [(match.end(), match.start(), relation) for relation, phrase in _PHRASE_BEFORE for match in phrase.finditer(near)]
    found = [each for each in found if len(near) - each[0] <= _REACH]
    if found:
        _, start, relation = max(found, key=lambda each: (each[0], -each[1]))
        return "" if _NOT.search(near[max(0, start - 24) : start]) else relation
    for relation, phrase in _PHRASE_BEHIND:
        if match := phrase.search(behind[:120]):
            return "" if _NOT.search(match[0]) else relation
    return "relates"


def _titles(sentence: str) -> tuple[str, tuple[str, ...]] | None:
    """The relation and what may be the title of the other item: what is quoted behind a phrase, or the words behind it."""
    for relation, phrase in _PHRASE_BEFORE[:2]:
        match = phrase.search(sentence[:1_000])
        if match is None or _NOT.search(sentence[max(0, match.start() - 24) : match.start()]):
            continue
        rest = sentence[match.end() : match.end() + 400]
        if quoted := _QUOTED.match(rest):
            return relation, (" ".join(quoted[1].split()),)
        words = _WORD.findall(rest.strip().rstrip(".!?;"))[:LONGEST_TITLE]
        while words and words[0].lower() in ("the", "a", "an", "our", "that", "item", "story", "until"):
            words = words[1:]
        titles = tuple(" ".join(words[:count]) for count in range(len(words), SHORTEST_TITLE - 1, -1))
        if titles:
            return relation, titles
    return None
