"""SQLite: one database per folder, one table per resource."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from halo_async.export.schema_evolution import WidenedColumn
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.database import TEXTUAL, DatabaseSink, count_of, quoted
from halo_async.export.sinks.tables import column_batches, drop_lines, outcome, plain_text, rest_of, scanned
from halo_async.tables.column_types import BOOL, FLOAT, INT, LONG, NULL, TEXT, TIMESTAMP, ColumnType, Kind
from halo_async.tables.dates import date_text
from halo_async.tables.declared import declared_columns, record_of
from halo_async.tables.naming import REST
from halo_async.tables.schema import TableColumn
from halo_async.tables.value_types import EXACT

MOST = 2000
"""Maximum number of columns in SQLite."""
_TYPES = {Kind.NULL: "", Kind.BOOL: "BOOLEAN", Kind.INT: "INTEGER", Kind.LONG: "INTEGER", Kind.FLOAT: "REAL"}
_READ = {"": NULL, "BOOLEAN": BOOL, "INTEGER": LONG, "REAL": FLOAT}
_EMPTY = "value TEXT"


class SqliteSink(DatabaseSink):
    """See `DatabaseSink`. Dates are text in UTC, in one form."""

    file = "halo.sqlite"
    begin = "BEGIN IMMEDIATE"

    @contextmanager
    def open(self, path: Path, columns: int = 0) -> Iterator[sqlite3.Connection]:
        """See `DatabaseSink.open`."""
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = FULL")
                database.create_function("as_text", 1, plain_text, deterministic=True)
                yield database
        except sqlite3.Error as error:
            raise OSError(5, str(error)) from error

    def columns_of(self, database: Any, table: str) -> dict[str, ColumnType]:
        """See `DatabaseSink.columns_of`."""
        found = database.execute(f"PRAGMA table_info({table})").fetchall()
        return {name: _READ.get(declared, TEXT) for _, name, declared, *_ in found}

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""
        if not material.spool.exists():
            return SinkOutcome(self.file)  # made already, before an earlier run was stopped
        wide = _fitted(WidenedColumn(scanned(material)), material)
        table = quoted(material.name)
        with self.changing(material.folder) as database:
            database.execute(f"DROP TABLE IF EXISTS {table}")
            _create(database, table, wide)
            _insert(database, table, wide, material)
        drop_lines(material)
        return outcome(self.file, wide.columns, material)

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. Unchanged rows stay where they are, unless a column has to change."""
        table = quoted(changes.name)
        with self.changing(changes.folder) as database:
            known = self._read_columns(database, table, changes)
            before = {column.name: column.type for column in known}
            wide = _fitted(WidenedColumn(scanned(changes, known), before), changes)
            declared = {column.name: _name_type(column.type) for column in wide}
            if declared != {name: _name_type(type) for name, type in before.items()}:
                _rebuild(database, table, wide)
            key = next((column.type for column in wide if column.name == changes.key), None)
            gone = self.replace(database, table, key, changes, deleted)
            _insert(database, table, wide, changes)
            rows = count_of(database, table)
        drop_lines(changes)
        return MergeResult(rows, gone), outcome(self.file, wide.columns, changes)

    def _read_columns(self, database: Any, table: str, changes: SinkInput) -> list[TableColumn]:
        """Return the columns of a table, with dates in the form of now where all values are some."""
        columns = self.columns_of(database, table)
        declared = declared_columns(record_of(changes.operation))
        for name in [name for name, type in declared.items() if type.type == TIMESTAMP]:
            if columns.get(name) == TEXT and _as_dates(database, table, name, changes.never_as_null):
                columns[name] = TIMESTAMP
        numbers = [name for name, type in columns.items() if type == LONG]
        for name, large in zip(numbers, _large(database, table, numbers), strict=True):
            columns[name] = LONG if large else INT
        return [TableColumn(name, name, type) for name, type in columns.items()]


