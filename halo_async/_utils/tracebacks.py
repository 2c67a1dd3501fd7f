"""Errors without the frames they passed through: tracebacks with locals expose function arguments."""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def strip_traceback(error: E) -> E:
    """Return the same error, ready to be raised again; neither it nor its causes hold a frame."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = None
            left += (one.__cause__, one.__context__)
    return error
