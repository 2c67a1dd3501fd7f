"""DuckDB: one database per folder, one table per resource.

Rows are inserted from a Parquet file, which DuckDB reads in parts: passed as Arrow tables they stay in
memory, 2 GB of them for a million tickets. pyarrow is therefore required, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.database import DatabaseSink, count_of, quoted
from halo_async.export.sinks.files import finish, part_of
from halo_async.export.sinks.parquet import merged
from halo_async.export.sinks.parts import Parts
from halo_async.export.sinks.tables import drop_lines, outcome
from halo_async.tables.arrow_types import arrow_type, table_schema
from halo_async.tables.column_types import TEXT, TIMESTAMP, ColumnType, Kind
from halo_async.tables.declared import UNDECLARED, declared_columns, record_of
from halo_async.tables.schema import TableColumn, TableSchema

duckdb: Any = import_module("duckdb")  # optional
MEGABYTES, MEGABYTES_A_COLUMN = 384, 2
"""Memory limit of DuckDB: the more columns have values, the more it needs for one row group."""
ROW_GROUP = 65_536
"""Rows of a row group, by whose least and greatest values readers skip.

With DuckDB's own 122,880, tables of a few hundred columns take 1.3 times the CPU time to be written, and 1.4 times the
memory; with fewer than 65,536, files are larger, and take up to twice as long to be read.
"""
_CATALOG = "halo"
_EMPTY = "CAST(NULL AS %"
"""Pattern of what DuckDB tells of a column that `_create` made without values; elsewhere it is a default."""


class DuckdbSink(DatabaseSink):
    """See `DatabaseSink`."""

    scans: ClassVar[bool] = False
    follows: ClassVar[bool] = True

    file = "halo.duckdb"

    @contextmanager
    def open(self, path: Path, columns: int = 0) -> Iterator[Any]:
        """See `DatabaseSink.open`."""
        limit = f"{max(MEGABYTES, columns * MEGABYTES_A_COLUMN)}MB"
        try:
            if not path.exists():
                _begin(path)
            with duckdb.connect(config={"memory_limit": limit, "threads": 1}) as database:
                _attach(database, path)
                database.execute(f"USE {_CATALOG}")
                database.execute(
                    "SET enable_progress_bar = false"
                )  # which DuckDB prints in notebooks and with -c
                yield database
        except duckdb.Error as error:
            raise OSError(5, str(error)) from error

    def columns_of(self, database: Any, table: str) -> dict[str, ColumnType]:
        """See `DatabaseSink.columns_of`."""
        name = table[1:-1].replace('""', '"')
        there = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
        ((count,),) = database.execute(there, [name]).fetchall()
        if not count:
            return {}
        found = database.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema  # noqa: S608 - quoted
        return {column.name: column.type for column in table_schema(found).columns}

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""
        if not material.spool.exists():
            return SinkOutcome(self.file)  # made already, before an earlier run was stopped
        rows = _rows_of(material)
        columns = Parts(material, rows, passing=True).write()
        seen = {column.name for column in columns.columns if column.seen}
        with self.changing(material.folder, len(seen)) as database:
            _create(database, quoted(material.name), rows, seen)
        rows.unlink()
        drop_lines(material)
        return outcome(self.file, columns, material)

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. Unchanged rows stay where they are, unless a column has to change."""
        table, rows = quoted(changes.name), _rows_of(changes)
        with self.changing(changes.folder) as database:
            before = self.columns_of(database, table)
            better = any(_is_better(database, table, *pair, changes) for pair in before.items())
        known = [TableColumn(name, name, type) for name, type in before.items()]
        columns = Parts(changes, rows, known, passing=True).write()
        with self.changing(changes.folder, len(columns.columns)) as database:
            empty = _empty(database, changes.name)
            types = {name: arrow_type(type) for name, type in before.items()}
            if better or _types(columns) != types or _find_filled(database, rows, empty):
                columns, gone = self._rebuilt(database, table, changes, deleted)
            else:
                gone = self.replace(database, table, before.get(changes.key), changes, deleted)
                _insert(database, table, rows, [name for name in before if name not in empty])
            count = count_of(database, table)
        rows.unlink()
        drop_lines(changes)
        return MergeResult(count, gone), outcome(self.file, columns, changes)

    def _rebuilt(
        self, database: Any, table: str, changes: SinkInput, deleted: Collection[Id]
    ) -> tuple[TableSchema, int]:
        """Write the table anew, by way of Parquet, where all conversions are."""
        old, new = (changes.folder / f".{changes.name}.{name}.parquet.part" for name in ("old", "new"))
        try:
            database.execute(f"COPY {table} TO '{_quote_path(old)}' (FORMAT parquet)")
            kept, columns = merged(old, new, changes, deleted)
            _create(database, table, new, _find_filled(database, new, columns.names))
        finally:
            for path in (old, new):
                path.unlink(missing_ok=True)
        return columns, kept.deleted


