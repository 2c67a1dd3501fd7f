"""Position of a reader of pages: how far it is, which page comes next, and what spoke of movement.

A page begins at (page_no - 1) * page_size, so a slightly smaller page_size lets a page begin on a row that is known
already. As long as that row is in its place, nothing before it was deleted, inserted or moved away since.
"""

from __future__ import annotations

from typing import Any

import attrs

from halo_async.export.fetch import SIZE
from halo_async.pagination.overlapping import next_page


@attrs.define
class PagePosition:
    """Position of one reading: its state in the journal."""

    number: int = 1
    """Number of the reading."""
    page: int = 1
    size: int = SIZE
    """Length of the page that is requested next."""
    read: int = 0
    """Pages received."""
    parts: int = 0
    """Pages that had rows beyond those before them."""
    end: int = 0
    """Place in the list behind the last row received."""
    length: int = 0
    """The longest page."""
    total: int | None = None
    """That of the page before."""
    distrusted: bool = False
    """True if more rows were received than the total."""
    overlaps: bool = True
    """False if the instance ignores `page_size`."""
    unseen: bool = False
    """True if a page was not made to begin with a known row."""
    moved: bool = False
    """True if a row was received twice, or a page did not go on from the one before."""
    shifted: bool = False
    """True if the last known row was found in another place than before."""
    changed: bool = False
    """True if the total was not always the same."""
    unique: bool = True
    """False if a page had an id twice: then it does not identify a row."""
    by_id: bool = False
    """True if the list obeys `order=id`, and every page was in that order."""
    last_id: int = 0
    last: int = 0
    """Key of the last row received."""
    first: int = 0
    """Fingerprints of the first page and of the previous one, to detect a list that repeats forever."""
    before: int = 0
    short: bool = False
    """True if the page before had fewer rows than others."""
    idle: bool = False
    """True if the page before had no row beyond those before it."""
    whole: bool = False
    """True if one response was the whole list, and a second one the same."""
    ended: bool = False
    rows: int = 0
    """Rows received in this reading, and the sum of their keys."""
    keys: int = 0
    new_rows: int = 0
    """Those of them that no earlier reading had."""
    new_keys: int = 0
    earlier_rows: int = 0
    """Those of the reading before."""
    earlier_keys: int = 0
    earlier_moved: bool = True
    """False if that reading had no row twice."""
    clashes: bool = False
    """True if a page had one id in two different rows."""
    twice: bool = False
    """True if an id was received twice in this reading, or may have been."""
    equal: bool = False
    """True if a row without an id was equal to one of an earlier page of this reading: it may be the same."""

    def as_list(self) -> list[Any]:
        """Return the values as a list for the journal."""
        return list(attrs.astuple(self))

    def again(self) -> PagePosition:
        """The beginning of another reading."""
        return PagePosition(
            number=self.number + 1,
            length=self.length,
            unique=self.unique,
            clashes=self.clashes,
            earlier_rows=self.rows,
            earlier_keys=self.keys,
            earlier_moved=self.moved or self.shifted,
        )

    @property
    def start(self) -> int:
        """Place of the first row of the page that is requested next, if pages overlap."""
        return (self.page - 1) * self.size

    @property
    def counted(self) -> int | None:
        """The total, unless it is known to be wrong."""
        return None if self.distrusted else self.total

    def expected(self) -> int | None:
        """The number of rows that the next page should have at least; None if nothing tells."""
        total = self.counted
        if not self.read:
            return min(self.length, total or self.length) if self.number > 1 else None
        if self.overlaps:
            return self.size if total is None else max(0, min(self.size, total - self.start))
        if total is not None and total > self.end:
            return min(self.length, total - self.end)
        return self.length

    def go_on(self) -> None:
        """Set the next page: from the last known row on where pages overlap."""
        if not self.overlaps:
            self.page += 1
            return
        self.page, self.size = next_page(self.end, self.length, self.counted)
        self.unseen |= self.start >= self.end

    def go_back(self) -> None:
        """Set the next page so that half of it or more is known, since the last row is not where it was."""
        self.size = self.length
        self.page = max(0, self.end - self.length // 2) // self.length + 1

    @property
    def is_exact(self) -> bool:
        """True if nothing can have been passed over, and the total agrees."""
        if self.whole:
            return True
        if self.counted is None or self.end != self.counted or self.moved or self.unseen or not self.overlaps:
            return False
        if self.read < 2 or (self.twice and self.unique) or self.equal:
            return False
        return self.by_id or not (self.changed or self.shifted)

    @property
    def agrees(self) -> bool:
        """True if all rows of the reading before were received again and once, so that none was deleted in it.

        It had no row twice, so it had as many rows as the list at its end: then they were all that there were.
        """
        return (
            self.number > 1
            and not (self.moved or self.shifted or self.earlier_moved)
            and self.rows - self.new_rows == self.earlier_rows
            and (self.keys - self.new_keys - self.earlier_keys) % 2**64 == 0
        )
