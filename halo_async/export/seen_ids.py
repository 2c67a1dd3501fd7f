"""Counts of seen rows: how many, how many ids, how many repeats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any

import attrs
import msgspec

from halo_async._utils.lenient import value_of
from halo_async.pagination.split_rows import RowPage

RowId = int | str | float | None


_WIDTH = 8
_MASK = 2**64 - 1
_READING = 3
"""Bits of the number of a reading: a list is read four times at most."""


@attrs.frozen
class MetRows:
    """Some rows, compared with those seen before."""

    fresh: list[bytes]
    """Rows that were not seen before."""
    new: list[bool]
    """For each row, whether no row with its id was seen before."""
    again: int
    """Rows that were seen before these, as they are."""
    changed: int
    """Rows with an id that was seen before these, in another row."""
    twice: int
    """Rows with an id that was seen before these in the same reading."""
    equal: int
    """Rows without an id that are equal to one seen before these in the same reading."""


@attrs.frozen
class IdCounts:
    """Counts of a `SeenIds` in another process."""

    distinct_ids: int
    ascending: bool
    versions: int


class SeenIds:
    """Counter of rows that drops repeated ones.

    A row is a repeat if its id and all its bytes were seen already: with the id alone a lookup
    table, whose ids are not unique, would lose rows. Rows without an id (or with 0, which Halo
    gives to rows that have none) are all retained, and when a list is read again, as many equal ones
    as one reading has.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.repeats = 0
        self.ascending = True
        """True if every id was greater than the one before."""
        self.versions = 0
        """Number of rows that were not repeats, although a row with their id was seen before."""
        self._seen: dict[int | str | float, int] = {}
        """Of each id the hash of the row seen last, whose lowest bits are the number of the reading."""
        self._older: set[RowId] = set()
        self._changed: set[int] = set()
        self._reading = 0
        self._without_id: dict[int, int] = {}
        self._this_time: dict[int, int] | None = None
        self._last = float("-inf")

    @property
    def distinct_ids(self) -> int:
        """Number of distinct ids."""
        return len(self._seen) + len(self._older)

    def begin_again(self) -> None:
        """The list is read from its beginning again: equal rows without an id are the ones seen before."""
        self._this_time = {}
        self._reading = (self._reading + 1) & _READING

    def is_latest(self, row: bytes) -> bool:
        """Return whether no other row with the same id was seen after this one."""
        id = row_id(row)
        return not id or id in self._older or (self._seen[id] ^ hash(row)) & ~_READING == 0

    def knows(self, id: RowId) -> bool:
        """Return whether a row with an id was seen."""
        return id in self._seen or id in self._older

    def add_older(self, id: RowId) -> None:
        """Take the id of a row that is in the file, and that this reading did not come upon."""
        self._older.add(id)

    def has_all(self, rows: Sequence[bytes], ids: Sequence[RowId]) -> bool:
        """Return whether each of the rows was seen, in any version; none is counted."""
        return not self.not_seen(rows, ids)

    def not_seen(self, rows: Sequence[bytes], ids: Sequence[RowId]) -> dict[RowId | bytes, bytes]:
        """Return those of the rows that were not seen in any version, by id, else by their bytes; none is counted."""
        return {
            id or row: row
            for row, id in zip(rows, ids, strict=True)
            if (id not in self._seen if id else hash(row) not in self._without_id)
        }

    def new(self, rows: list[bytes]) -> list[bytes]:
        """Return the rows not seen before; all are counted."""
        return [row for row in rows if self._is_new(row, row_id(row))]

    def meet(self, rows: Sequence[bytes], ids: Sequence[RowId]) -> MetRows:
        """The same of rows whose ids are known, with what tells which ids are new."""
        fresh, new, again, changed, twice, equal = [], [], 0, 0, 0, 0
        here: set[RowId | bytes] = set()
        for row, id in zip(rows, ids, strict=True):
            if not id:
                equal += row not in here and self._was_met(row)
                here.add(row)
            known = self._seen.get(id) if id else None
            is_known = known is not None
            is_fresh = self._is_new(row, id)
            if is_fresh:
                fresh.append(row)
            new.append(not is_known if id else is_fresh)
            if is_known and id not in here:
                again += not is_fresh
                changed += is_fresh
                twice += known is not None and known & _READING == self._reading
            here.add(id)
        return MetRows(fresh, new, again, changed, twice, equal)

    def _is_new(self, row: bytes, id: RowId) -> bool:
        is_new = self._is_new_version(row, id) if id else self._is_one_more(row)
        self.rows += is_new
        self.repeats += not is_new
        return is_new

    def _is_new_version(self, row: bytes, id: int | str | float) -> bool:
        if isinstance(id, int | float):
            self.ascending &= id > self._last
            self._last = id
        mark, latest = hash(row) & ~_READING, self._seen.get(id)
        self._seen[id] = mark | self._reading
        if latest is None:
            return True
        if latest & ~_READING == mark:
            return False
        self._changed.add(hash((id, latest & ~_READING)))
        version = hash((id, mark))
        if version in self._changed:
            return False
        self._changed.add(version)
        self.versions += 1
        return True

    def _was_met(self, row: bytes) -> bool:
        """Return whether this reading has come upon an equal row without an id."""
        counts = self._without_id if self._this_time is None else self._this_time
        return hash(row) in counts

    def _is_one_more(self, row: bytes) -> bool:
        mark, known = hash(row), self._without_id
        if self._this_time is None:
            known[mark] = known.get(mark, 0) + 1
            return True
        count = self._this_time[mark] = self._this_time.get(mark, 0) + 1
        if count <= known.get(mark, 0):
            return False
        known[mark] = count
        return True


@cache
def _decoder_of(name: str) -> Callable[[bytes], Any]:
    kind = int | str | float | bool | None
    row: Any = msgspec.defstruct("_Row", [("value", kind, None)], rename={"value": name})
    return msgspec.json.Decoder(row).decode


_decode = _decoder_of("id")


def row_id(row: bytes, name: str = "id") -> RowId:
    """The `id` of a row, or another field, as a table has it; None where it has none, or is not an object."""
    try:
        id = (_decode if name == "id" else _decoder_of(name))(row).value
    except (ValueError, RecursionError):
        id = value_of(row, name)
    if type(id) is bool:
        return "true" if id else "false"
    return id if type(id) in (int, str, float) else None


def ids_in(page: RowPage) -> Sequence[RowId]:
    """The ids of a page's rows, as they were read with it."""
    return page.ids if page.ids is not None else [row_id(row) for row in page.rows]


def row_key(row: bytes, id: RowId) -> int:
    """A number of 64 bits that identifies a row by its id, else by all its bytes; the same in every process.

    They look random, so that two readings whose keys have the same sum had the same rows.
    """
    if type(id) is int and id:
        return _mixed(id & _MASK)
    content = repr(id).encode("utf-8", "surrogatepass") if id else row
    return int.from_bytes(blake2b(content, digest_size=_WIDTH).digest())


def _mixed(number: int) -> int:
    """The last steps of SplitMix64: neighbouring numbers become unlike ones."""
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & _MASK
    return number ^ number >> 31
