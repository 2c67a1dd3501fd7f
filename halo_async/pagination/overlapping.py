"""Reading a list by overlapping pages: no row is missed undetected.

A page begins at (page_no - 1) * page_size, so a slightly smaller page_size lets a page begin on a row that
is already known. If the last known row is still in its place, then no row before it was inserted or deleted
meanwhile, and none behind it was skipped; if it is elsewhere, then rows moved. This detects what totals and
repeated rows cannot: as many rows deleted before the reader as inserted behind it between the same two
requests. It holds for rows that keep their order, and for one that moves from behind the reader to the front, while
another before it is deleted: it is on page 1, which is requested once more at the end. One that moves elsewhere before
the reader is still not detected.
"""

from __future__ import annotations

from collections.abc import Hashable

from halo_async._operations.list_envelope import PageData
from halo_async.errors import IncompleteError
from halo_async.pagination.page_numbers import is_whole, missing_rows_error, paging_parameters
from halo_async.pagination.row_keys import Identify, Identities


class OverlappingPages:
    """A list read from its first page on; each later page begins on or before the last known row.

    Nearly nine in ten rows of a page are new: as many as are possible with a size that divides the offset
    at which it begins. Pages are requested one after another, since the start of each depends on the length
    of those before it.
    """

    def __init__(self, *, size: int, identify: Identify) -> None:
        self._identify = identify
        self._size = size
        self._asked = (1, size)
        self._length = 0
        self._end = 0
        self._last: Hashable | None = None
        self._seen: set[Hashable] = set()
        self._total: int | None = None
        self._moved = False
        self._done = False
        self._is_last_look = False

    @property
    def params(self) -> dict[str, str] | None:
        """Return the paging parameters as Halo spells them."""
        return None if self._done else paging_parameters(*self._asked)

    def lookahead(self, steps: int) -> None:
        """Do nothing: see the class."""

    def feed(self, page: PageData) -> PageData | None:
        """Return the rows that were not received before; None for the last look at page 1, if it shows none.

        :raises IncompleteError: the instance ignores page_size, or returns rows that have no unique key.
        """
        if self._is_last_look:
            return self._front(page)
        identities = self._told_apart(page)
        number, size = self._asked
        start = (number - 1) * size
        if self._length:
            if len(page.rows) > size:
                return self._unpaged(page, identities)
            if start >= self._end:
                return self._beyond(page)
            self._moved |= not self._is_in_place(identities, self._end - 1 - start)
        self._learn_page(page, identities, start + len(page.rows))
        return self._fresh(page, identities)

    def _unpaged(self, page: PageData, identities: Identities) -> PageData:
        if not page.bare or not self._seen.issuperset(identities):
            raise IncompleteError("The instance ignores page_size here, so pages cannot overlap.")
        self._done = True  # the presumed page was the whole list
        return self._fresh(page, identities)

    def _beyond(self, page: PageData) -> PageData:
        if (
            page.rows or self._total is None
        ):  # without a total, an end that was shifted forward looks the same
            raise IncompleteError("The pages of this list are too short to overlap.")
        self._end_reading()
        return page

    def _end_reading(self) -> None:
        """Request page 1 once more, unless it came last."""
        self._done = self._asked[0] == 1
        self._is_last_look = not self._done
        self._asked = (1, self._size)

    def _front(self, page: PageData) -> PageData | None:
        """Return the rows of page 1 that moved there, or were inserted, while the others were read."""
        self._done = True
        page = self._fresh(page, self._identify(page.rows))
        self._moved |= bool(page.rows)
        return page if page.rows else None

    def _told_apart(self, page: PageData) -> Identities:
        identities = self._identify(page.rows)
        if None in identities or len(set(identities)) < len(identities):
            raise IncompleteError(
                "Rows of this list have no unique key, so overlapping pages cannot be verified."
            )
        return identities

    def _is_in_place(self, identities: Identities, place: int) -> bool:
        return place < len(identities) and identities[place] == self._last

    def _learn_page(self, page: PageData, identities: Identities, end: int) -> None:
        is_first, count = not self._length, len(page.rows)
        if page.total:
            self._moved |= self._total is not None and page.total < self._total
            self._total = page.total
        advanced = end > self._end
        if advanced:
            self._end, self._last = end, identities[-1]
        self._length = max(self._length, count)
        if not advanced or self._ends(page, is_first, is_short=count < self._asked[1]):
            self._end_reading()
        else:
            self._asked = self._choose_page()

    def _ends(self, page: PageData, is_first: bool, *, is_short: bool) -> bool:
        if self._total is not None:
            # A full first page may count itself only: the next one shows if others follow.
            is_all = self._end == self._total and not (is_first and not is_whole(self._end, self._asked[1]))
            return is_all or (is_short and self._end > self._total)
        if is_first:
            return page.bare and is_whole(self._end, self._asked[1])
        return is_short

    def _choose_page(self) -> tuple[int, int]:
        """Return the page_no and page_size for the last known row and as many new ones as possible."""
        number, size = next_page(self._end, self._length)
        if (number - 1) * size == self._end == self._length:  # one page of few rows: begin with all of them
            return 1, self._size
        return number, size

    def _fresh(self, page: PageData, identities: Identities) -> PageData:
        page.rows = [row for row, own in zip(page.rows, identities, strict=True) if own not in self._seen]
        self._seen.update(identities)
        return page

    def missing_rows(self) -> IncompleteError | None:
        """Return the detected inconsistency, or the missing rows."""
        if self._moved:
            return IncompleteError(
                "Rows were inserted, deleted or moved during the reading, so others may have been skipped."
            )
        if self._total is not None and len(self._seen) < self._total:
            return missing_rows_error(len(self._seen), self._total)
        return None


def next_page(end: int, length: int, total: int | None = None) -> tuple[int, int]:
    """Return the page_no and page_size for the last of `end` known rows and as many others as possible.

    Up to a total and one row more: a page that is not full is the end.
    """
    sizes = range(length, length // 2, -1)
    most = end + length if total is None or total < end else total + 1

    def reach(size: int) -> int:
        return min(most, ((end - 1) // size + 1) * size)

    size = max(sizes, key=reach)
    if reach(size) > end:
        return (end - 1) // size + 1, size
    return end // length + 1, length  # pages of few rows: none has both
