"""Ids of rows that were written, so small that those of a million rows fit beside them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import sub
from typing import Any

from halo_async.export.seen_ids import RowId

_LIMIT = 2**63


class WrittenIds:
    """Numbers that identify rows, as `mark` makes them of ids.

    A page whose ids ascend by less than 256 from row to row, as most do, takes a byte for each of them.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[int, bytes]] = []
        self._others = array("q")

    def __iter__(self) -> Iterator[int]:
        for first, steps in self._runs:
            yield from accumulate(steps, initial=first)
        yield from self._others

    def extend(self, ids: Sequence[RowId]) -> None:
        """Add the ids of a page."""
        numbers: Any = ids
        try:
            steps = bytes(map(sub, numbers[1:], numbers))
            is_run = type(ids[0]) is int and mark(ids[0]) == ids[0] and mark(ids[-1]) == ids[-1]
        except (IndexError, TypeError, ValueError):  # no ids, texts among them, or greater steps
            steps, is_run = b"", False
        if is_run:
            self._runs.append((numbers[0], steps))
        else:
            self._others.extend(map(mark, ids))


def mark(id: RowId) -> int:
    """A number of 64 bits that identifies a row."""
    return id if type(id) is int and -_LIMIT <= id < _LIMIT else hash(id)
