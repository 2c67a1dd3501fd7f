"""A list short enough to be held in memory: the children of one parent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import attrs

from halo_async.export.fetch import SIZE, PageFetcher
from halo_async.export.first_page import (
    ROUND,
    TINY,
    behind,
    identified,
    may_be_all,
    not_the_same,
    refuse_repeated,
)
from halo_async.export.page_order import PageOrderReader
from halo_async.export.seen_ids import SeenIds
from halo_async.pagination.page_numbers import missing_rows_error
from halo_async.pagination.split_rows import RowPage, RowReader

TRIES, AGAIN = 5, 3


class _Held:
    """Rows held in memory."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []

    async def commit(
        self,
        lane: int,
        state: Any,
        rows: Sequence[bytes],
        repeats: int = 0,
        *,
        read_by: RowReader | None = None,
    ) -> None:
        self.rows += rows


@attrs.frozen
class HeldList:
    """One reading of a list."""

    rows: list[bytes]
    """Each once."""
    confirmed: bool
    """True if it is known to be whole: it has several pages, which say so."""
    page: RowPage | None = None
    """The only page, if it has but one."""


async def read_whole(fetcher: PageFetcher) -> HeldList:
    """Every row of a list, by what one response says of itself where that is all there is.

    :raises PaginationError: fewer were received than were counted, or a page came again.
    :raises HaloError: a page could not be received.
    """
    paged = fetcher.operation.paged
    first = await (fetcher.page(1) if paged else fetcher.whole())
    if not paged or _is_one_page(first):
        if first.total is not None and first.total > len(first.rows):
            raise missing_rows_error(len(first.rows), first.total)
        return HeldList(SeenIds().new(first.rows), False, first)
    return await _by_pages(fetcher, first)


async def _by_pages(fetcher: PageFetcher, first: RowPage | None) -> HeldList:
    held = _Held()
    tally = SeenIds()
    reader = PageOrderReader(fetcher.beside(), held, None, tally)
    await reader.read(first)
    await reader.write_missed()
    if tally.versions and reader.ids_identify_rows:
        held.rows = [row for row in held.rows if tally.is_latest(row)]
    return HeldList(held.rows, bool(held.rows))  # none after a count: two responses may have been emptied


def _is_one_page(page: RowPage) -> bool:
    """Return whether a first page is not so long that others can follow."""
    count = len(page.rows)
    # An array is complete. Only one as long as a page might be a page.
    return may_be_all(page) and (count not in ROUND or (count > SIZE and not page.bare))


async def same_whole_twice(
    fetcher: PageFetcher, first: HeldList | None = None, *, alone: bool = False
) -> list[bytes]:
    """The same, requested until readings in a row have the same rows: two, or three if one before had more.

    :param first: the reading before.
    :param alone: whether its responses come one after another, so that one more is needed.
    :raises IncompleteError: they never do.
    :raises PaginationLoopError: page 1 comes for every number.
    :raises HaloError: a page could not be received.
    """
    held = await read_whole(fetcher) if first is None else first
    most, agree, before = len(held.rows), 1, identified(held.rows)
    for _ in range(TRIES):
        if held.confirmed:
            break
        held = await read_whole(fetcher)
        most, found = max(most, len(held.rows)), identified(held.rows)
        agree, before = agree + 1 if found == before else 1, found
        if agree == (2 if len(held.rows) == most and not alone else 3):
            if not await _goes_on(fetcher, held):
                return held.rows
            held = await _by_pages(fetcher, None)
    if not held.confirmed:
        raise not_the_same(most)
    return held.rows


async def _goes_on(fetcher: PageFetcher, held: HeldList) -> bool:
    """Return whether others follow the rows of one page, as where an instance has a limit of its own.

    Its limit was not reached if another parent had a longer page. Else what is behind the page is requested, with the
    last rows that are known: again if these are not there, since the response may have been emptied.

    :raises PaginationLoopError: page 1 comes for every number.
    """
    page = held.page
    if page is None or not fetcher.operation.paged or len(page.rows) < max(TINY, fetcher.shape.longest):
        return False
    size, rows, other = behind(len(page.rows)), set(page.rows), page
    for _ in range(AGAIN):
        other = await fetcher.page(2, size)
        found = set(other.rows)
        if not found <= rows:
            return True
        if found and found >= set(page.rows[size:]):
            break
    await refuse_repeated(page, size, other, partial(fetcher.page, 2))
    return False
