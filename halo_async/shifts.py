"""What pages tell of rows that came, went or moved while they were read.

Reading upwards, a row that goes pulls those behind it forward, past the reader; one that comes, or moves, to a
place already read pushes the last rows read onto the next page. So a falling total means that rows may have been
missed, and so do rows that come again without the total having risen by as many. Two things leave no trace: as many
rows going before the reader as coming behind it between the same two requests, and whatever happens to a list that is
not counted. The export prevents what cannot be seen here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Any

from halo_async.identity import Identities

_PAGES = 10


class Shifts:
    """Compares each page with those before it.

    :param whole: compare with all rows so far, not only with those of the last ten pages.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._known: set[Hashable] = set()
        self._pages: deque[set[Hashable]] = deque()
        self._total: int | None = None
        self._fell = self._moved = 0

    def new(self, rows: list[Any], identities: Identities, total: int | None) -> list[Any]:
        """The rows of the next page that did not come before; ``total`` is what came with it."""
        rose = self._rise(total)
        fresh = self._fresh(rows, identities)
        self._moved += max(0, len(rows) - len(fresh) - rose)
        return fresh

    def _rise(self, total: int | None) -> int:
        if total is None:
            return 0
        change = 0 if self._total is None else total - self._total
        self._fell += max(0, -change)
        self._total = total
        return max(0, change)

    def _fresh(self, rows: list[Any], identities: Identities) -> list[Any]:
        different = set(identities)
        if not self._whole and (None in different or len(different) < len(rows)):
            self._pages.clear()  # what one page holds twice tells no rows apart
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
            self._pages.append(identities)
            if len(self._pages) > _PAGES:
                self._known -= self._pages.popleft()

    def doubt(self) -> str | None:
        """Why rows may be missing though as many came as were counted."""
        if self._fell:
            return f"the total fell by {self._fell:,} while reading, so rows may have been passed over"
        if self._moved:
            return f"rows came again while reading ({self._moved:,}), so others may have been passed over"
        return None
