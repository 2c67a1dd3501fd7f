"""The columns of a table, as they are found in rows and written beside files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from halo_async.tables.column_types import NULL, ColumnType


@attrs.frozen
class TableColumn:
    """One column."""

    name: str
    """Its name in the table."""
    original: str
    """The name of its field in JSON."""
    type: ColumnType
    declared: bool = True
    """True if the record class has the field."""
    seen: bool = True
    """True if a row has it."""
    nullable: bool = True
    """False if every row has a value."""


@attrs.frozen
class Widening:
    """A column whose type holds more than was declared, or than the rows before needed."""

    column: str
    """The name of the field in JSON; of a nested one with its path, as in `customfields[].value`."""
    before: ColumnType
    after: ColumnType
    why: str
    """The first value that did not fit, in words."""
    row: Any = None
    """The id of that value's row."""

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}: "
        return f"{self.column}: {self.before} -> {self.after} ({row}{self.why})"


@attrs.frozen
class TableSchema:
    """Columns of the rows of one list."""

    columns: tuple[TableColumn, ...]
    record: str | None = None
    """Halo's name of the record."""
    widenings: tuple[Widening, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the table."""
        return tuple(column.name for column in self.columns)

    @property
    def added(self) -> tuple[str, ...]:
        """Fields in JSON that the record class does not have."""
        return tuple(column.original for column in self.columns if not column.declared)

    @property
    def widened(self) -> tuple[str, ...]:
        """Columns that are wider than declared or than before, one sentence for each."""
        return tuple(map(str, self.widenings))

    @property
    def renamed(self) -> Mapping[str, str]:
        """Names in the table by those in JSON, where they differ."""
        return {item.original: item.name for item in self.columns if item.name != item.original}

    def only(self, names: Iterable[str]) -> TableSchema:
        """Return the schema with some of the columns.

        :param names: their names in the table; unknown ones are ignored.
        """
        wanted = set(names)
        return attrs.evolve(self, columns=tuple(item for item in self.columns if item.name in wanted))

    def to_json(self) -> dict[str, Any]:
        """Return the schema as JSON, for `<resource>.schema.json`."""
        return {
            "halo-schema": 1,
            "record": self.record,
            "columns": [
                {
                    "name": item.name,
                    "field": item.original,
                    "type": item.type.to_json(),
                    "nullable": item.nullable,
                    "declared": item.declared,
                    "seen": item.seen,
                }
                for item in self.columns
            ],
        }

    @classmethod
    def from_json(cls, value: Any) -> TableSchema:
        """Return the schema that `to_json` wrote.

        :param value: decoded JSON.
        :raises ValueError: it is another value.
        """
        try:
            columns = [
                TableColumn(
                    item["name"],
                    item["field"],
                    ColumnType.from_json(item["type"]),
                    item["declared"],
                    item["seen"],
                    item["nullable"],
                )
                for item in value["columns"]
            ]
            return cls(tuple(columns), value["record"])
        except (KeyError, TypeError):
            raise ValueError("This is not the schema of an export.") from None


NO_COLUMNS = TableSchema((TableColumn("value", "value", NULL, declared=False, seen=False),))
"""Rows without any field are rows, too."""
