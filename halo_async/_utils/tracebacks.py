"""Errors without the frames that they came through: tracebacks with locals show what functions were given."""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def strip_traceback(error: E) -> E:
    """The same error, ready to be raised anew; neither it nor what led to it keeps a frame."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = None
            left += (one.__cause__, one.__context__)
    return error
