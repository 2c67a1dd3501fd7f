"""Rows that are read in the thread that writes them, while their writing waits for them on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from halo_async.blocking.call import CallerDesk
from halo_async.records.record import Record

_END: Any = object()


def in_caller(rows: Any, desk: CallerDesk) -> Any:
    """Return an iterable whose rows are read by the thread that serves `desk`; anything else as it is."""
    if isinstance(rows, list | tuple | str | bytes | Mapping | Record) or not isinstance(rows, Iterable):
        return rows
    return _CallerRows(rows, desk)


class _CallerRows:
    def __init__(self, rows: Iterable[Any], desk: CallerDesk) -> None:
        self._rows: Iterator[Any] | None = None
        self._source = rows
        self._desk = desk

    def __aiter__(self) -> _CallerRows:
        return self

    async def __anext__(self) -> Any:
        loop = asyncio.get_running_loop()
        row: asyncio.Future[Any] = loop.create_future()
        self._desk.put(partial(self._read_row, row, loop.call_soon_threadsafe))
        if (found := await row) is _END:
            raise StopAsyncIteration
        return found

    def _read_row(self, row: asyncio.Future[Any], tell: Callable[..., object]) -> None:
        if row.done():  # cancelled: a row that nobody waits for stays in its source
            return
        try:
            if self._rows is None:
                self._rows = iter(self._source)
            found = next(self._rows, _END)
        except Exception as error:
            tell(_settle, row, None, error)
        else:
            tell(_settle, row, found, None)


def _settle(row: asyncio.Future[Any], found: Any, error: Exception | None) -> None:
    if row.done():
        return
    if error is None:
        row.set_result(found)
    else:
        row.set_exception(error)