def _fitted(wide: WidenedColumn, material: SinkInput) -> WidenedColumn:
    """The columns that there is room for: some that no row has are left out first, at last some have to share."""
    if _fits_table(wide):
        return wide
    wide = wide.only([column.name for column in wide if column.seen or column.name in wide.before])
    if _fits_table(wide):
        return wide
    wide = wide.at_most(MOST)
    material.notes.beyond(REST, len(wide.rest))
    return wide


def _fits_table(wide: WidenedColumn) -> bool:
    """Return whether there is room, and still for `REST`, should later rows bring more fields."""
    return len(set(wide.labels) - {REST}) < MOST


def _name_type(type: ColumnType) -> str:
    return _TYPES.get(type.kind, "TEXT")


def _create(database: Any, table: str, wide: WidenedColumn) -> None:
    parts = [f"{quoted(column.name)} {_name_type(column.type)}".rstrip() for column in wide]
    database.execute(f"CREATE TABLE {table} ({', '.join(parts) or _EMPTY})")


def _insert(database: Any, table: str, wide: WidenedColumn, material: SinkInput) -> None:
    names = ", ".join(quoted(label) for label in wide.labels)
    places = ", ".join("?" * len(wide.labels))
    insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - quoted
    for rows, values in column_batches(material, wide.columns):
        if wide.rest:
            values[wide.labels.index(REST)] = rest_of(rows, wide.rest, material.flatten)
        database.executemany(insert, zip(*values, strict=True))


def _rebuild(database: Any, table: str, wide: WidenedColumn) -> None:
    """Rebuild a table with other columns and all its rows."""
    made = quoted(f"{table[1:-1]}.merged")
    database.execute(f"DROP TABLE IF EXISTS {made}")
    _create(database, made, wide)
    old = [(column, wide.before[column.name]) for column in wide if column.name in wide.before]
    labels = ", ".join(quoted(column.name) for column, _ in old)
    values = ", ".join(_cast(column.name, before, column.type) for column, before in old)
    if labels:
        database.execute(f"INSERT INTO {made} ({labels}) SELECT {values} FROM {table}")  # noqa: S608 - quoted
    database.execute(f"DROP TABLE {table}")
    database.execute(f"ALTER TABLE {made} RENAME TO {table}")


def _cast(label: str, old: ColumnType, new: ColumnType) -> str:
    name = quoted(label)
    if _name_type(old) == _name_type(new) or new.kind is Kind.NULL:
        return name
    if old.kind is Kind.BOOL and new.kind in TEXTUAL:
        return f"CASE WHEN {name} THEN 'true' WHEN NOT {name} THEN 'false' END"
    if old.kind is Kind.FLOAT:
        return f"as_text({name})"  # SQLite's own text has 15 digits of a number
    return f"CAST({name} AS {_name_type(new)})"


def _large(database: Any, table: str, names: list[str]) -> list[bool]:
    """Return for each column whether it has integers that floating point numbers would round."""
    if not names:
        return []
    parts = ", ".join(f"max(abs({quoted(name)} / 2)) >= {EXACT // 2}" for name in names)
    (found,) = database.execute(f"SELECT {parts} FROM {table}").fetchall()  # noqa: S608 - quoted
    return [bool(large) for large in found]


def _as_dates(database: Any, table: str, name: str, never_as_null: bool) -> bool:
    """Bring the dates of a column of text into the form of now; do nothing and return False if one is not a date."""
    convert: Callable[[Any], Any] = partial(date_text, never_as_null=never_as_null)
    try:
        database.create_function("as_date", 1, convert, deterministic=True)
        column = quoted(name)
        database.execute("SAVEPOINT dates")
        changed = f"{column} IS NOT as_date({column})"
        database.execute(f"UPDATE {table} SET {column} = as_date({column}) WHERE {changed}")  # noqa: S608 - quoted
    except sqlite3.OperationalError:
        database.execute("ROLLBACK TO dates")
        return False
    else:
        return True
    finally:
        database.execute("RELEASE dates")
