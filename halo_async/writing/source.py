"""Source of the rows of a bulk write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from halo_async._utils.background import in_own_task
from halo_async._utils.loop_turns import TurnBudget
from halo_async._utils.task_groups import OpenGroup
from halo_async.records.record import Record
from halo_async.writing.rows import BulkRow

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream


class BulkSource:
    """Rows in batches from a plain or an asynchronous iterable, read only as far as requested.

    One task reads them all: an asynchronous generator may hold a timeout or a scope that is bound to its
    task. It is not cancelled by a scope of ours, since its cleanup is the user's (`in_own_task`).
    """

    def __init__(self, rows: Iterable[Any] | AsyncIterable[Any], size: int) -> None:
        if isinstance(rows, str | bytes | Mapping | Record) or not isinstance(rows, Iterable | AsyncIterable):
            raise TypeError("bulk_upsert() takes an iterable of records, plain or asynchronous.")
        self._rows = rows
        self._size = size
        self._count = 0
        self.trouble: Exception | None = None
        """Error of the iterable; the rows before it are still returned."""

    def start(self, group: OpenGroup, deliver: Callable[[list[BulkRow] | BaseException], None]) -> None:
        """Start the task that reads: it hands over each batch that is asked for, or why there is none."""
        from anyio import CancelScope, create_memory_object_stream

        self._scope = CancelScope()
        self._asks, asked = create_memory_object_stream[None](1)
        group.start_soon(self._run_source, asked, deliver)

    def ask(self) -> None:
        """Ask for the next rows; fewer than a batch at the end, then none."""
        self._asks.send_nowait(None)

    def stop(self) -> None:
        """Stop reading, also in the middle of a row."""
        self._scope.cancel()

    async def _run_source(
        self,
        asked: MemoryObjectReceiveStream[None],
        deliver: Callable[[list[BulkRow] | BaseException], None],
    ) -> None:
        with self._asks, asked, self._scope:
            try:
                await in_own_task(self._serve(asked, deliver))
            except (Exception, asyncio.CancelledError) as error:
                if not self._scope.cancel_called:
                    deliver(error)
                raise

    async def _serve(
        self, asked: MemoryObjectReceiveStream[None], deliver: Callable[[list[BulkRow]], None]
    ) -> None:
        async with aclosing(self._opened()) as rows:
            async for _ in asked:
                deliver(await self._collect_batch(rows))
                if self._scope.cancel_called:
                    return  # the rows' own cleanup may have caught the cancellation

    async def _collect_batch(self, rows: AsyncIterator[Any]) -> list[BulkRow]:
        batch: list[BulkRow] = []
        turn = TurnBudget()
        while len(batch) < self._size:
            try:
                given = await anext(rows)
            except StopAsyncIteration:
                break
            except Exception as error:
                self.trouble = error
                break
            batch.append(BulkRow(self._count, given))
            self._count += 1
            await turn.spend()
        return batch

    async def _opened(self) -> AsyncGenerator[Any, None]:
        if not isinstance(self._rows, AsyncIterable):
            for row in self._rows:
                yield row
            return
        iterator = aiter(self._rows)
        try:
            async for row in iterator:
                yield row
        finally:
            close = getattr(iterator, "aclose", None)
            if close is not None and iterator is not self._rows:  # it was created here
                await close()
