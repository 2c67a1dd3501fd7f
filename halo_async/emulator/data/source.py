"""What a table needs from whatever makes its seeded rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

Row = dict[str, Any]


class DataSource(Protocol):
    """Rows 1 to ``count``, each made from its id alone."""

    @property
    def count(self) -> int:
        """How many rows there were at the start."""
        ...

    def core(self, id: int) -> Mapping[str, Any]:
        """The few fields that most filters look at: cheap, since a filter may ask it of every row."""
        ...

    def row(self, id: int) -> Row:
        """The row as a list shows it."""
        ...

    def full(self, id: int) -> Row:
        """The object as ``GET /…/{id}`` shows it."""
        ...


@attrs.frozen
class Parent:
    """Rows whose ids count only within a parent.

    :param field: the parent's id in a row.
    :param size: how many seeded rows each parent has.
    :param nameless: whether every row's id is 0 (timesheets: agent and day tell them apart).
    """

    field: str
    size: int
    nameless: bool = False

    def place(self, number: int) -> Row:
        """Parent and id of the n-th seeded row."""
        outer, inner = divmod(number - 1, self.size)
        return {self.field: outer + 1, "id": 0 if self.nameless else inner + 1}


class Few:
    """A short list of ready rows, ids 1 to n in order: statuses, priorities, teams."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows
        self.count = len(rows)

    def core(self, id: int) -> Mapping[str, Any]:
        """The whole row: it is there already."""
        return self._rows[id - 1]

    def row(self, id: int) -> Row:
        """A copy of the row."""
        return dict(self._rows[id - 1])

    def full(self, id: int) -> Row:
        """The same as the row."""
        return self.row(id)


class Sparse:
    """A short list of ready rows under ids of their own: custom fields."""

    def __init__(self, rows: dict[int, Row]) -> None:
        self._rows = rows
        self.count = max(rows)
        self.gaps = [id for id in range(1, self.count) if id not in rows]
        """Ids below the highest that no row has."""

    def core(self, id: int) -> Mapping[str, Any]:
        """The whole row: it is there already."""
        return self._rows.get(id, {})

    def row(self, id: int) -> Row:
        """A copy of the row."""
        return dict(self._rows[id])

    def full(self, id: int) -> Row:
        """The same as the row."""
        return self.row(id)
