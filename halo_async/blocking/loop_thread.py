"""The event loop of one blocking client, in a daemon thread: a forgotten one does not keep the process alive."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from threading import Event, Thread, get_ident

AT_EXIT = 5.0
"""Longest wait in seconds for a client that was not closed before the interpreter exits."""


class LoopThread:
    """A running loop, and the cleanup with which it ends.

    :param cleanup: closes the client, on the loop.
    """

    def __init__(self, cleanup: Callable[[], Awaitable[None]]) -> None:
        self._cleanup = cleanup
        self._started = Event()
        self._thread = Thread(target=self._run_loop, name="halo-async-blocking", daemon=True)
        self._process = os.getpid()
        self._ended = False
        self.error: BaseException | None = None
        """Error of the cleanup."""
        self._thread.start()
        self._started.wait()

    @property
    def is_current(self) -> bool:
        """True in the loop's own thread."""
        return get_ident() == self._thread.ident

    @property
    def is_foreign(self) -> bool:
        """True in a process that was forked: of its threads only the one that forks lives on there."""
        return self._process != os.getpid()

    @property
    def is_alive(self) -> bool:
        """True while it runs, in its own process."""
        return not self._ended and not self.is_foreign

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have the loop call a function. :raises RuntimeError: the loop has ended."""
        self._loop.call_soon_threadsafe(function)

    def stop(self, timeout: float | None = None) -> None:
        """Cancel what runs, clean up, and end the thread; wait for that, unless it is the own one."""
        if self.is_alive:
            self.call_soon(self._stopping.set)
            if not self.is_current:
                self._thread.join(timeout)

    def _run_loop(self) -> None:
        try:
            with asyncio.Runner() as runner:  # not `asyncio.run`, which notebooks are known to replace
                runner.run(self._serve())
        except BaseException as error:  # nobody would see it here: `close` raises it
            self.error = error
        finally:
            self._ended = True
            self._started.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._started.set()
        await self._stopping.wait()
        await stop_others()
        await self._cleanup()


async def stop_others() -> None:
    """Cancel every other task of the loop, and wait for them."""
    from halo_async._utils.background import stop

    current = asyncio.current_task()
    await stop(*(task for task in asyncio.all_tasks() if task is not current))
