"""Kernels: functions that run as plain Python over lists and, where the extra `fast` (numba) is there, compiled over arrays.

A kernel sees vectors of whole numbers, named tuples of them, other kernels, and nothing else, so both ways give the same numbers.
Compiled ones count in 64 bits, plain ones without limit: whoever calls the compiled one knows that its numbers fit. Compiling waits for the first
large run, so a web process, which ranks small components only, neither imports numba nor waits for it.
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

Vector: TypeAlias = list[int]
"""A list in plain Python, an int64 array in a compiled kernel."""
_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

_sources: dict[Callable[..., Any], Callable[..., Any]] = {}
"""What is compiled for each kernel: itself, but for the few that make vectors."""
_twins: dict[Callable[..., Any], Callable[..., Any]] = {}


def kernel(function: _Kernel) -> _Kernel:
    """Mark a function as one that `compiled` may translate."""
    _sources[function] = function
    return function


@kernel
def zeros(count: int) -> Vector:
    """A vector of zeros."""
    return [0] * count


@kernel
def filled(count: int, number: int) -> Vector:
    """A vector of one number."""
    return [number] * count


@kernel
def counting(count: int) -> Vector:
    """0, 1, 2, ..."""
    return list(range(count))


_sources[zeros] = lambda count: np.zeros(count, np.int64)
_sources[filled] = lambda count, number: np.full(count, number, np.int64)
_sources[counting] = lambda count: np.arange(0, count)


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
    twin: Callable[..., Any] = njit(cache=True, nogil=True)(copy)
    return twin


@cache
def _keep_apart() -> None:
    """Let numba keep what it compiles by the sources of all kernels: by itself it notices no change of a kernel that another one calls."""
    from numba import config

    if not config.CACHE_DIR:
        folder = Path(__file__).parent
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in [Path(__file__), *sorted((folder / "kernels").glob("*.py"))]))
        config.CACHE_DIR = str(folder / "__pycache__" / f"kernels-{digest.hexdigest()[:16]}")
