"""Signals while a command runs: SIGTERM ends it as Ctrl-C does, and the event loop misses none."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from halo_async.cli.errors import Exit

if TYPE_CHECKING:
    import socket

T = TypeVar("T")
_NAMES = ("SIGTERM", "SIGBREAK")
"""Signals that ask a process to end; Windows has the second one, which `taskkill` and closing a console cause."""


class Termination:
    """Record of a signal other than Ctrl-C that asked the command to end."""

    def __init__(self) -> None:
        self.received = False
        self.over = False

    @property
    def code(self) -> Exit:
        """The exit code of an interrupted command."""
        return Exit.TERMINATED if self.received else Exit.INTERRUPTED

    @property
    def word(self) -> str:
        """Return what is said of it."""
        return "terminated" if self.received else "interrupted"

    def end(self) -> None:
        """Ignore further signals, Ctrl-C too: the command has ended, and its last words must not be cut off."""
        self.over = True
        ours = threading.current_thread() is threading.main_thread()
        if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Do what Ctrl-C would: asyncio cancels its main task, anything else is left by a KeyboardInterrupt."""
        if self.over:
            return
        first, self.received = not self.received, True
        interrupt = signal.getsignal(signal.SIGINT)
        if callable(interrupt):
            interrupt(signal.SIGINT, frame)
        elif not (first and _cancel_main_task()):  # ignored, as in a shell's background job
            raise KeyboardInterrupt


_MAIN_TASKS: list[Any] = []
"""The main task of the event loop that runs, if one does."""


def _cancel_main_task() -> bool:
    """Cancel it as asyncio does; an exception raised in the middle of anything may be caught there."""
    under_way = [task for task in _MAIN_TASKS if not task.done()]
    for task in under_way:
        task.cancel()
    return bool(under_way)


@contextmanager
def termination() -> Iterator[Termination]:
    """Listen while a command runs. A signal that whoever started us ignores or handles is left alone."""
    found = Termination()
    before: dict[int, Any] = {}
    interrupt = signal.getsignal(signal.SIGINT)
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
        if interrupt is signal.default_int_handler and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, interrupt)


def run_awake(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, awake to every signal.

    Python handles a signal between two instructions of the main thread. One that is received in the moment before the
    loop falls asleep, or by another thread, interrupts no system call: it would be handled when the loop wakes next,
    which under a quota is minutes later. A byte in a socket that the loop watches wakes it at once.
    """
    import asyncio
    import inspect

    try:
        with _waker() as waker, asyncio.Runner() as runner:
            if waker is not None:
                runner.get_loop().add_reader(waker, _drain, waker)
            return runner.run(_as_main_task(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:  # what has begun is the runner's: a second signal leaves `run` in the middle of it
        if inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
            work.close()


async def _as_main_task(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    _MAIN_TASKS.append(asyncio.current_task())
    try:
        return await work
    finally:
        _MAIN_TASKS.pop()


@contextmanager
def _waker() -> Iterator[socket.socket | None]:
    """A socket that can be read from after a signal; None where the loop sees to it itself, or no signal is handled."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield None
        return
    import socket

    read, write = socket.socketpair()
    with read, write:
        read.setblocking(False)
        write.setblocking(False)
        before = signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        try:
            yield read
        finally:
            signal.set_wakeup_fd(before)


def _drain(waker: socket.socket) -> None:
    with suppress(BlockingIOError, InterruptedError):
        waker.recv(4096)


@contextmanager
def ended_by_reader() -> Iterator[None]:
    """End the block as soon as the pipe of standard output has no reader, and not when something is next written.

    Where the system does not tell that, the next write does.

    :raises BrokenPipeError: there is no reader.
    """
    import asyncio
    import os
    import stat

    loop, task, gone = asyncio.get_running_loop(), asyncio.current_task(), False

    def end() -> None:
        nonlocal gone
        gone = True
        loop.remove_reader(pipe)
        if task is not None:
            task.cancel()

    pipe = -1
    with suppress(OSError, ValueError, NotImplementedError):
        number = sys.stdout.fileno()
        if sys.platform.startswith("linux") and stat.S_ISFIFO(os.fstat(number).st_mode):
            loop.add_reader(number, end)
            pipe = number
    try:
        yield
    except asyncio.CancelledError:
        if gone:
            raise BrokenPipeError from None
        raise
    finally:
        if pipe >= 0:
            loop.remove_reader(pipe)


def on_signals(stop: Callable[[], object]) -> None:
    """Call `stop` in the running loop at Ctrl-C and SIGTERM, as both are the normal end of a server."""
    import asyncio

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            return
