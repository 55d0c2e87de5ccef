"""How two wordings of a text differ, word by word, and one text out of two that were changed apart. Knows no Django; bounded in time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Mark = Literal["same", "out", "in", "gap"]

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
MOST_PAIRS = 250_000  # of words that one changed passage is compared by: 500 against 500, some 30 ms
MOST_IN_ALL = 1_000_000
SHORTEST = 3  # characters that must stand between two changes for them to be read apart
AROUND = 60  # characters that are kept beside a change where the rest is left out


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a comparison: in both texts, only in the old (`out`), only in the new (`in`), or left out here (`gap`)."""

    mark: Mark
    text: str


def compare(old: str, new: str) -> list[Piece]:
    """The new text as runs beside the old: what went, what came, what stayed. Lines first, words within the lines that changed.

    Passages of more than MOST_PAIRS pairs of words are shown as a whole, old before new, so that 64 KB take well under a second.
    """
    return _joined(_softened(_by_lines(old, new)))


def _by_lines(old: str, new: str) -> Iterator[Piece]:
    before, after = _LINE.findall(old), _LINE.findall(new)
    left = MOST_IN_ALL
    for tag, i1, i2, j1, j2 in _matcher(before, after).get_opcodes():
        out, come = "".join(before[i1:i2]), "".join(after[j1:j2])
        if tag == "equal":
            yield Piece("same", out)
            continue
        words, others = _TOKEN.findall(out), _TOKEN.findall(come)
        head = _count_common(words, others)
        tail = _count_common(words[head:][::-1], others[head:][::-1])
        inner, outer = words[head : len(words) - tail], others[head : len(others) - tail]
        yield Piece("same", "".join(words[:head]))
        pairs = len(inner) * len(outer)
        if not pairs or pairs > min(MOST_PAIRS, left):
            yield from (Piece("out", "".join(inner)), Piece("in", "".join(outer)))
        else:
            left -= pairs
            yield from _by_words(inner, outer)
        yield Piece("same", "".join(words[len(words) - tail :]))


def _matcher(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    """difflib leaves what is common out of its search from 200 on; a few against thousands of the same would take seconds."""
    is_lopsided = len(new) < 200 and len(old) * len(new) > MOST_IN_ALL
    return SequenceMatcher(_always if is_lopsided else None, old, new)


def _always(_: str) -> bool:
    return True


def _count_common(words: Sequence[str], others: Sequence[str]) -> int:
    return next(
        (number for number, (one, other) in enumerate(zip(words, others, strict=False)) if one != other), min(len(words), len(others))
    )


def _by_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    is_short = len(old) * len(new) <= 40_000
    for tag, i1, i2, j1, j2 in SequenceMatcher(str.isspace, old, new, autojunk=not is_short).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[i1:i2]))
        else:
            yield from (Piece("out", "".join(old[i1:i2])), Piece("in", "".join(new[j1:j2])))


