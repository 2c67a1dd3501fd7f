"""Counts of seen rows: how many, how many ids, how many repeats."""

from __future__ import annotations

import msgspec

from halo_async.export.lenient import id_of


class _Row(msgspec.Struct):
    id: int | str | float | bool | None = None


_decode = msgspec.json.Decoder(_Row).decode


class SeenIds:
    """Counter of rows that drops repeated ones.

    A row is a repeat if its id and all its bytes were seen already: with the id alone a lookup
    table, whose ids are not unique, would lose rows. Rows without an id (or with 0, which Halo
    gives to rows that have none) are all retained.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.repeats = 0
        self.ascending = True
        """True if every id was greater than the one before."""
        self._seen: dict[int | str | float, int] = {}
        self._last = float("-inf")

    @property
    def distinct_ids(self) -> int:
        """Number of distinct ids."""
        return len(self._seen)

    def new(self, rows: list[bytes]) -> list[bytes]:
        """Return the rows not seen before; all are counted."""
        fresh = [row for row in rows if self._is_new(row)]
        self.rows += len(fresh)
        self.repeats += len(rows) - len(fresh)
        return fresh

    def _is_new(self, row: bytes) -> bool:
        id = row_id(row)
        if not id:
            return True
        if isinstance(id, int | float):
            self.ascending &= id > self._last
            self._last = id
        mark = hash(row)
        if self._seen.get(id) == mark:
            return False
        self._seen[id] = mark
        return True


def row_id(row: bytes) -> int | str | float | None:
    """The `id` of a row as a table has it; None where it has none, or is not an object."""
    try:
        id = _decode(row).id
    except (ValueError, RecursionError):
        id = id_of(row)
    if type(id) is bool:
        return "true" if id else "false"
    return id if type(id) in (int, str, float) else None
