"""A list short enough to be held in memory: the children of one parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halo_async.errors import IncompleteError
from halo_async.export.fetch import SIZE, PageFetcher
from halo_async.export.first_page import ROUND, may_be_all
from halo_async.export.page_order import PageOrderPass
from halo_async.export.rows import RowPage
from halo_async.export.seen_ids import SeenIds
from halo_async.pagination.page_numbers import missing_rows_error

TRIES = 5


class _Held:
    """Rows held in memory."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []

    async def commit(self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0) -> None:
        self.rows += rows


async def read_whole(fetcher: PageFetcher) -> list[bytes]:
    """Every row of a list, each once, by what one response says of itself where that is all there is.

    :raises PaginationError: fewer were received than were counted, or a page came again.
    :raises HaloError: a page could not be received.
    """
    paged = fetcher.operation.paged
    first = await (fetcher.page(1) if paged else fetcher.whole())
    if not paged or _is_one_page(first):
        if first.total is not None and first.total > len(first.rows):
            raise missing_rows_error(len(first.rows), first.total)
        return SeenIds().new(first.rows)
    held = _Held()
    await PageOrderPass(fetcher, held, None, SeenIds()).read(first)
    return held.rows


def _is_one_page(page: RowPage) -> bool:
    """Return whether a first page is not so long that others can follow."""
    count = len(page.rows)
    # An array is complete. Only one as long as a page might be a page.
    return may_be_all(page) and (count not in ROUND or (count > SIZE and not page.bare))


async def same_whole_twice(fetcher: PageFetcher) -> list[bytes]:
    """The same, requested until two readings in a row have as many rows; the longest one counts.

    :raises IncompleteError: no two of several do.
    :raises HaloError: a page could not be received.
    """
    longest = before = await read_whole(fetcher)
    for _ in range(TRIES):
        rows = await read_whole(fetcher)
        if len(rows) == len(before) or len(rows) == len(longest):
            return max(rows, longest, key=len)
        longest, before = max(rows, longest, key=len), rows
    raise IncompleteError(
        f"the list has another number of rows each time it is requested ({len(longest):,} at most). "
        "Export it again"
    )
