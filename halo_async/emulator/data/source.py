"""Protocol between a table and the source of its seeded rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

Row = dict[str, Any]


class DataSource(Protocol):
    """Rows 1 to ``count``, each made from its id alone."""

    @property
    def count(self) -> int:
        """Return the initial number of rows."""
        ...

    def core(self, id: int) -> Mapping[str, Any]:
        """Return the few fields that most filters read: cheap, since a filter may need it for every row."""
        ...

    def row(self, id: int) -> Row:
        """Return the row as in a list."""
        ...

    def full(self, id: int) -> Row:
        """Return the object as in ``GET /…/{id}``."""
        ...


@attrs.frozen
class Parent:
    """Rows whose ids are unique only within a parent.

    :param field: the field with the parent's id.
    :param size: the number of seeded rows of each parent.
    :param nameless: whether every row's id is 0 (timesheets: agent and day identify them).
    """

    field: str
    size: int
    nameless: bool = False

    def place(self, number: int) -> Row:
        """Return parent and id of the n-th seeded row."""
        outer, inner = divmod(number - 1, self.size)
        return {self.field: outer + 1, "id": 0 if self.nameless else inner + 1}


class Few:
    """Short list of ready rows, ids 1 to n in order: statuses, priorities, teams."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows
        self.count = len(rows)

    def core(self, id: int) -> Mapping[str, Any]:
        """Return the whole row: it already exists."""
        return self._rows[id - 1]

    def row(self, id: int) -> Row:
        """Return a copy of the row."""
        return dict(self._rows[id - 1])

    def full(self, id: int) -> Row:
        """Return the same as the row."""
        return self.row(id)


class Sparse:
    """Short list of ready rows under ids of their own: custom fields."""

    def __init__(self, rows: dict[int, Row]) -> None:
        self._rows = rows
        self.count = max(rows)
        self.gaps = [id for id in range(1, self.count) if id not in rows]
        """Unused ids below the highest."""

    def core(self, id: int) -> Mapping[str, Any]:
        """Return the whole row: it already exists."""
        return self._rows.get(id, {})

    def row(self, id: int) -> Row:
        """Return a copy of the row."""
        return dict(self._rows[id])

    def full(self, id: int) -> Row:
        """Return the same as the row."""
        return self.row(id)
