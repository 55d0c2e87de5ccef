"""Kernels: functions that run as plain Python over lists and, where the extra `fast` (numba) is there, compiled over arrays.

A kernel sees vectors of whole numbers, named tuples of them, other kernels, and nothing else, so both ways give the same numbers.
Compiled ones count in 64 bits, plain ones without limit: whoever calls the compiled one knows that its numbers fit. Compiling waits for the first
large run, so a web process, which ranks small components only, neither imports numba nor waits for it.

A compiled kernel asks for no memory: it cuts its vectors from one array, its `scratch`, and gives them back in the order of a stack. So
machine code counts no references, which took two thirds of its time, and must not hand out a bare vector: results are named tuples, or are written
into a vector that came in. Plain kernels get any scratch, and their vectors are lists of their own.
"""

import dis
import hashlib
import os
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any, TypeAlias, TypeVar

import numpy as np

from prioritization.engine.types import Ints

Vector: TypeAlias = list[int]
"""A list in plain Python, an int64 array in a compiled kernel."""
_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

_sources: dict[Callable[..., Any], Callable[..., Any]] = {}
"""What is compiled for each kernel: itself, but for the few that make vectors."""
_inlined: set[Callable[..., Any]] = set()
"""Kernels that are compiled as a part of each that calls them: only so may they answer a bare vector."""
_twins: dict[Callable[..., Any], Callable[..., Any]] = {}


def kernel(function: _Kernel) -> _Kernel:
    """Mark a function as one that `compiled` may translate."""
    _sources[function] = function
    return function


@kernel
def zeros(scratch: Vector, count: int) -> Vector:
    """A vector of zeros."""
    return [0] * count


@kernel
def filled(scratch: Vector, count: int, number: int) -> Vector:
    """A vector of one number."""
    return [number] * count


@kernel
def counting(scratch: Vector, count: int) -> Vector:
    """0, 1, 2, ..."""
    return list(range(count))


@kernel
def copied(scratch: Vector, vector: Vector) -> Vector:
    """Another vector of the same numbers."""
    return vector[:]


@kernel
def mark(scratch: Vector) -> int:
    """How much of the scratch is taken, for `release`."""
    return 0


@kernel
def release(scratch: Vector, taken: int) -> None:
    """Give back all vectors made since the mark; none of them may be used any more."""


@kernel
def unset(scratch: Vector, count: int) -> Vector:
    """A vector of any numbers, each of which must be written before it is read: zeros would be written in vain."""
    return [0] * count


def _unset(scratch: Vector, count: int) -> Vector:
    start = scratch[0]
    stop = start + count
    if stop > len(scratch):
        raise MemoryError("The kernels have used up their scratch.")
    scratch[0] = stop
    return scratch[start:stop]


@kernel
def _fill(vector: Vector, number: int) -> None:
    for at in range(len(vector)):
        vector[at] = number


@kernel
def _copy(source: Vector, target: Vector) -> None:
    for at in range(len(source)):
        target[at] = source[at]


@kernel
def _count(vector: Vector) -> None:
    for at in range(len(vector)):
        vector[at] = at


def _filled(scratch: Vector, count: int, number: int) -> Vector:
    vector = unset(scratch, count)
    _fill(vector, number)
    return vector


def _zeros(scratch: Vector, count: int) -> Vector:
    vector = unset(scratch, count)
    _fill(vector, 0)
    return vector


def _counting(scratch: Vector, count: int) -> Vector:
    vector = unset(scratch, count)
    _count(vector)
    return vector


def _copied(scratch: Vector, vector: Vector) -> Vector:
    other = unset(scratch, len(vector))
    _copy(vector, other)
    return other


def _mark(scratch: Vector) -> int:
    return scratch[0]


def _release(scratch: Vector, taken: int) -> None:
    scratch[0] = taken


_over_scratch: dict[Callable[..., Any], Callable[..., Any]] = {
    unset: _unset,
    zeros: _zeros,
    filled: _filled,
    counting: _counting,
    copied: _copied,
    mark: _mark,
    release: _release,
}
_sources |= _over_scratch
_inlined |= set(_over_scratch)


def scratch_of(numbers: int) -> Ints:
    """Room for so many numbers; the first place tells how far it is taken."""
    scratch: Ints = np.empty(numbers + 1, dtype=np.int64)
    scratch[0] = 1
    return scratch


@cache
def can_compile() -> bool:
    """Whether the extra `fast` is installed and not switched off (NUMBA_DISABLE_JIT, numba's own switch)."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in {"", "0"} and find_spec("numba") is not None


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled twin of a kernel and of all kernels it calls; compiled at its first call, and kept on disk for the next process."""
    if function not in _twins:
        _keep_apart()
        _twins[function] = _translated(function)
    return _twins[function]


def _translated(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same code, in a scope in which the names of kernels mean their twins."""
    from numba import njit

    source = _sources[function]
    assert isinstance(source, FunctionType)
    scope = dict(source.__globals__)
    for name in {step.argval for step in dis.get_instructions(source) if step.opname == "LOAD_GLOBAL"}:
        called = scope.get(name)
        if isinstance(called, FunctionType) and called in _sources:
            scope[name] = compiled(called)
    copy = FunctionType(source.__code__, scope, function.__name__)
    copy.__module__, copy.__qualname__ = function.__module__, function.__qualname__
    inline = "always" if function in _inlined else "never"
    twin: Callable[..., Any] = njit(cache=True, nogil=True, inline=inline, _nrt=False)(copy)  # _nrt: whether references are counted
    return twin


@cache
def _keep_apart() -> None:
    """Let numba keep what it compiles by the sources of all kernels: by itself it notices no change of a kernel that another one calls."""
    from numba import config

    if not config.CACHE_DIR:
        folder = Path(__file__).parent
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in [Path(__file__), *sorted((folder / "kernels").glob("*.py"))]))
        config.CACHE_DIR = str(folder / "__pycache__" / f"kernels-{digest.hexdigest()[:16]}")
