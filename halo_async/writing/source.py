"""Source of the rows of a bulk write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from halo_async.records.record import Record
from halo_async.writing.rows import BulkRow


class RowSource:
    """Rows in batches from a plain or an asynchronous iterable, read only as far as requested.

    One task reads them all: an asynchronous generator may hold a timeout or a scope that is bound to its
    task.
    """

    def __init__(self, rows: Iterable[Any] | AsyncIterable[Any], size: int) -> None:
        if isinstance(rows, str | bytes | Mapping | Record) or not isinstance(rows, Iterable | AsyncIterable):
            raise TypeError("bulk_upsert() takes an iterable of records, plain or asynchronous")
        self._rows = rows
        self._size = size
        self._count = 0
        self.trouble: Exception | None = None
        """Error of the iterable; the rows before it are still returned."""
        self._asked: asyncio.Queue[asyncio.Future[list[BulkRow]]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def read(self) -> asyncio.Future[list[BulkRow]]:
        """Return the next rows once they are available; fewer than a batch at the end, then none."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._serve())
        batch: asyncio.Future[list[BulkRow]] = asyncio.get_running_loop().create_future()
        self._asked.put_nowait(batch)
        return batch

    def stop(self) -> list[asyncio.Task[None]]:
        """Stop reading; return the task that is still finishing."""
        if self._task is None:
            return []
        self._task.cancel()
        return [self._task]

    async def _serve(self) -> None:
        async with aclosing(self._opened()) as rows:
            while True:
                asked = await self._asked.get()
                try:
                    batch = await self._batch(rows)
                except BaseException:
                    asked.cancel()  # whoever awaits it must not wait for ever
                    raise
                if not asked.done():  # else nobody waits for it
                    asked.set_result(batch)

    async def _batch(self, rows: AsyncIterator[Any]) -> list[BulkRow]:
        batch: list[BulkRow] = []
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
