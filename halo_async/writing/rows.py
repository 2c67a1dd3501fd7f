"""Rows of a bulk write on their way, and where they come from."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from halo_async.errors import HaloError
from halo_async.payload import plain
from halo_async.record import Record
from halo_async.transport.prepared import PreparedRequest
from halo_async.writing.result import Outcome, RowResult


class Row:
    """One row of the input, from when it is read until its result is given out."""

    __slots__ = ("body", "digest", "given", "index", "key", "result")

    def __init__(self, index: int, given: Any) -> None:
        self.index = index
        self.given = given
        self.digest = digest(given)
        self.key: int | str | None = None
        """Its own id; None for a row that is to be created."""
        self.body = b""
        """Its JSON, once it is known to be one that can be sent."""
        self.result: RowResult[Any] | None = None

    def settle(
        self,
        outcome: Outcome,
        *,
        error: HaloError | None = None,
        record: Record | None = None,
        id: int | str | None = None,
        prepared: PreparedRequest | None = None,
        earlier: bool = False,
    ) -> None:
        """Say what came of it."""
        found = id if id is not None else self.key
        repeatable = outcome == "refused" or self.key is not None
        self.result = RowResult(
            self.index, self.given, outcome, found, record, error, prepared, repeatable, earlier
        )


def digest(row: Any) -> str:
    """A fingerprint of a row: the same for the same fields, in whatever order."""
    try:
        data = msgspec.json.encode(plain(row), order="deterministic")
    except (HaloError, TypeError, ValueError, RecursionError):
        data = b"cannot be sent"
    return blake2b(data, digest_size=12).hexdigest()


class Source:
    """Rows in batches out of a plain or an asynchronous iterable, read only as far as it is asked to."""

    def __init__(self, rows: Iterable[Any] | AsyncIterable[Any], size: int) -> None:
        if isinstance(rows, str | bytes | Mapping | Record) or not isinstance(rows, Iterable | AsyncIterable):
            raise TypeError("bulk_upsert() takes an iterable of records, plain or asynchronous")
        self._rows = rows
        self._size = size
        self._count = 0
        self._iterator: AsyncIterator[Any] | None = None

    async def batch(self) -> list[Row]:
        """The next rows; fewer than a batch at the end, then none."""
        if self._iterator is None:
            rows = self._rows
            self._iterator = aiter(rows) if isinstance(rows, AsyncIterable) else _of_plain(rows)
        batch: list[Row] = []
        while len(batch) < self._size:
            try:
                given = await anext(self._iterator)
            except StopAsyncIteration:
                break
            batch.append(Row(self._count, given))
            self._count += 1
        return batch

    async def aclose(self) -> None:
        """Let go of the iterator where it is one that was made here."""
        close = getattr(self._iterator, "aclose", None)
        if close is not None and self._iterator is not self._rows:
            await close()


async def _of_plain(rows: Iterable[Any]) -> AsyncIterator[Any]:
    for row in rows:
        yield row
