"""Reading a list by page numbers: which page to ask for next, and whether all rows came. No I/O here.

What instances do (measured): a page holds at most 100 rows (on some 50) whatever is asked; `record_count` is
the total, and 0 past the end; some lists ignore paging and return everything; `/Feed` and `/CRMNote` return
their first page for ever (see `repeating_lists`).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from halo_async._operations.list_envelope import PageData
from halo_async.errors import IncompleteError, PaginationError, PaginationLoopError
from halo_async.pagination.row_keys import Identify, Identities, key_by_fields

if TYPE_CHECKING:
    from halo_async.pagination.consistency import ConsistencyCheck, PageFingerprints

DEFAULT_SIZE = 100
_BY_ID = key_by_fields(("id",))
_CAPS = frozenset({50, 100, 200, 250, 500, 999, 1000})


class Paginator(Protocol):
    """Order in which pages are requested."""

    @property
    def params(self) -> dict[str, str] | None:
        """Parameters to add to the query of the next request; None at the end."""
        ...

    def lookahead(self, steps: int) -> dict[str, str] | None:
        """Return those of a later request, if it is certain to be needed."""
        ...

    def feed(self, page: PageData) -> PageData | None:
        """Process the page received for `params`: return what to deliver of it, or None to skip it.

        :raises PaginationError: the list cannot be read to its end.
        """
        ...

    def missing_rows(self) -> PaginationError | None:
        """Return the error for missing or doubtful rows, after the end."""
        ...


class OneRequest:
    """A list that is not paged."""

    def __init__(self) -> None:
        self.params: dict[str, str] | None = {}
        self._missing: IncompleteError | None = None

    def lookahead(self, steps: int) -> dict[str, str] | None:
        """Return None: there is one request."""
        return None

    def feed(self, page: PageData) -> PageData:
        """Return the whole list."""
        self.params = None
        if page.total is not None and page.total > len(page.rows):
            self._missing = missing_rows_error(len(page.rows), page.total)
        return page

    def missing_rows(self) -> IncompleteError | None:
        """Return the error for rows that the envelope counts but does not contain."""
        return self._missing


class PageNumbers:
    """A list paged by `page_no`, with the page length learned from the first page.

    The total is the maximum of the envelopes. Paging stops when exactly as many rows were received; if more
    were received, the total was wrong and is not used again, and only a short or empty page stops it.
    """

    def __init__(
        self,
        *,
        size: int = DEFAULT_SIZE,
        first: int = 1,
        limit: int | None = None,
        identify: Identify | None = None,
        whole: bool = False,
        named: bool = False,
    ) -> None:
        """`identify`: the key of rows, by which repeated ones are left out; None to leave rows alone.

        `whole`: compare with all rows received, not only with recent ones.
        `named`: the rows are expected in an envelope, under a name; else an empty first page is requested again.
        """
        self._size = size
        self._limit = limit
        self._first = self._number = first
        self._length = 0
        self._total: int | None = None
        self._distrusted = first != 1
        self._delivered = 0
        self._done = False
        self._short: PageData | None = None
        self._named = named
        self._was_cut = False
        self._bare = False
        self._identify = identify or _BY_ID
        self._leaves_out = identify is not None
        self._whole = whole

    @cached_property
    def _fingerprints(self) -> PageFingerprints:
        from halo_async.pagination.consistency import PageFingerprints

        return PageFingerprints()

    @cached_property
    def _consistency(self) -> ConsistencyCheck:
        from halo_async.pagination.consistency import ConsistencyCheck

        return ConsistencyCheck(whole=self._whole)

    @property
    def params(self) -> dict[str, str] | None:
        """Return the paging parameters as Halo spells them."""
        return None if self._done else self._params(self._number)

    def lookahead(self, steps: int) -> dict[str, str] | None:
        """Return the parameters of a later page, if the total shows that it exists."""
        number = self._number + steps
        if self._done or self._total is None or not self._length:
            return None
        wanted = self._total if self._limit is None else min(self._total, self._limit)
        rows_before = (number - self._first) * self._length
        return self._params(number) if rows_before < wanted else None

    def _params(self, number: int) -> dict[str, str]:
        return paging_parameters(number, self._size)

    def feed(self, page: PageData) -> PageData | None:
        """See `Paginator.feed`.

        :raises PaginationLoopError: the page is one that came before.
        """
        self._learn_total(page)
        if self._is_first:
            if self._named and self._short is None and not page.rows and page.key is None:
                self._short = page  # not as an empty list looks here
                return None
            self._short, self._bare = None, page.bare
            return self._take_first(page)
        if self._should_read_again(page):
            self._short = page
            if page.rows or page.total:  # 0 without rows is what stands past the end, or instead of a page
                self._consistency.count(page.total)
            return None
        if self._short is not None:
            other, page = sorted([self._short, page], key=lambda one: len(one.rows))
            if other.rows and self._leaves_out:
                self._consistency.put_aside(self._identify(other.rows))
        self._short = None
        return self._take_later(page)

    @property
    def _is_first(self) -> bool:
        return self._number == self._first

    def _learn_total(self, page: PageData) -> None:
        if page.total is not None and not self._distrusted:
            self._total = max(page.total, self._total or 0)

    def _take_first(self, page: PageData) -> PageData:
        count, number = len(page.rows), self._number
        self._length = count
        self._advance(count)
        if page.bare:
            self._done = is_whole(count, self._size)
        elif count > self._size and self._total is None:
            # More than requested: everything, unless its length fits a page.
            self._done = count > DEFAULT_SIZE and count not in _CAPS
        if self._done or (self._limit is not None and count >= self._limit):
            return page  # no page is compared with it
        identities = self._identify(page.rows)
        self._fingerprints.seen_before(page.rows, identities, number)
        return self._without_repeats(page, identities)

    def _take_later(self, page: PageData) -> PageData | None:
        count = len(page.rows)
        identities = self._identify(page.rows)
        earlier = self._fingerprints.seen_before(page.rows, identities, self._number)
        if earlier is not None:
            if page.bare and self._number == self._first + 1:
                self._done = True  # the presumed page was the whole list
                return None
            raise PaginationLoopError(
                f"Page {self._number} is the same as page {earlier}: the instance ignores page_no here."
            )
        short = count < self._length
        self._was_cut |= count > self._length
        self._length = max(count, self._length)
        self._advance(count)
        if short and self._total is None:
            self._done = True
        return self._without_repeats(page, identities) if count else None

    def _without_repeats(self, page: PageData, identities: Identities) -> PageData:
        if page.rows and self._leaves_out:  # past the end the total is 0
            page.rows = self._consistency.new(page.rows, identities, page.total)
        return page

    def _advance(self, count: int) -> None:
        self._number += 1
        self._delivered += count
        if self._total is not None and self._delivered > self._total:
            self._total = None
            self._distrusted = True
        if not count or self._delivered == self._total:
            self._done = True

    def _should_read_again(self, page: PageData) -> bool:
        """A page with fewer rows than its place says may have been cut on the way: read it once more.

        So may one without rows in another shape than those before it, whatever is known of the total.
        """
        if self._short is not None:
            return False
        if not page.rows and (page.bare != self._bare or (not page.bare and page.key is None)):
            return True
        if self._total is None:
            return False
        return len(page.rows) < min(self._length, self._total - self._delivered)

    def missing_rows(self) -> IncompleteError | None:
        """Return the error for rows that were counted but not received."""
        if self._total is not None and self._delivered < self._total:
            return missing_rows_error(self._delivered, self._total)
        if self._was_cut:
            return IncompleteError("A page has fewer rows than a later one, so it may have been truncated.")
        reason = self._consistency.reason()
        return IncompleteError(reason) if reason else None


def is_whole(count: int, size: int) -> bool:
    """Return whether a bare array of so many rows is the whole list: its length does not fit a page."""
    return count not in _CAPS and count != size


def paging_parameters(number: int, size: int) -> dict[str, str]:
    """Return the parameters of a page, as Halo spells them."""
    return {"pageinate": "true", "page_no": str(number), "page_size": str(size)}


def missing_rows_error(came: int, total: int) -> IncompleteError:
    """Return the error that reports how many rows are missing."""
    return IncompleteError(
        f"Received {came:,} of {total:,} rows: rows were deleted or moved during the reading, "
        "or record_count includes rows the agent cannot see."
    )
