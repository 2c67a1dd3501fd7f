"""SQLite: one database a folder, a table a resource."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from halo_async.export.columns import Columns, Kind
from halo_async.export.sinks import Material
from halo_async.export.sinks.database import DatabaseSink, quoted
from halo_async.export.sinks.tables import column_batches
from halo_async.export.widening import Widened

MOST = 2000
"""Columns that SQLite takes."""


class SqliteSink(DatabaseSink):
    """See `DatabaseSink`."""

    file = "halo.sqlite"
    begin = "BEGIN IMMEDIATE"
    types = {
        Kind.NONE: "",
        Kind.BOOL: "BOOLEAN",
        Kind.INT: "INTEGER",
        Kind.FLOAT: "REAL",
        Kind.JSON: "TEXT",
        Kind.TEXT: "TEXT",
    }

    @contextmanager
    def open(self, path: Path, columns: int = 0) -> Iterator[sqlite3.Connection]:
        """See `DatabaseSink.open`."""
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = FULL")
                yield database
        except sqlite3.Error as error:
            raise OSError(5, str(error)) from error

    def check(self, columns: Columns) -> None:
        """See `DatabaseSink.check`."""
        if len(columns.columns) > MOST:
            raise OSError(
                7, f"{len(columns.columns)} columns are more than SQLite takes: use parquet or duckdb"
            )

    def insert(self, database: Any, table: str, wide: Widened, material: Material) -> None:
        """See `DatabaseSink.insert`."""
        names = ", ".join(quoted(label) for label in wide.labels) or "value"
        places = ", ".join("?" * max(1, len(wide.labels)))
        insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - quoted
        for _, values in column_batches(material, wide.columns):
            database.executemany(insert, zip(*values, strict=True))
