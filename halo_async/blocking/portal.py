"""The way of a blocking client to its event loop: started by the first call, used from any thread.

`anyio.from_thread.BlockingPortal` does the same with two tasks and a future for a call, and makes a small call half as
long again as an awaited one (130 µs); a task and a lock add a fifth.
"""

from __future__ import annotations

import warnings
from asyncio import CancelledError
from asyncio.events import _get_running_loop
from collections.abc import Awaitable, Callable, Coroutine
from threading import Lock
from typing import Any, TypeVar
from weakref import finalize

from halo_async._utils.notebook import in_notebook
from halo_async.blocking.call import CallerDesk, PortalCall, ServedCall
from halo_async.blocking.loop_thread import AT_EXIT, LoopThread

T = TypeVar("T")


class Portal:
    """Runs coroutines of one client for threads that wait for them.

    :param cleanup: closes the client, on its loop.
    :param made_at: where the client was made, for the warning of one that is never closed.
    """

    def __init__(self, cleanup: Callable[[], Awaitable[None]], made_at: str) -> None:
        self._cleanup = cleanup
        self._made_at = made_at
        self._lock = Lock()
        self._loop: LoopThread | None = None
        self._closed = False

    def run(self, work: Coroutine[Any, Any, T], desk: CallerDesk | None = None) -> T:
        """Run a coroutine on the loop and return its result, or raise its error. Ctrl-C cancels it.

        :param desk: jobs that this thread does meanwhile.
        :raises RuntimeError: the client is closed, belongs to another process, or this thread must not wait.
        """
        call = PortalCall(work) if desk is None else ServedCall(work, desk)
        loop = self._start_work(work, call.start)
        try:
            call.wait()
        except BaseException:  # KeyboardInterrupt, what another signal handler raised, or a job
            loop.call_soon(call.cancel)
            call.wait_for_cleanup()
            raise
        if call.error is not None:
            raise self._own_error(call)
        result: T = call.result
        return result

    def run_cleanup(self, work: Coroutine[Any, Any, object]) -> None:
        """Run the end of something, wherever the garbage collector comes along; with a loop it has ended itself."""
        loop = self._loop
        if loop is None or not loop.is_alive:
            work.close()
        elif loop.is_current or _get_running_loop() is not None:
            loop.call_soon(PortalCall(work).start)  # this thread must not wait
        else:
            self.run(work)

    def open(self) -> None:
        """Allow calls, also after `close`."""
        self._closed = False

    def close(self) -> None:
        """End the loop with what runs on it; once more does no harm."""
        self._closed = True
        if self._loop is None or not self._loop.is_alive:
            return  # nothing runs; after a fork the lock may be locked for ever
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            self._finalizer.detach()
            loop.stop()
            if loop.error is not None:
                raise loop.error

    def _start_work(self, work: Coroutine[Any, Any, Any], start: Callable[[], object]) -> LoopThread:
        wrong = self._explain_refusal()
        if wrong is None:
            with self._lock:
                if not self._closed:
                    loop = self._started()
                    loop.call_soon(start)
                    return loop
        work.close()  # it would warn that nobody awaited it
        raise RuntimeError(wrong or _CLOSED)

    def _explain_refusal(self) -> str | None:
        loop = self._loop
        if _get_running_loop() is not None:
            if loop is not None and loop.is_current:
                return _OWN_LOOP
            if not in_notebook():
                return _BLOCKS
        if loop is not None and not loop.is_alive:
            return _FORKED if loop.is_foreign else _CLOSED
        return None

    def _started(self) -> LoopThread:
        if self._loop is None:
            self._loop = LoopThread(self._cleanup)
            self._finalizer = finalize(self, _forgotten, self._loop, self._made_at)
        return self._loop

    def _own_error(self, call: PortalCall) -> BaseException:
        """Return the error of a call, without the frame of the loop's thread."""
        error, call.error = call.error, None  # else its frames and itself hold each other
        assert error is not None
        if self._closed and isinstance(error, CancelledError):
            return RuntimeError("The client was closed while this call ran. Close it after the last call.")
        frames = error.__traceback__
        return error.with_traceback(frames.tb_next if frames else None)


_CLOSED = "This Halo client is closed. Use it inside its `with` block."
_FORKED = (
    "This Halo client was used before the process forked, and its event loop lives in the parent. "
    "Create a client in the new process."
)
_OWN_LOOP = (
    "A function that the client calls while it reads a response cannot call the client. "
    "Collect what is needed, and call the client after that."
)
_BLOCKS = (
    "This call would block the event loop that runs in this thread. "
    "Use halo_async.Halo and `await`, or run the function that uses this client in a thread of its own."
)


def _forgotten(loop: LoopThread, made_at: str) -> None:
    """End the loop of a client that nobody has any more, or at the exit of the interpreter."""
    if not loop.is_alive:
        return
    warnings.warn(
        f"A blocking Halo client made at {made_at} was never closed. Use `with`, or call close().",
        ResourceWarning,
        stacklevel=2,
    )
    loop.stop(AT_EXIT)
