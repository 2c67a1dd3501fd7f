"""One call on its way to the loop's thread and back, and what the calling thread does meanwhile."""

from __future__ import annotations

import asyncio
import sys
from _thread import allocate_lock
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any

from halo_async._utils.background import start_for_caller

_LONGEST_WAIT = 0.1 if sys.platform == "win32" else None
"""Seconds: on Windows a thread that waits for a lock does not notice Ctrl-C."""
_TIMEOUT = _LONGEST_WAIT or -1


class PortalCall:
    """A coroutine that runs on the loop with the context of the thread that calls, and its outcome."""

    __slots__ = ("_context", "_done", "_entered", "_task", "_work", "error", "finished", "result")

    def __init__(self, work: Awaitable[Any]) -> None:
        self._work = work
        self._context = copy_context()
        self._task: asyncio.Task[None] | None = None
        self._done = allocate_lock()
        self._done.acquire()
        self._entered = self.finished = False
        self.result: Any = None
        self.error: BaseException | None = None

    def start(self) -> None:
        """Start it; called by the loop."""
        self._task = start_for_caller(self._drive(), self._context)

    def cancel(self) -> None:
        """Cancel it; called by the loop. A task that never ran would not say that it is done."""
        if self.finished:
            return
        if self._task is not None and self._entered:
            self._task.cancel()
        else:
            asyncio.get_running_loop().call_soon(self.cancel)

    def wait(self) -> None:
        """Wait for the outcome, in the thread that calls. A signal handler may raise meanwhile."""
        while not self._done.acquire(timeout=_TIMEOUT):
            pass

    def wait_for_cleanup(self) -> None:
        """Wait for the end of a call that was cancelled."""
        if not self.finished:  # set before the lock is released, which `wait` may just have acquired
            self.wait()

    def _finish(self) -> None:
        self.finished = True
        self._done.release()

    async def _drive(self) -> None:
        self._entered = True
        try:
            self.result = await self._work
        except BaseException as error:
            self.error = error
        self._finish()


class CallerDesk:
    """Jobs for the thread that waits for a call: functions of the user, who may expect them there.

    A connection of sqlite3 or a progress bar belongs to its thread, and a function that uses the client itself
    would wait for the loop that waits for it.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], object] | PortalCall] = SimpleQueue()

    def put(self, job: Callable[[], object] | PortalCall) -> None:
        """Hand over a job, or a call that is done."""
        self._jobs.put(job)

    def serve(self, call: PortalCall, *, working: bool = True) -> None:
        """Do jobs until the call is done; without `working` drop them. What a job raises is raised here."""
        while True:
            try:
                job = self._jobs.get(timeout=_LONGEST_WAIT)
            except Empty:
                continue
            if job is call:
                return
            if working and not isinstance(job, PortalCall):
                job()


class ServedCall(PortalCall):
    """A call whose thread does jobs while it waits."""

    __slots__ = ("_desk",)

    def __init__(self, work: Awaitable[Any], desk: CallerDesk) -> None:
        super().__init__(work)
        self._desk = desk

    def wait(self) -> None:
        """Do jobs until the outcome is there."""
        self._desk.serve(self)

    def wait_for_cleanup(self) -> None:
        """Wait for the end; jobs are of no use any more."""
        if not self.finished:
            self._desk.serve(self, working=False)

    def _finish(self) -> None:
        self.finished = True
        self._desk.put(self)
