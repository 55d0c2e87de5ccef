"""Work in a process of its own: a heap that once held a million items makes all that is measured in it afterwards slower, by a tenth and more."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

import django

from config.loading import without_collecting

P = ParamSpec("P")
R = TypeVar("R")


def apart(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the call answers, from a fresh process on the same database; the call is known by its name, and takes and gives what can be copied."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_set_up) as pool:
        return pool.submit(call, *args, **kwargs).result()


def _set_up() -> None:
    with without_collecting():
        django.setup()
