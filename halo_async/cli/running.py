"""An event loop for one command, in which no signal goes unnoticed."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from halo_async.cli.termination import MAIN_TASKS

T = TypeVar("T")


def run_awake(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, awake to every signal.

    Python handles a signal between two instructions of the main thread. One that is received in the moment before the
    loop falls asleep, or by another thread, interrupts no system call: it would be handled when the loop wakes next,
    which under a quota is minutes later. A byte in a socket that the loop watches wakes it at once.
    """
    with _waker() as waker, asyncio.Runner() as runner:
        if waker is not None:
            runner.get_loop().add_reader(waker, _drain, waker)
        try:
            return runner.run(_as_main_task(work))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            work.close()  # it may not have begun


async def _as_main_task(work: Coroutine[Any, Any, T]) -> T:
    MAIN_TASKS.append(asyncio.current_task())
    try:
        return await work
    finally:
        MAIN_TASKS.pop()


@contextmanager
def _waker() -> Iterator[socket.socket | None]:
    """A socket that can be read from after a signal; None where the loop sees to it itself, or no signal is handled."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield None
        return
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
