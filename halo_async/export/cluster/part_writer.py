"""Writer of one attempt at a lane: rows into parts, and a record after each part."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import attrs

from halo_async._utils.fast_zlib import fast_zlib
from halo_async._utils.threads import run_in_thread
from halo_async.export.cluster.lane_record import ASIDE, SUFFIX, LanePart, LaneRecord, furthest
from halo_async.export.cluster.staging import StagingArea
from halo_async.export.fetch import RequestCounts
from halo_async.export.shown_rows import ShownRows
from halo_async.export.spool import SpoolCodec
from halo_async.pagination.split_rows import RowReader

PART = 8_000_000
"""Bytes of rows, before compression, that make a part."""
EVERY = 30.0
"""Seconds after which rows become a part in any case: what a worker that dies has read in vain."""


class PartWriter:
    """Receiver of a lane's rows, in place of the driver's ledger. It goes on from the furthest attempt before."""

    def __init__(
        self,
        area: StagingArea,
        folder: str,
        codec: SpoolCodec,
        counts: RequestCounts,
        tell: Callable[[], None],
        shown: ShownRows,
    ) -> None:
        """`shown`: has the rows that no record must forget."""
        self._shown = shown
        self._area = area
        self._folder = folder
        self._codec = codec
        self._counts = counts
        self._tell = tell
        self._attempt = uuid4().hex[:12]
        self._written = 0
        self._rows: list[bytes] = []
        self._size = 0
        self._since = time.monotonic()
        self._turn = asyncio.Lock()
        self.record = LaneRecord()
        """State of the lane; the last rows that it counts may not be written yet."""

    async def open(self) -> None:
        """Go on from the record of an earlier attempt, where there is any.

        :raises OSError: the address cannot be read.
        """
        record = await run_in_thread(self._earlier)
        if record is not None:
            self.record = record
            self._counts.add(record.counts)
            self._shown.expect(record.extra.get(ASIDE, ()))

    def _earlier(self) -> LaneRecord | None:
        names = [name for name in self._area.names(self._folder) if name.endswith(SUFFIX)]
        return furthest(LaneRecord.parse(self._area.read(f"{self._folder}/{name}")) for name in names)

    async def commit(
        self,
        lane: int,
        state: Any,
        rows: Sequence[bytes],
        repeats: int = 0,
        *,
        read_by: RowReader | None = None,
    ) -> None:
        """See `PageCommitter.commit`: the rows are written with others, later.

        :raises OSError: they cannot be written.
        """
        record = self.record
        self._rows += rows
        self._size += sum(map(len, rows))
        self.record = attrs.evolve(
            record, state=state, rows=record.rows + len(rows), repeats=record.repeats + repeats
        )
        if self._size >= PART or time.monotonic() - self._since >= EVERY:
            await self.flush()
        self._tell()

    async def flush(self) -> None:
        """Write what was received.

        :raises OSError: it cannot be written.
        """
        async with self._turn:
            self._since = time.monotonic()
            if rows := list(self._rows):
                part = await run_in_thread(self._write_part, rows)
                # Not before: a cancelled write is made again, and a record must not run ahead of its parts.
                self._rows, self._size = [], 0
                self.record = attrs.evolve(self.record, parts=(*self.record.parts, part))
            aside = {ASIDE: list(missed)} if (missed := self._shown.missed()) else {}
            extra = {**self.record.extra, **aside}
            self.record = attrs.evolve(self.record, counts=tuple(self._counts.as_list()), extra=extra)
            if self.record.state is not None:
                await run_in_thread(self._write_record, self.record)

    async def finish(self, total: int = 0, **extra: Any) -> LaneRecord:
        """Write the rest, and that the lane is complete: from then on the driver can take it.

        :raises OSError: it cannot be written.
        """
        done = attrs.evolve(self.record, complete=True, total=total, extra=extra)
        self.record = done
        await self.flush()
        return self.record

    async def add_packed(self, data: bytes, rows: int) -> None:
        """Write a part of rows that are packed already.

        :raises OSError: it cannot be written.
        """
        part = await run_in_thread(self._write_packed, data, rows)
        self.record = attrs.evolve(
            self.record, parts=(*self.record.parts, part), rows=self.record.rows + rows
        )

    def _write_part(self, rows: Sequence[bytes]) -> LanePart:
        return self._write_packed(self._codec.pack(b"\n".join([*rows, b""])), len(rows))

    def _write_packed(self, data: bytes, rows: int) -> LanePart:
        name = f"{self._next_name()}.part"
        self._area.write(f"{self._folder}/{name}", data)
        return LanePart(name, len(data), fast_zlib().crc32(data), rows)

    def _write_record(self, record: LaneRecord) -> None:
        self._area.write(f"{self._folder}/{self._next_name()}{SUFFIX}", record.as_bytes())

    def _next_name(self) -> str:
        self._written += 1
        return f"{self._attempt}-{self._written:05d}"
