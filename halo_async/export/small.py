"""A list short enough to be held: the children of one parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halo_async.errors import IncompleteError
from halo_async.export.fetch import SIZE, Fetcher
from halo_async.export.first import ROUND, may_be_all
from halo_async.export.rows import Page
from halo_async.export.tally import Tally
from halo_async.export.upward import Pass
from halo_async.walk import missing

TRIES = 5


class _Held:
    """Rows that stay in memory."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []

    async def commit(self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0) -> None:
        self.rows += rows


async def whole(fetcher: Fetcher) -> list[bytes]:
    """Every row of a list, each once, by what one response says of itself where that is all there is.

    :raises PaginationError: fewer were received than were counted, or a page came again.
    :raises HaloError: a page could not be received.
    """
    paged = fetcher.operation.paged
    first = await (fetcher.page(1) if paged else fetcher.whole())
    if not paged or _is_one_page(first):
        if first.total is not None and first.total > len(first.rows):
            raise missing(len(first.rows), first.total)
        return Tally().new(first.rows)
    held = _Held()
    await Pass(fetcher, held, None, Tally()).read(first)
    return held.rows


def _is_one_page(page: Page) -> bool:
    """Whether a first page is not so long that others can follow."""
    count = len(page.rows)
    # An array comes whole. Only one as long as a page might be a page.
    return may_be_all(page) and (count not in ROUND or (count > SIZE and not page.bare))


async def same_whole_twice(fetcher: Fetcher) -> list[bytes]:
    """The same, requested until two readings in a row have as many rows; the longest one counts.

    :raises IncompleteError: no two of several do.
    :raises HaloError: a page could not be received.
    """
    longest = before = await whole(fetcher)
    for _ in range(TRIES):
        rows = await whole(fetcher)
        if len(rows) == len(before) or len(rows) == len(longest):
            return max(rows, longest, key=len)
        longest, before = max(rows, longest, key=len), rows
    raise IncompleteError(
        f"the list has another number of rows each time it is requested ({len(longest):,} at most). "
        "Export it again"
    )
