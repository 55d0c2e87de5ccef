"""Notes on a story that only show beside the others."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from math import ceil
from typing import TypeVar

from backlog.quality.notes import Criterion, Note
from backlog.quality.story import Story, parse_story

ENOUGH = 5  # stories before one way of writing counts as the custom
CUSTOM = 0.7  # of them that write it so
CLOSE = 0.75  # of the words of two wants together that both have
FEW = 4  # words below which a want is compared as a whole only

_WORD = re.compile(r"[^\W_]+")
_SAID = re.compile(r"[^\W_](?:[\w'\u2019]*\w)?")
_IDLE_WORDS = "a an and as be able can could i in is it me my of on our please so that the their them this to want we will would"
_IDLE = frozenset(_IDLE_WORDS.split())

_TWICE = "The same work in two places is sized twice, ordered twice and sometimes built twice."

K = TypeVar("K", bound=Hashable)


def same_want(want: str) -> tuple[str, ...]:
    """What a want comes down to: its words in order, without the idle ones, plural or not. Equal for two that ask for the same."""
    words = (word.casefold() for word in _WORD.findall(want))
    return tuple(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words if word not in _IDLE)


def advise_together(texts: Mapping[K, str]) -> dict[K, tuple[Note, ...]]:
    """Notes on each story that asks for what another asks for, or is written in a way of its own; only texts with notes are in the answer.

    The keys name the stories in the messages. Linear in the texts.
    """
    stories = {key: story for key, text in texts.items() if (story := parse_story(text))}
    notes: defaultdict[K, list[Note]] = defaultdict(list)
    _uniform(texts, stories, notes)
    _unique(stories, notes)
    return {key: tuple(found) for key, found in notes.items()}


def _unique(stories: Mapping[K, Story], notes: defaultdict[K, list[Note]]) -> None:
    alike: defaultdict[tuple[str, ...], list[K]] = defaultdict(list)
    for key, story in stories.items():
        if words := same_want(story.want):
            alike[words].append(key)
    exact = {key for keys in alike.values() if len(keys) > 1 for key in keys}
    for keys in alike.values():
        for key in keys if len(keys) > 1 else ():
            other = next(one for one in keys if one != key)
            is_same_role = stories[key].role.casefold() == stories[other].role.casefold()
            who = "" if is_same_role else f", for “{stories[other].role or 'somebody'}”"
            message = f"{other} asks for the same{who}. Merge them, or say in the want how they differ."
            notes[key].append(Note(Criterion.UNIQUE, stories[key].want_span, message, _TWICE))
    for key, other, shared in _close({key: frozenset(same_want(story.want)) for key, story in stories.items() if key not in exact}):
        message = f"{other} asks for nearly the same: {shared}. Merge them, or say in the want how they differ."
        notes[key].append(Note(Criterion.UNIQUE, stories[key].want_span, message, _TWICE))


def _close(wants: Mapping[K, frozenset[str]]) -> Iterator[tuple[K, K, str]]:
    """Each want with the first other that shares most of its words, and those words.

    Two that share CLOSE of their words share one of the rarest few of either, so that only such are compared (a prefix filter).
    """
    counts = Counter(word for words in wants.values() for word in words)
    by_word: defaultdict[str, list[K]] = defaultdict(list)
    rarest = {}
    for key, words in wants.items():
        if len(words) >= FEW:
            rarest[key] = sorted(words, key=lambda word: (counts[word], word))[: len(words) - ceil(CLOSE * len(words)) + 1]
            for word in rarest[key]:
                by_word[word].append(key)
    for key, few in rarest.items():
        for other in dict.fromkeys(other for word in few for other in by_word[word] if other != key):
            shared = wants[key] & wants[other]
            if len(shared) >= CLOSE * len(wants[key] | wants[other]):
                yield key, other, ", ".join(sorted(shared))
                break


def _uniform(texts: Mapping[K, str], stories: Mapping[K, Story], notes: defaultdict[K, list[Note]]) -> None:
    """The words around the parts, each beside its custom. A part that is missing is no other way; `advise` says so."""
    for words_of, shown in ((_wanting, "As a …, {} …"), (_joint, "…, {} …")):
        ways = {key: way for key, story in stories.items() if (way := words_of(texts[key], story))}
        if len(ways) < ENOUGH:
            continue
        (custom, count), *_ = Counter(ways.values()).most_common(1)
        for key, way in ways.items() if count >= CUSTOM * len(ways) else ():
            if way != custom:
                message = f"{count} of {len(ways)} stories read “{shown.format(custom)}”, this one “{shown.format(way)}”."
                notes[key].append(Note(Criterion.UNIFORM, stories[key].span, message, "Stories in one form are compared at a glance."))


def _wanting(text: str, story: Story) -> str:
    """“I want”, “I would like”; what describes the role in front of it is left out."""
    said = list(_SAID.finditer(text, story.role_span[1] or story.span[0], story.want_span[0]))
    start = next((place for place, word in enumerate(said) if word[0].casefold().replace("\u2019", "'") in ("i", "we", "i'd", "i'm")), 0)
    first, *rest = [word[0] for word in said[start:]] or [""]
    return " ".join([first, *(word.lower() for word in rest)])


def _joint(text: str, story: Story) -> str:
    """“so that”, “in order”."""
    joint = text[story.want_span[1] : story.benefit_span[0]] if story.benefit else ""
    return " ".join(word[0].lower() for word in _SAID.finditer(joint))
