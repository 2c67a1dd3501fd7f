"""Lines of JSON as mappings, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

import msgspec

from halo_async._utils.lenient import JsonText, decode_row, is_made_up, listed, made_up

BATCH = 2000
"""Rows held at a time."""

_N = ord("n")
Row = Mapping[str, Any]
_decode = msgspec.json.Decoder().decode


class RowNotes(Protocol):
    """Is told what is not in the table as it came."""

    def value(self, id: Any, name: str, wrong: str) -> None:
        """A value that is text now."""
        ...

    def renamed(self, name: str, label: str) -> None:
        """A field whose column is called otherwise."""
        ...

    def no_objects(self, count: int) -> None:
        """Rows that are not objects."""
        ...


def batches(
    rows: Iterable[bytes], flatten: Sequence[str] = (), size: int = BATCH, notes: RowNotes | None = None
) -> Iterator[list[Row]]:
    """Rows as mappings, some at a time; what is not an object becomes the one field `value`.

    :param notes: get what is not as it came.
    """
    for some in lines_at_a_time(rows, size):
        found = _decode_rows(some, notes)
        made: list[Row] = [row if type(row) is dict else {"value": row} for row in found]
        if notes is not None and (others := sum(type(row) is not dict for row in found)):
            notes.no_objects(others)
        yield _all_flattened(made, flatten, notes) if flatten else made


def batch_of(rows: Sequence[bytes], flatten: Sequence[str] = (), notes: RowNotes | None = None) -> list[Row]:
    """Return rows as mappings."""
    return next(batches(rows, flatten, max(1, len(rows)), notes), [])


def _decode_rows(rows: Sequence[bytes], notes: RowNotes | None) -> list[Any]:
    try:
        found: list[Any] = _decode(as_array(rows))
    except (ValueError, RecursionError):  # one of them has an odd value
        found = [decode_row(row, None if notes is None else notes.value) for row in rows]
    return found


def lines_at_a_time(rows: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """Yield lines in batches."""
    each = iter(rows)
    while some := list(islice(each, size)):
        yield some


class LineCount(NamedTuple):
    """Result of counting the lines of a block."""

    lines: int
    has_null: bool
    """True if a line may be `null`."""


def count_lines(block: bytes) -> LineCount:
    """Count the lines of a block.

    Each line feed is searched for by itself: that runs at the speed of `memchr`, ten times that of `bytes.count` and
    of a search for more than one byte.

    :param block: lines, each of which ends in a line feed.
    """
    count, start, has_null, find = 0, 0, False, block.find
    while (end := find(b"\n", start)) >= 0:
        has_null = has_null or block[start] == _N
        start = end + 1
        count += 1
    return LineCount(count, has_null)


def as_array(rows: Sequence[bytes]) -> bytes:
    """Return lines as one JSON array, which decodes faster than single lines."""
    return b"[" + b",".join(rows) + b"]"


def _all_flattened(rows: list[Row], flatten: Sequence[str], notes: RowNotes | None) -> list[Row]:
    """Rows with more fields; one that is called as those are called gets another name."""
    starts = tuple(f"{name}." for name in flatten)
    clashing = {
        name: made_up(name) for name in set().union(*rows) if name.startswith(starts) or is_made_up(name)
    }
    if clashing:
        rows = [{clashing.get(name, name): value for name, value in row.items()} for row in rows]
        for name, label in clashing.items() if notes is not None else ():
            notes.renamed(name, label)  # type: ignore[union-attr]
    return [_flattened(row, flatten) for row in rows]


def _flattened(row: Row, flatten: Sequence[str]) -> Row:
    """Return a row with its lists of `{name, value}` as additional fields `list.name`."""
    extra: dict[str, Any] = {}
    for name in flatten:
        items = row.get(name)
        items = listed(items) if type(items) is JsonText else items
        for item in items if type(items) is list else ():
            if isinstance(item, dict) and isinstance(item.get("name"), str):
                extra[f"{name}.{item['name']}"] = item.get("value")
    return {**row, **extra} if extra else row
