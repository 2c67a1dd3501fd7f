"""Detection of rows that were inserted, deleted or moved while pages were read.

Reading upwards, a deleted row pulls those behind it forward, past the reader; one that is inserted, or
moved, to a place already read pushes the last rows read onto the next page. So a falling total means that
rows may have been missed, and so do repeated rows if the total has not increased by as many. Two things
cannot be detected: as many rows deleted before the reader as inserted behind it between the same two
requests, and any change to a list that is not counted. The export prevents what cannot be detected here.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Hashable, Iterable
from typing import Any, cast

from halo_async._operations.serialization import encode_json
from halo_async.pagination.row_keys import Identities

_PAGES = 10


class ConsistencyCheck:
    """Comparison of each page with those before it.

    :param whole: compare with all rows so far, not only with those of the last ten pages.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._known: set[Hashable] = set()
        self._pages: deque[Iterable[Hashable]] = deque()
        self._span = None if whole else IdRange()
        self._total: int | None = None
        self._fell = self._moved = 0
        self._aside: set[Hashable] = set()

    def new(self, rows: list[Any], identities: Identities, total: int | None) -> list[Any]:
        """Return the new rows of the next page; ``total`` is the one received with it."""
        self._aside.difference_update(identities)
        rose = self.count(total)
        fresh = self._fresh(rows, identities)
        self._moved += max(0, len(rows) - len(fresh) - rose)
        return fresh

    def put_aside(self, identities: Identities) -> None:
        """Take the rows of a page that another one was taken for: those that do not come later are missing."""
        known = self._known.union(*self._pages)
        self._aside.update(own for own in identities if own is not None and own not in known)

    def count(self, total: int | None) -> int:
        """Return the increase of the total; ``total`` is that of a page, be it delivered or read again."""
        if total is None:
            return 0
        change = 0 if self._total is None else total - self._total
        self._fell += max(0, -change)
        self._total = total
        return max(0, change)

    def _fresh(self, rows: list[Any], identities: Identities) -> list[Any]:
        if self._span is not None:
            numbers = self._span.beyond(identities)
            if numbers is not None:
                self._keep_page(numbers)
                return rows
            self._span = None  # this list has no order: from here on each page is compared row by row
            self._known.update(*self._pages)
        return self._remove_repeats(rows, identities)

    def _remove_repeats(self, rows: list[Any], identities: Identities) -> list[Any]:
        different = set(identities)
        if not self._whole and (None in different or len(different) < len(rows)):
            self._pages.clear()  # a key that occurs twice on a page does not identify a row
            self._known.clear()
            return rows
        if self._known.isdisjoint(different):
            self._remember(different)
            return rows
        again = different & self._known
        self._remember(different - again)
        return [row for row, identity in zip(rows, identities, strict=True) if identity not in again]

    def _remember(self, identities: set[Hashable]) -> None:
        self._known |= identities
        if not self._whole:
            dropped = self._keep_page(identities)
            if dropped is not None:
                self._known.difference_update(dropped)

    def _keep_page(self, identities: Iterable[Hashable]) -> Iterable[Hashable] | None:
        self._pages.append(identities)
        return self._pages.popleft() if len(self._pages) > _PAGES else None

    def reason(self) -> str | None:
        """Return why rows may be missing although as many were received as were counted."""
        if self._fell:
            return f"The total decreased by {self._fell:,} during the reading, so rows may have been skipped."
        if self._moved:
            return f"Rows were received again during the reading ({self._moved:,}), so others may have been skipped."
        if self._aside:
            return f"A page that was requested twice had other rows the first time ({len(self._aside):,} are missing)."
        return None


class IdRange:
    """The ids of the pages so far, while each page is beyond them: then none of its rows is repeated.

    True of a list in the order of its ids, up or down, and much cheaper to check than comparing all rows.
    The numbers are stored packed, since holding an `int` from every row scatters the memory that the next
    page is decoded into.
    """

    __slots__ = ("_high", "_low")

    def __init__(self) -> None:
        self._low: int | None = None
        self._high: int | None = None

    def beyond(self, identities: Identities) -> array[int] | None:
        """Return the page's ids if they are distinct numbers beyond all those before; else None."""
        if len(set(identities)) < len(identities):
            return None
        try:
            numbers = array("q", cast(list[int], identities))
        except (TypeError, OverflowError):  # not numbers, or larger than 64 bits
            return None
        return numbers if not numbers or self._extend(min(numbers), max(numbers)) else None

    def _extend(self, low: int, high: int) -> bool:
        if self._low is None or self._high is None:
            self._low, self._high = low, high
        elif low > self._high:
            self._high = high
        elif high < self._low:
            self._low = low
        else:
            return False
        return True


# Telling a page that came before from a new one.

_FEW = 10


class PageFingerprints:
    """The pages seen so far, one hash each, regardless of the order of their rows.

    Rows are identified by their keys if those of a page are all different; on a page of few rows, whose
    keys may be equal by chance if they are not unique, by their whole content.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def seen_before(self, rows: list[Any], identities: Identities, number: int) -> int | None:
        """Return the number of an earlier page with the same rows; else None, and the page is recorded."""
        if not rows:
            return None
        earlier = self._seen.setdefault(_hash_page(rows, identities), number)
        return None if earlier == number else earlier


def _hash_page(rows: list[Any], identities: Identities) -> int:
    if len(rows) >= _FEW:
        different = frozenset(identities)
        if len(different) == len(rows) and None not in different:
            return hash(different)
    return hash((len(rows), frozenset([_encode_row(row) for row in rows])))


def _encode_row(row: Any) -> bytes:
    if type(row) is bytes:
        return row
    return encode_json(row.__halo_object__() if hasattr(row, "__halo_object__") else row)
