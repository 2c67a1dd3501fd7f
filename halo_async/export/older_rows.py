"""Rows of a reading that was given up, when another one has taken its place: what that one does not have, stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from halo_async.export.seen_ids import RowId
from halo_async.export.spool import SelectedRows, Spool

Identify = Callable[[bytes], RowId]
"""Returns what tells a row from others; a false value where nothing does."""


class OlderRows:
    """The first rows of a file, which readings before the last one had."""

    def __init__(self, count: int, identify: Identify) -> None:
        self._count = count
        self._identify = identify
        self.kept: list[RowId] = []
        """The ids, or other names, of those that stay."""

    def select(self, spool: Spool) -> SelectedRows | None:
        """Write the rows of the last reading and the older ones that it lacks into a file beside the spool.

        :raises OSError: the disk is full or failed.
        """
        known = self._read_known(islice(spool.rows(), self._count, None))
        place = 0

        def is_kept(row: bytes) -> bool:
            nonlocal place
            place += 1
            if place > self._count:
                return True
            own = self._identify(row)
            if not own or own in known:
                return False
            known.add(own)
            self.kept.append(own)
            return True

        return spool.select(is_kept)

    def _read_known(self, rows: Iterable[bytes]) -> set[RowId]:
        return {own for own in map(self._identify, rows) if own}
