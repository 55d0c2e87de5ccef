"""Does a want ask for two things?

A plain test for “and” finds 95 % of the stories that people call not atomic, and is right in 29 % of its cases. Three
things raise that: the want ends where its purpose, its means, its condition or its examples begin; two acts count wherever they stand
in what is left; two things or qualities count only among its first words and outside a complement (“a list of names and dates”).
"""

import re
from dataclasses import dataclass

from backlog.quality.notes import Span

EARLY = 12  # words of a want in which two things still are what it is about

_VERBS = """
    accept access act adapt add adjust administer aggregate alert allow analyse analyze annotate apply approve archive ask assess assign attach
    authorize avoid back block book browse build buy calculate cancel capture change check choose classify clean collect combine compare complete
    compute configure confirm connect consider contact contribute control convert copy correct create customize cut decide define delete deliver
    deploy describe design detect determine develop disable discover discuss display distinguish distribute document download draw edit email embed
    enable enforce enhance ensure enter estimate evaluate examine execute expand explain explore export extract fetch filter find fix follow forecast
    format generate get give group guide handle help hide highlight identify implement import improve include incorporate increase inform input
    inspect install integrate interact interpret investigate invite join keep know label learn let link list load locate lock log maintain make
    manage map mark match measure merge minimize mitigate modify monitor move navigate notify obtain offer open operate optimize order organize pay
    perform pick plan play post predict prepare present prevent preview print prioritize process produce promote propose protect provide publish
    query rate reach read receive recognize recommend record recover redact reduce refine refresh register reject release remind remove rename
    render renew reorder repair replace reply report request require reserve reset resolve respond restore restrict retrieve return review revoke
    run save scan schedule search secure see select send separate set share show sign sort specify split start stop store submit subscribe suggest
    summarize support switch synchronize tag take talk tell test track train transfer transform translate try understand undo unlock update upgrade
    upload use validate verify view visualize vote warn watch withdraw work write
"""
VERBS = frozenset(_VERBS.split())

_BEGINS_ELSE = re.compile(
    r",\s+(?:\w+ly\s+)?\w+ing\b|\s(?:such\s+as|including|like|e\.g\.|for\s+example|based\s+on|using|through|by|via|when|if|while|before|after|without"
    r"|because|since)\b",
    re.IGNORECASE,
)
_INFINITIVE = re.compile(r"\bto\s+(?:\w+ly\s+)?([a-z]+)", re.IGNORECASE)
_MEANS = frozenset({"use", "using", "utilize", "leverage", "employ", "explore", "help", "access", "see", "have", "get", "want"})
_ABLE = re.compile(r"\s+able\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\b[^.;]*?\band\b", re.IGNORECASE)
_AND = re.compile(r"\s(?:and|&|\+|as\s+well\s+as)\s", re.IGNORECASE)
_WORD = re.compile(r"[^\W_](?:[\w'\u2019/-]*\w)?")
_COMPLEMENT = re.compile(r"\b(?:of|in|for|on|with|from|about|at|into)\s+(?:\S+\s+){0,3}$", re.IGNORECASE)
_DETERMINERS = frozenset({"the", "a", "an", "my", "their", "its", "our", "all"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two wants: the words that stand for them, whether both are acts, and where they stand in the text."""

    first: str
    second: str
    are_acts: bool
    span: Span


def find_pair(text: str, want: Span) -> Pair | None:
    """The first two wants that stand joined in `text[want]`, or None where it asks for one thing."""
    start, end = want[0], _end_of_core(text, want)
    among = [match.span() for match in _BETWEEN.finditer(text, start, end)]
    for match in _AND.finditer(text, start, end):
        if any(low <= match.start() < high for low, high in among):
            continue
        pair = _pair(text, (start, end), match)
        if pair:
            return pair
    return None


def _end_of_core(text: str, want: Span) -> int:
    """Where the want stops saying what it is, and says what for, by what means or when."""
    start, end = want
    begins = _BEGINS_ELSE.search(text, start, end)
    end = begins.start() if begins else end
    aims = 0
    for match in _INFINITIVE.finditer(text, start, end):
        verb = match[1].lower()
        opens = match.start() <= start + 1 and (verb in _MEANS or (verb == "be" and _ABLE.match(text, match.end())))
        aims += not opens  # “to use charts to compare”: the first is only the means
        if aims == 2:
            return match.start()
    return end


def _pair(text: str, core: Span, joint: re.Match[str]) -> Pair | None:
    before = list(_WORD.finditer(text, core[0], joint.start()))
    after = list(_WORD.finditer(text, joint.end(), core[1]))[:3]
    if not before or not after:
        return None
    act = _act(after)
    if act is not None:
        first = _last_act(before) or before[-1]
        return Pair(first[0], act[0], True, (first.start(), act.end()))
    is_late = len(before) >= EARLY or _COMPLEMENT.search(text[core[0] : joint.start() + 1])
    if is_late or after[0][0].lower() in _DETERMINERS:
        return None
    return Pair(before[-1][0], after[0][0], False, (before[-1].start(), after[0].end()))


def _last_act(words: list[re.Match[str]]) -> re.Match[str] | None:
    """The verb nearest to the end: one behind “to” or an adverb before one that may be a noun (“list”)."""
    acts = [(words[place - 1][0].lower() if place else "to", word) for place, word in enumerate(words) if word[0].lower() in VERBS]
    sure = [word for before, word in acts if before == "to" or before.endswith("ly")]
    found = sure or [word for _, word in acts]
    return found[-1] if found else None


def _act(words: list[re.Match[str]]) -> re.Match[str] | None:
    """The verb that these words begin with, behind a “to” or an adverb."""
    rest = words[1:] if words[0][0].lower() in ("to", "also", "then") or words[0][0].endswith("ly") else words
    if not rest:
        return None
    said_to = words[0][0].lower() == "to"
    return rest[0] if said_to or rest[0][0].lower() in VERBS else None
