"""SQLite: one database a folder, a table a resource."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from threading import Lock

from halo_async.export.columns import Columns, Kind, folded_names
from halo_async.export.sinks import Material, Outcome
from halo_async.export.sinks.tables import column_batches, drop_lines, outcome, scanned

FILE = "halo.sqlite"
MOST = 2000
"""Columns that SQLite takes."""
_TYPES = {Kind.BOOL: "BOOLEAN", Kind.INT: "INTEGER", Kind.FLOAT: "REAL", Kind.TEXT: "TEXT", Kind.JSON: "TEXT"}


class SqliteSink:
    """A table is replaced in one transaction: it is there whole, or as it was."""

    def __init__(self) -> None:
        self._lock = Lock()

    def finish(self, material: Material) -> Outcome:
        """See `Sink.finish`."""
        if not material.spool.exists():
            return Outcome(FILE)  # made already, before an earlier run was stopped
        columns = scanned(material)
        if len(columns.columns) > MOST:
            raise OSError(
                7, f"{len(columns.columns)} columns are more than SQLite takes: use parquet or duckdb"
            )
        try:
            with self._lock, closing(_opened(material)) as database:
                _fill(database, material, columns)
        except sqlite3.Error as error:
            raise OSError(5, str(error)) from error
        drop_lines(material)
        return outcome(FILE, columns)


def _opened(material: Material) -> sqlite3.Connection:
    database = sqlite3.connect(material.folder / FILE, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    return database


def _fill(database: sqlite3.Connection, material: Material, columns: Columns) -> None:
    table = quoted(material.name)
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(f"DROP TABLE IF EXISTS {table}")
        database.execute(f"CREATE TABLE {table} ({_definition(columns)})")
        places = ",".join("?" * max(1, len(columns.columns)))
        insert = f"INSERT INTO {table} VALUES ({places})"  # noqa: S608 - the name is quoted
        for _, values in column_batches(material, columns):
            database.executemany(insert, zip(*values, strict=True))
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _definition(columns: Columns) -> str:
    names = folded_names(columns.names)
    parts = [
        f"{quoted(name)} {_TYPES.get(column.kind, '')}".rstrip()
        for name, column in zip(names, columns.columns, strict=True)
    ]
    return ", ".join(parts) or "value"


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
