"""What pages tell of rows that came, went or moved while they were read.

Reading upwards, a row that goes pulls those behind it forward, past the reader; one that comes, or moves, to a
place already read pushes the last row read onto the next page. So a falling total means that rows may have been
missed, and so does a row that came again without a rising total. One thing leaves no trace: as many rows going
before the reader as coming behind it between the same two requests. The export prevents what cannot be seen.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from halo_async.identity import Identify


class Shifts:
    """Compares each page with what came before.

    :param identify: what makes two rows the same one; None to leave rows alone.
    :param whole: compare with all rows so far, not only with those of the page before.
    """

    def __init__(self, identify: Identify | None = None, *, whole: bool = False) -> None:
        self._identify = identify
        self._whole = whole
        self._known: set[Hashable] = set()
        self._total: int | None = None
        self._fell = self._rose = self._again = 0

    def count(self, total: int | None) -> None:
        """Note the total that came with a page of rows."""
        if total is None:
            return
        change = 0 if self._total is None else total - self._total
        self._rose += max(0, change)
        self._fell += max(0, -change)
        self._total = total

    def new(self, rows: list[Any]) -> list[Any]:
        """The rows that did not come with the page before."""
        if self._identify is None:
            return rows
        identities = [self._identify(row) for row in rows]
        if not self._whole and (None in identities or len(set(identities)) < len(rows)):
            self._known = set()  # what one page holds twice tells no rows apart
            return rows
        known = self._known
        fresh = [row for row, identity in zip(rows, identities, strict=True) if identity not in known]
        self._again += len(rows) - len(fresh)
        if self._whole:
            known.update(identities)
        else:
            self._known = set(identities)
        return fresh

    def doubt(self) -> str | None:
        """Why rows may be missing though as many came as were counted."""
        if self._fell:
            return f"the total fell by {self._fell:,} while reading, so rows may have been passed over"
        moved = self._again - self._rose
        if moved > 0:
            return f"{moved:,} rows came again while reading, so others may have been passed over"
        return None
