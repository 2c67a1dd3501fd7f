"""Rows of a reading that was given up, when another one has taken its place: what that one does not have, stays."""

from __future__ import annotations

from collections.abc import Callable
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
        latest = self._find_latest(spool)
        self.kept = list(latest)
        place = 0

        def is_kept(row: bytes) -> bool:
            nonlocal place
            place += 1
            return place > self._count or latest.get(self._identify(row)) == place

        return spool.select(is_kept)

    def _find_latest(self, spool: Spool) -> dict[RowId, int]:
        """Return which older rows stay, and the place of the last version of each."""
        rows = enumerate(map(self._identify, spool.rows()), 1)
        latest: dict[RowId, int] = {own: place for place, own in islice(rows, self._count) if own}
        for _, own in rows:
            latest.pop(own, None)
        return latest
