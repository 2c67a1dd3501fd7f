"""A list short enough to be held: the children of one parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halo_async.export.fetch import Fetcher
from halo_async.export.probe import is_all
from halo_async.export.tally import Tally
from halo_async.export.upward import Pass
from halo_async.walk import missing


class _Held:
    """Rows that stay in memory."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []

    async def commit(self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0) -> None:
        self.rows += rows


async def whole(fetcher: Fetcher) -> list[bytes]:
    """Every row of a list, each once.

    :raises PaginationError: fewer came than were counted, or a page came again.
    :raises HaloError: a page could not be had.
    """
    paged = fetcher.operation.paged
    first = await (fetcher.page(1) if paged else fetcher.whole())
    if not paged or is_all(first):
        if first.total is not None and first.total > len(first.rows):
            raise missing(len(first.rows), first.total)
        return Tally().new(first.rows)
    held = _Held()
    await Pass(fetcher, held, None, Tally()).read(first)
    return held.rows
