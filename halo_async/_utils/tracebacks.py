"""Errors without the frames they passed through: tracebacks with locals expose function arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, its causes and its contexts, also those that are suppressed, each once."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += (one.__cause__, one.__context__)


def strip_traceback(error: E) -> E:
    """Return the same error, ready to be raised again; neither it nor its causes hold a frame."""
    for one in causes_of(error):
        one.__traceback__ = None
    return error
