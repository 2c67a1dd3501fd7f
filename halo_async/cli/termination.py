"""SIGTERM ends a command as Ctrl-C does: what is under way is cancelled, and leaves its report and journal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from halo_async.cli.errors import Exit

_NAMES = ("SIGTERM", "SIGBREAK")
"""Signals that ask a process to end; Windows has the second one, which `taskkill` and closing a console cause."""


class Termination:
    """Record of a signal other than Ctrl-C that asked the command to end."""

    def __init__(self) -> None:
        self.received = False

    @property
    def code(self) -> Exit:
        """The exit code of an interrupted command."""
        return Exit.TERMINATED if self.received else Exit.INTERRUPTED

    @property
    def word(self) -> str:
        """Return what is said of it."""
        return "terminated" if self.received else "interrupted"

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Do what Ctrl-C would: asyncio cancels its main task, anything else is left by a KeyboardInterrupt."""
        first, self.received = not self.received, True
        interrupt = signal.getsignal(signal.SIGINT)
        if callable(interrupt):
            interrupt(signal.SIGINT, frame)
        elif not (first and _cancel_main_task()):  # ignored, as in a shell's background job
            raise KeyboardInterrupt


MAIN_TASKS: list[Any] = []
"""The main task of the event loop that runs, if one does."""


def _cancel_main_task() -> bool:
    """Cancel it as asyncio does; an exception raised in the middle of anything may be caught there."""
    under_way = [task for task in MAIN_TASKS if not task.done()]
    for task in under_way:
        task.cancel()
    return bool(under_way)


@contextmanager
def termination() -> Iterator[Termination]:
    """Listen while a command runs. A signal that whoever started us ignores or handles is left alone."""
    found = Termination()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        before = {number: old for number, old in before.items() if old == signal.SIG_DFL}
    for number in before:
        signal.signal(number, found.handle)
    try:
        yield found
    finally:
        for number, old in before.items():
            signal.signal(number, old)