def _softened(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """A comma that stayed between two changed words makes three changes of one: it is counted as changed too."""
    found = [piece for piece in pieces if piece.text]
    for number, piece in enumerate(found):
        between = 0 < number < len(found) - 1 and piece.mark == "same"
        if between and len(piece.text.strip()) < SHORTEST and "\n" not in piece.text:
            yield from (Piece("out", piece.text), Piece("in", piece.text))
        else:
            yield piece


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Within a change all that went stands before all that came."""
    joined: list[Piece] = []
    out: list[str] = []
    come: list[str] = []

    def close() -> None:
        joined.extend(Piece(mark, "".join(texts)) for mark, texts in (("out", out), ("in", come)) if texts)  # type: ignore[arg-type]
        out.clear()
        come.clear()

    for piece in pieces:
        if piece.mark == "out":
            out.append(piece.text)
        elif piece.mark == "in":
            come.append(piece.text)
        else:
            close()
            if joined and joined[-1].mark == "same":
                joined[-1] = Piece("same", joined[-1].text + piece.text)
            else:
                joined.append(piece)
    close()
    return joined


def shorten(pieces: Sequence[Piece], *, around: int = AROUND, most: int = 2_000) -> list[Piece]:
    """The changes with a few words on either side; what lies between is a gap. No run is longer than `most` characters."""
    short: list[Piece] = []
    for number, piece in enumerate(pieces):
        if piece.mark != "same":
            cut = len(piece.text) > most
            short += [Piece(piece.mark, piece.text[:most]), Piece("gap", "…")] if cut else [piece]
            continue
        is_first, is_last = number == 0, number == len(pieces) - 1
        # At the ends of words, where there are any.
        head = "" if is_first else piece.text[:around].rpartition(" ")[0] or piece.text[:around]
        tail = "" if is_last else piece.text[-around:].partition(" ")[2] or piece.text[-around:]
        if len(piece.text) <= len(head) + len(tail) + 20:
            short.append(piece)
            continue
        short += [one for one in (Piece("same", head), Piece("gap", " … "), Piece("same", tail)) if one.text]
    return short


# --- merging ----------------------------------------------------------------------------------------

YOURS, THEIRS, END = "«« yours\n", "«« theirs\n", "«« end\n"


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes in one text; `clashes` passages were changed by both and stand there twice, between marks."""

    text: str
    clashes: int


def merge(base: str, mine: str, theirs: str) -> Merged:
    """What two people made of `base`, in one text: line by line, and word by word where both changed a line in different places."""
    texts: list[str] = []
    clashes = 0
    for stood, ours, others in _apart(*(_LINE.findall(text) for text in (base, mine, theirs))):
        chosen = _chosen(stood, ours, others)
        if chosen is None:
            chosen = _word_by_word("".join(stood), "".join(ours), "".join(others))
        if chosen is None:
            clashes += 1
            chosen = f"{YOURS}{_ended(ours)}{THEIRS}{_ended(others)}{END}"
        texts.append(chosen)
    return Merged("".join(texts), clashes)


def merged_text(base: str, mine: str, theirs: str) -> str:
    """Both changes in one text; empty where they overlap."""
    merged = merge(base, mine, theirs)
    return "" if merged.clashes else merged.text


def _chosen(stood: Sequence[str], ours: Sequence[str], others: Sequence[str]) -> str | None:
    """What both agree on, or what one of them alone changed; None where both did."""
    if ours in (others, stood):
        return "".join(others)
    return "".join(ours) if others == stood else None


def _word_by_word(stood: str, ours: str, others: str) -> str | None:
    words = [_TOKEN.findall(text) for text in (stood, ours, others)]
    if len(words[0]) * max(len(words[1]), len(words[2])) > MOST_PAIRS:
        return None
    chosen = [_chosen(*region) for region in _apart(*words)]
    return None if None in chosen else "".join(text for text in chosen if text is not None)


def _ended(lines: Sequence[str]) -> str:
    text = "".join(lines)
    return text if not text or text.endswith("\n") else f"{text}\n"


def _apart(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The three texts cut into regions that stand in all three, and the ones between."""
    at, ours, others = 0, 0, 0
    for start, end, in_mine, in_theirs in [*_shared(base, mine, theirs), (len(base), len(base), len(mine), len(theirs))]:
        between = (base[at:start], mine[ours:in_mine], theirs[others:in_theirs])
        if any(between):
            yield between
        if end > start:
            yield base[start:end], base[start:end], base[start:end]
        at, ours, others = end, in_mine + end - start, in_theirs + end - start


def _shared(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where a run of `base` stands unchanged in both: its start and end, and where it begins in mine and in theirs."""
    ours, others = _matcher(base, mine).get_matching_blocks(), _matcher(base, theirs).get_matching_blocks()
    i = j = 0
    while i < len(ours) and j < len(others):
        a, b = ours[i], others[j]
        start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < end:
            yield start, end, a.b + start - a.a, b.b + start - b.a
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
