"""Keys of a manual order: texts that sort bytewise, with always room for another between two of them.

A key is a fraction in base 62, its digits ascending in ASCII, and ends in two random digits: two people who put something
into the same gap at once get different keys. (The package `fractional-indexing` makes keys without them; appending some to
its keys may step over the next key where one is the beginning of the other.)
"""

from collections.abc import Iterator
from random import Random
from secrets import SystemRandom

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LONG = 48
"""A key longer than this is worth spreading the list anew."""
_BASE = len(DIGITS)
_VALUE = {digit: value for value, digit in enumerate(DIGITS)}
_WIDTH = 5
"""Digits in which keys at either end of a list count up and down, so that adding there again and again makes none longer."""
_CHANCE: Random = SystemRandom()


class NoRoomError(ValueError):
    """The two keys are not in order, or are no keys."""


def key_between(low: str | None, high: str | None, *, chance: Random = _CHANCE) -> str:
    """A key `k` with `low < k < high` bytewise; None is the beginning or the end of the list. Raises NoRoomError where there is none."""
    if any(digit not in _VALUE for digit in f"{low or ''}{high or ''}") or "" in (low, high):
        raise NoRoomError("A key is digits and letters.")
    if high is None:
        stem = _counted(low, 1) or _stem(low or "", None)
    elif low is None:
        stem = _counted(high, -1) or _stem("", high)
    else:
        stem = _stem(low, high)
    return stem + _tail(chance)


def keys_between(low: str | None, high: str | None, count: int, *, chance: Random = _CHANCE) -> list[str]:
    """As many rising keys between the two, each about as long as one: every second half is cut in half."""
    if count < 1:
        return []
    before = (count - 1) // 2
    middle = key_between(low, high, chance=chance)
    return [
        *keys_between(low, middle, before, chance=chance),
        middle,
        *keys_between(middle, high, count - 1 - before, chance=chance),
    ]


def spread_keys(count: int, *, chance: Random = _CHANCE) -> Iterator[str]:
    """Rising keys, evenly far from each other."""
    room = _BASE**_WIDTH
    if count >= room // _BASE:
        raise NoRoomError("That is too long a list.")
    for number in range(1, count + 1):
        yield _digits(number * room // (count + 1)) + _tail(chance)


def _tail(chance: Random) -> str:
    """Two digits; the last is not 0, so that there is always room below."""
    return chance.choice(DIGITS) + chance.choice(DIGITS[1:])


def _digits(number: int) -> str:
    text = ""
    for _ in range(_WIDTH):
        number, digit = divmod(number, _BASE)
        text = DIGITS[digit] + text
    return text


def _counted(key: str | None, by: int) -> str:
    """The next number after (or before) that of the key; empty where counting comes to an end. The middle, without a key."""
    if key is None:
        return _digits(_BASE**_WIDTH // 2)
    number = 0
    for digit in key[:_WIDTH].ljust(_WIDTH, DIGITS[0]):
        number = number * _BASE + _VALUE[digit]
    number += by
    return _digits(number) if 0 < number < _BASE**_WIDTH else ""


def _stem(low: str, high: str | None) -> str:
    """A text above `low` and below `high` that is no beginning of `high`, so that whatever follows it stays below."""
    stem = ""
    is_open = high is None  # the stem is below `high` already
    for at in range(len(low) + len(high or "") + 2):
        bottom = _VALUE[low[at]] if at < len(low) else -1  # beyond its end, any digit is above
        if is_open:
            top = _BASE
        elif high is not None and at < len(high):
            top = _VALUE[high[at]]
        else:
            break
        if top - bottom >= 2:
            return stem + DIGITS[(bottom + top) // 2]
        if top < bottom:
            break
        is_open = is_open or top > max(bottom, 0)
        stem += DIGITS[max(bottom, 0)]
    raise NoRoomError("These keys are not in order.")
