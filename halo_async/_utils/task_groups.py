"""Task groups of anyio whose errors are single ones, and of which none forgets a cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from halo_async._utils.background import start, stop, wait

if TYPE_CHECKING:
    from anyio import Event
    from anyio.abc import TaskGroup

Work = Coroutine[Any, Any, None]


async def run_all(lanes: Iterable[Work]) -> None:
    """Run them all; the first error cancels the others and is raised unchanged, not in a group.

    A cancellation comes before any error. A task group of anyio (4.16.0), as that of asyncio before Python 3.13,
    forgets a native one where a task of it fails at the same time: whoever catches the error would go on, with nobody
    left to cancel it again. And it takes a task that was cancelled from within for one that is done. So a group gets
    to see neither.
    """
    from anyio import create_task_group
    from anyio.lowlevel import checkpoint_if_cancelled

    errors: list[BaseException] = []
    async with create_task_group() as group:
        for lane in lanes:
            group.start_soon(_noted, lane, group, errors)
    await checkpoint_if_cancelled()
    if errors:
        raise errors[0]


class OpenGroup:
    """A task group for a block in which an async generator yields: it lives in a task of its own.

    The end of the block waits for the group's tasks, and cancels them if it is left by an error, or cancelled
    meanwhile; not if the generator is closed. Then it raises the first error of a task, which cancels the others.
    """

    def __init__(self) -> None:
        self._group: TaskGroup | None = None
        self._errors: list[BaseException] = []

    async def __aenter__(self) -> Self:
        from anyio import Event

        opened, self._over = Event(), Event()
        self._holder = start(self._hold(opened))
        try:
            await opened.wait()
        except asyncio.CancelledError:
            await stop(self._holder)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        self._over.set()
        if error is not None and not isinstance(error, GeneratorExit):
            await stop(self._holder)
            return
        try:
            await wait(self._holder)
        except asyncio.CancelledError:
            await stop(self._holder)
            raise
        if self._errors and error is None:
            raise self._errors[0]

    def start_soon(self, work: Callable[..., Work], *args: Any) -> None:
        """Start a task of the group."""
        assert self._group is not None
        self._group.start_soon(_noted, work(*args), self._group, self._errors)

    def cancel(self) -> None:
        """Cancel its tasks; the end of the block still waits for them."""
        assert self._group is not None
        self._group.cancel_scope.cancel()

    async def _hold(self, opened: Event) -> None:
        from anyio import create_task_group

        async with create_task_group() as self._group:
            opened.set()
            await self._over.wait()


async def _noted(work: Work, group: TaskGroup, errors: list[BaseException]) -> None:
    try:
        await work
    except (Exception, asyncio.CancelledError) as error:
        errors.append(error)
        group.cancel_scope.cancel()