def _attach(database: Any, path: Path) -> None:
    database.execute(f"ATTACH '{_quote_path(path)}' AS {_CATALOG} (TYPE duckdb, ROW_GROUP_SIZE {ROW_GROUP})")


def _begin(path: Path) -> None:
    """Make a database without tables. It has its name once it is whole: DuckDB opens none that lacks a part."""
    part = part_of(path)
    part.unlink(missing_ok=True)
    try:
        with duckdb.connect() as database:
            _attach(database, part)
        finish(part, path)
    finally:
        part.unlink(missing_ok=True)


def _create(database: Any, table: str, rows: Path, filled: Collection[str]) -> None:
    """Make a table of a Parquet file.

    Other columns than `filled` have no value, and are generated ones: as columns of their own, the hundreds that are
    declared and that an instance does not use would take more time and memory than all values.
    """
    database.execute(f"DROP TABLE IF EXISTS {table}")
    found = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(rows)]).fetchall()
    types = {name: type for name, type, *_ in found}
    stored = [name for name in types if name in filled] or list(types)[:1]  # a table has one at least
    columns = (
        f"{quoted(name)} {type}{'' if name in stored else ' AS (NULL)'}" for name, type in types.items()
    )
    database.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
    _insert(database, table, rows, stored)


def _insert(database: Any, table: str, rows: Path, columns: Collection[str]) -> None:
    names = ", ".join(map(quoted, columns))
    database.execute(f"INSERT INTO {table} BY NAME SELECT {names} FROM read_parquet(?)", [str(rows)])  # noqa: S608 - quoted


def _empty(database: Any, name: str) -> list[str]:
    """Return the columns of a table that `_create` made without values."""
    query = "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND column_default LIKE ?"
    return [column for (column,) in database.execute(query, [name, _EMPTY]).fetchall()]


def _find_filled(database: Any, rows: Path, names: Sequence[str]) -> list[str]:
    """Return which columns of a Parquet file have a value."""
    counts = ", ".join(f"count({quoted(name)})" for name in names)
    if not counts:
        return []
    (found,) = database.execute(f"SELECT {counts} FROM read_parquet(?)", [str(rows)]).fetchall()  # noqa: S608 - quoted
    return [name for name, count in zip(names, found, strict=True) if count]


def _quote_path(path: Path) -> str:
    return str(path).replace("'", "''")


def _types(columns: TableSchema) -> dict[str, Any]:
    return {column.name: arrow_type(column.type) for column in columns.columns}


def _is_better(database: Any, table: str, name: str, type: ColumnType, changes: SinkInput) -> bool:
    """Return whether a column of text, of an older release, can have a type that all its values fit."""
    declared = declared_columns(record_of(changes.operation)).get(name, UNDECLARED).type
    column = quoted(name)
    if type != TEXT:
        return False
    if declared == TIMESTAMP:
        test = f"{column} <> '' AND TRY_CAST({column} AS TIMESTAMP) IS NULL"
    elif changes.nested and declared.kind in (Kind.STRUCT, Kind.LIST):
        test = f"left({column}, 1) NOT IN ('[', '{{')"
    else:
        return False
    count = f"count(*) FILTER ({column} NOT IN ('', '[]', '{{}}')), count(*) FILTER ({test})"
    ((some, others),) = database.execute(f"SELECT {count} FROM {table}").fetchall()  # noqa: S608 - quoted
    return bool(some) and not others


def _rows_of(material: SinkInput) -> Path:
    return part_of(material.folder / f".{material.name}.parquet")
