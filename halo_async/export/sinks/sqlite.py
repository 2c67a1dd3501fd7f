"""SQLite: one database per folder, one table per resource."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from halo_async.export.columns import ColumnType, converter
from halo_async.export.notes import Notes
from halo_async.export.schema_evolution import REST, WidenedColumn
from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.database import DatabaseSink, quoted
from halo_async.export.sinks.tables import column_batches, rest_of

MOST = 2000
"""Maximum number of columns in SQLite."""


class SqliteSink(DatabaseSink):
    """See `DatabaseSink`."""

    file = "halo.sqlite"
    begin = "BEGIN IMMEDIATE"
    types = {
        ColumnType.NONE: "",
        ColumnType.BOOL: "BOOLEAN",
        ColumnType.INT: "INTEGER",
        ColumnType.FLOAT: "REAL",
        ColumnType.JSON: "TEXT",
        ColumnType.TEXT: "TEXT",
    }

    @contextmanager
    def open(self, path: Path, columns: int = 0) -> Iterator[sqlite3.Connection]:
        """See `DatabaseSink.open`."""
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = FULL")
                database.create_function("as_text", 1, converter(ColumnType.TEXT), deterministic=True)
                yield database
        except sqlite3.Error as error:
            raise OSError(5, str(error)) from error

    def fitted(self, wide: WidenedColumn, notes: Notes) -> WidenedColumn:
        """See `DatabaseSink.fitted`: columns that no row has are left out first, and at last some have to share."""
        if _fits(wide):
            return wide
        wide = wide.only([label for label, column in wide if column.seen or label in wide.before])
        if _fits(wide):
            return wide
        wide = wide.at_most(MOST)
        notes.beyond(REST, len(wide.rest))
        return wide

    def insert(self, database: Any, table: str, wide: WidenedColumn, material: SinkInput) -> None:
        """See `DatabaseSink.insert`."""
        names = ", ".join(quoted(label) for label in wide.labels)
        places = ", ".join("?" * len(wide.labels))
        insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - quoted
        for rows, values in column_batches(material, wide.columns):
            if wide.rest:
                values[wide.labels.index(REST)] = rest_of(rows, wide.rest, material.flatten)
            database.executemany(insert, zip(*values, strict=True))

    def _cast(self, label: str, old: ColumnType, new: ColumnType) -> str:
        if old is ColumnType.FLOAT and new is ColumnType.TEXT:
            return f"as_text({quoted(label)})"  # SQLite's own text has 15 digits of a number
        return super()._cast(label, old, new)


def _fits(wide: WidenedColumn) -> bool:
    """Return whether there is room, and still for `REST`, should later rows bring more fields."""
    return len(set(wide.labels) - {REST}) < MOST
