"""The columns of the rows that are gathered, found while they are: the file need not be read again for them.

A page's rows are read anyway, for their ids. They are read by what refuses those that need more columns than the rows
before; only the others, and rows that were read otherwise, are looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from halo_async._utils.threads import run_in_thread
from halo_async.pagination.split_rows import RowReader
from halo_async.tables.schema_scan import SchemaScan
from halo_async.transport.types import AT_ONCE


class GatheredColumns:
    """The columns of the rows of one spool."""

    def __init__(self, new_scan: Callable[[], SchemaScan]) -> None:
        """`new_scan`: makes the scan that rows are added to."""
        self._new_scan = new_scan
        self._turn = asyncio.Lock()
        self.scan: SchemaScan | None = new_scan()
        """The scan that all rows of the spool were added to; None if some were not."""

    @property
    def reader(self) -> RowReader | None:
        """The reader for pages that are requested now."""
        return None if self.scan is None else self.scan.reader

    def clear(self) -> None:
        """Begin again: the spool is empty."""
        self.scan = self._new_scan()

    def lose(self) -> None:
        """Give up: the spool has other rows than those that are added."""
        self.scan = None

    async def add(self, rows: Sequence[bytes], read_by: RowReader | None) -> None:
        """Add rows of the spool, in their order.

        :param read_by: what read all of them.
        """
        scan = self.scan
        if scan is None or not rows or scan.covers(read_by):
            return
        async with self._turn:
            if sum(map(len, rows)) > AT_ONCE:
                await run_in_thread(scan.add, rows)
            else:
                scan.add(rows)
