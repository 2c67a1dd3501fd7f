"""Notes of values that are not in a table as they came."""

from __future__ import annotations

from collections import Counter
from typing import Any


class NotedRows:
    """Notes of rows, as sentences for a report."""

    def __init__(self) -> None:
        self._values: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], Any] = {}
        self._others = 0

    def value(self, id: Any, name: str, wrong: str) -> None:
        """A value that is text now."""
        self._values[name, wrong] += 1
        self._first.setdefault((name, wrong), id)

    def renamed(self, name: str, label: str) -> None:
        """A field whose column is called otherwise: Arrow's metadata have both names."""

    def no_objects(self, count: int) -> None:
        """Rows that are not objects."""
        self._others += count

    def sentences(self) -> list[str]:
        """Return one for each column and reason."""
        said = [f"{name}: the value of {self._where(name, wrong)} {wrong}" for name, wrong in self._values]
        return [*said, "value: rows that are not objects"] if self._others else said

    def _where(self, name: str, wrong: str) -> str:
        id = self._first[name, wrong]
        return "a row" if id is None else f"row {id}"
