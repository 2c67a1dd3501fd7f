"""How many lines of Python run, which is the same on every machine, however busy it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


class TooManyStepsError(BaseException):
    """No code that catches every exception may keep what has no end going."""


def steps(work: Callable[[], object], most: int | None = None) -> int:
    """The lines that run in this thread until `work` returns; a loop counts each time around.

    :param most: ends the work with an error after so many.
    """
    count = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        if most is not None and count > most:
            raise TooManyStepsError(most)
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
