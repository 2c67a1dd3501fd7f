"""What lists in memory share: the bounds of a request, and a spool that writes no file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from halo_async.export.spool import SelectedRows, Spool, SpoolCodec


def within_bounds(row_id: int, query: dict[str, str]) -> bool:
    """Return whether a row is within the bounds of ids that `advanced_search` sets."""
    tests = json.loads(query.get("advanced_search", "[]"))
    bounds = [(test["filter_type"], int(test["filter_value"])) for test in tests]
    return all(row_id > value if kind == 7 else row_id <= value for kind, value in bounds)


class LinesInMemory(Spool):
    """A spool whose lines stay in memory."""

    def __init__(self, codec: SpoolCodec) -> None:
        self.codec, self.offset = codec, 0
        self.lines: list[bytes] = []

    @property
    def ids(self) -> list[int]:
        return [json.loads(line)["id"] for line in self.lines]

    def rows(self) -> Iterator[bytes]:
        return iter(self.lines)

    def append(self, rows: Sequence[bytes]) -> int:
        self.lines += rows
        self.offset = len(self.lines)
        return 0

    def select(self, is_kept: Callable[[bytes], bool]) -> SelectedRows:
        self.kept = [row for row in self.lines if is_kept(row)]
        return SelectedRows(Path(), len(self.kept), len(self.kept), 0)

    def replace(self, chosen: SelectedRows) -> None:
        self.lines[:] = self.kept
        self.offset = len(self.lines)

    def sync(self) -> None:
        """Nothing is on a disk."""
