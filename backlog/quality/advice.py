"""Notes on one story."""

import re
from collections.abc import Iterator

from backlog.quality.atomic import find_pair
from backlog.quality.notes import Criterion, Note, Span
from backlog.quality.story import MOST, Story, parse_story

LONG = 40  # words of a want; of 1,065 real stories 1 in 100 has more

_BRACKETS = re.compile(r"\(([^()\n]{4,})\)|\[([^\[\]\n]{4,})\]|\{([^{}\n]{4,})\}")
_EXAMPLE = re.compile(r"\b(?:e\.g\.|for example|for instance|such as|i\.e\.)", re.IGNORECASE)
_SECOND_SENTENCE = re.compile(r"[.!?]\s+(?=[A-Z*\"“])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|approx|incl|no|dr|mr|ms|st)|\b[A-Z])$", re.IGNORECASE)
_OPEN_LIST = re.compile(
    r"\b(?:etc\b|and so on|and more|and the like|and others|or similar|all kinds of|various|as needed|if possible|where appropriate)",
    re.IGNORECASE,
)
_UNMEASURED = re.compile(
    r"\b(?:(?:much |more |very |as )?(?:fast(?:er)?|quick(?:er)?|easy|easier|simple|simpler|efficient|user[- ]friendly|intuitive|seamless|robust|flexible"
    r"|modern|nice(?:r)?|better|smooth(?:er)?|convenient|scalable|performant|high[- ]quality|state[- ]of[- ]the[- ]art))\b",
    re.IGNORECASE,
)


def advise(text: str) -> tuple[Note, ...]:
    """Notes on the first story in the text, in the order of the criteria; none where there is nothing to say. Takes under a millisecond.

    A text without a story gets one note, which says how one reads. An empty text gets none.
    """
    story = parse_story(text)
    if not story:
        return tuple(_no_story(text))
    return (*_well_formed(story), *_atomic(text, story), *_minimal(text, story), *_estimable(text, story))


def _no_story(text: str) -> Iterator[Note]:
    first = text.strip().split("\n", 1)[0][:MOST]
    if first:
        start = text.index(first)
        message = "It does not say who wants what. Try: As a …, I want …, so that …."
        why = "With a person and a reason in it, the team can ask the right one and may find a shorter way."
        yield Note(Criterion.WELL_FORMED, (start, start + len(first)), message, why)


def _well_formed(story: Story) -> Iterator[Note]:
    if not story.role:
        message = "Nobody is named who wants this. Begin with “As a …”."
        yield Note(Criterion.WELL_FORMED, story.span, message, "Without a person nobody can be asked, and nobody can say that it is done.")
    if not story.benefit:
        message = "It does not say what it is good for. End with “so that …”."
        yield Note(
            Criterion.WELL_FORMED, story.want_span, message, "The reason decides what it is worth, and often shows a smaller way to it."
        )


def _atomic(text: str, story: Story) -> Iterator[Note]:
    pair = find_pair(text, story.want_span)
    if pair is None:
        return
    what = "Two wants in one story" if pair.are_acts else "Two things in one want"
    message = f"{what}: “{pair.first}” and “{pair.second}”. Split it, or say why they go together."
    yield Note(
        Criterion.ATOMIC,
        pair.span,
        message,
        "Two small stories can be sized, ordered and finished apart; the more valuable one comes first.",
    )


def _minimal(text: str, story: Story) -> Iterator[Note]:
    why = "A story that says only who, what and why is read the same by everybody; details are checked where the criteria stand."
    if found := _BRACKETS.search(text, *story.span):
        message = f"A remark in brackets: {_quoted(found[0])}. Move it to the criteria or a comment."
        yield Note(Criterion.MINIMAL, found.span(), message, why)
    elif found := _EXAMPLE.search(text, *story.want_span):
        message = f"An example inside the story, from “{found[0]}” on. Make it a criterion."
        yield Note(Criterion.MINIMAL, (found.start(), story.want_span[1]), message, why)
    rest = _further_sentence(text, story.span)
    if rest is not None:
        message = f"More follows after the story: {_quoted(text[slice(*rest)])}. Move it below the story or to the criteria."
        yield Note(Criterion.MINIMAL, rest, message, why)


def _further_sentence(text: str, span: Span) -> Span | None:
    for match in _SECOND_SENTENCE.finditer(text, *span):
        if not _ABBREVIATION.search(text[max(span[0], match.start() - 8) : match.start()]):
            return match.end(), span[1]
    return None


def _estimable(text: str, story: Story) -> Iterator[Note]:
    why = "Who sizes it has to know where it ends; what cannot be tested cannot be finished."
    if found := _OPEN_LIST.search(text, *story.want_span):
        yield Note(Criterion.ESTIMABLE, found.span(), f"“{found[0]}” leaves open how much this is. Name what belongs to it.", why)
    if found := _UNMEASURED.search(text, *story.want_span):
        yield Note(
            Criterion.ESTIMABLE, found.span(), f"“{found[0]}” cannot be measured. Say how it is told: a time, a number, a comparison.", why
        )
    words = len(story.want.split())
    if words > LONG:
        yield Note(
            Criterion.ESTIMABLE,
            story.want_span,
            f"The want has {words} words. Say in a sentence what is new, and the rest as criteria.",
            why,
        )


def _quoted(words: str) -> str:
    words = " ".join(words.split())
    return f"“{words if len(words) <= 60 else words[:60].rstrip() + '…'}”"
