"""Pages in their order: what is left where neither ids nor their order can be relied on.

A row that moves to an earlier page meanwhile is missed, and no total tells. One hash per row is kept, to drop
those that are received twice.

The end is a short page where the total, which an earlier response gave, is reached; else a page without rows, and
where no total says that none is left, a page that is short or empty is requested twice.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Protocol

import attrs

from halo_async.errors import IncompleteError, PaginationLoopError
from halo_async.export.fetch import PageFetcher
from halo_async.export.first_page import ROUND, longer
from halo_async.export.rows import RowPage
from halo_async.export.seen_ids import SeenIds
from halo_async.pagination.page_numbers import missing_rows_error


@attrs.define
class PagePosition:
    """Position of a pass: its state in the journal."""

    next: int = 1
    delivered: int = 0
    """Rows received, repeats included."""
    length: int = 0
    total: int | None = None
    distrusted: bool = False
    """True if more rows were received than the total."""
    first: int = 0
    """Fingerprints of the first page and of the previous one, to detect a list that repeats forever."""
    before: int = 0
    ended: bool = False
    short: bool = False
    """True if the page before had fewer rows than others."""
    cut: int = 0
    """A page shorter than others that is not the last one: without a total to tell, it may have been cut."""
    said: int = 0
    """The total of the page before."""
    fell: bool = False
    """True if that total was greater than the next one."""

    def as_list(self) -> list[Any]:
        """Return the counts as a list for the journal."""
        return list(attrs.astuple(self))


class PageCommitter(Protocol):
    """Receiver of the rows: a ledger."""

    async def commit(self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0) -> None:
        """See `Ledger.commit`."""
        ...


class PageOrderPass:
    """One pass over a list, from its first page or from a saved position."""

    def __init__(
        self,
        fetcher: PageFetcher,
        ledger: PageCommitter,
        state: Any,
        tally: SeenIds,
        total: int | None = None,
    ) -> None:
        """`tally` knows the rows of an earlier run; `total` is what the list was said to have."""
        self._fetcher = fetcher
        self._ledger = ledger
        self._place = PagePosition(*state) if state else PagePosition(total=total or None)
        self._tally = tally

    async def read(self, first: RowPage | None = None) -> None:
        """Read to the end.

        :raises PaginationError: the list repeats a page, or returns fewer rows than it counts.
        :raises HaloError: a page could not be read.
        :raises OSError: the rows could not be written.
        """
        place = self._place
        while not place.ended:
            page = await self._page() if first is None else first
            first = None
            if self._again(page):
                place.ended = True  # the presumed page was the whole list
                page = RowPage([], None, True, 0)
            else:
                self._take(page)
            fresh = self._tally.new(page.rows)
            await self._ledger.commit(0, place.as_list(), fresh, len(page.rows) - len(fresh))
        self._audit()

    async def _page(self) -> RowPage:
        """The next page; one that may have been cut on the way, or emptied: the longer of two."""
        page = await self._fetcher.page(self._place.next)
        if self._is_doubtful(len(page.rows)):
            return longer(page, await self._fetcher.page(self._place.next))
        return page

    def _is_doubtful(self, count: int) -> bool:
        place = self._place
        if place.next == 1:
            return count not in ROUND and count != place.total
        if place.total is not None and place.total > place.delivered:
            return count < min(place.length, place.total - place.delivered)
        # A total that is reached can be the first page's own length: it says nothing of this page.
        # An empty page behind a short one, which was requested twice, agrees with it.
        return count < place.length and not (place.short and not count)

    def _again(self, page: RowPage) -> bool:
        """Return whether a page is repeated: True if the first was the whole list.

        :raises PaginationLoopError: the instance returns it forever.
        """
        place, mark = self._place, _mark(page)
        if place.next > 1 and page.rows and mark in (place.first, place.before):
            if page.bare and place.next == 2:
                return True
            raise PaginationLoopError(
                f"page {place.next} is the same as an earlier one: the instance ignores page_no here"
            )
        place.first = place.first or mark
        place.before = mark
        return False

    def _take(self, page: RowPage) -> None:
        place, count = self._place, len(page.rows)
        self._learn(page)
        place.short = count < place.length
        place.length = max(count, place.length)
        place.next += 1
        place.delivered += count
        if place.total is not None and place.delivered > place.total:
            place.total, place.distrusted = None, True
        whole = place.delivered == place.total and place.short
        place.ended = not count or whole

    def _learn(self, page: RowPage) -> None:
        """Keep the largest total, and notice what says that rows before the reader were not received."""
        place, count = self._place, len(page.rows)
        if page.total is not None and not place.distrusted:
            place.total = max(page.total, place.total or 0)
        if page.total is not None and count:
            place.fell |= page.total < place.said
            place.said = page.total
        if count > place.length > 0 or (count and place.short):
            place.cut = place.next - 1

    def _audit(self) -> None:
        total, rows = self._place.total, self._tally.rows
        if total is not None and self._place.delivered < total:
            raise missing_rows_error(self._place.delivered, total)
        if total is None and self._place.cut:
            raise IncompleteError(
                f"Page {self._place.cut} has fewer rows than others, is not the last one and may have been cut. "
                "Export the list again"
            )
        if total is not None and self._place.fell:
            raise IncompleteError(
                "The total fell while the list was read, so rows may have been passed over. Export it again"
            )
        # As many rows as were announced were received, but some twice: so others were not.
        if self._tally.repeats and total is not None and rows < total:
            raise IncompleteError(
                f"{rows:,} different rows of {total:,} came: the list moved while it was read, export it again"
            )


def _mark(page: RowPage) -> int:
    return zlib.crc32(b",".join(page.rows))
