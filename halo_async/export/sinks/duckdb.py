"""DuckDB: one database per folder, one table per resource.

Rows are inserted from a Parquet file, which DuckDB reads in parts: passed as Arrow tables they stay in
memory, 2 GB of them for a million tickets. pyarrow is therefore required, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from halo_async.export.columns import ColumnType, ExportColumns
from halo_async.export.schema_evolution import WidenedColumn
from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.arrow import pq
from halo_async.export.sinks.database import DatabaseSink, quoted
from halo_async.export.sinks.files import part_of
from halo_async.export.sinks.parts import Parts

duckdb: Any = import_module("duckdb")  # optional
MEGABYTES, MEGABYTES_A_COLUMN = 384, 2
"""Memory limit of DuckDB: the wider the table, the more it needs for one row group."""


class DuckdbSink(DatabaseSink):
    """See `DatabaseSink`."""

    file = "halo.duckdb"
    types = {
        ColumnType.NONE: "VARCHAR",
        ColumnType.BOOL: "BOOLEAN",
        ColumnType.INT: "BIGINT",
        ColumnType.FLOAT: "DOUBLE",
        ColumnType.JSON: "VARCHAR",
        ColumnType.TEXT: "VARCHAR",
    }

    @contextmanager
    def open(self, path: Path, columns: int = 0) -> Iterator[Any]:
        """See `DatabaseSink.open`."""
        limit = f"{max(MEGABYTES, columns * MEGABYTES_A_COLUMN)}MB"
        try:
            with duckdb.connect(str(path), config={"memory_limit": limit, "threads": 1}) as database:
                yield database
        except duckdb.Error as error:
            raise OSError(5, str(error)) from error

    def pragma(self, table: str) -> str:
        """See `DatabaseSink.pragma`."""
        return "'" + table.replace("'", "''") + "'"

    def columns(self, material: SinkInput) -> ExportColumns:
        """See `DatabaseSink.columns`: they are determined while the rows are written for DuckDB to read."""
        return Parts(material, _rows_of(material)).write()

    def insert(self, database: Any, table: str, wide: WidenedColumn, material: SinkInput) -> None:
        """See `DatabaseSink.insert`. DuckDB converts values to text if the table's column is text."""
        rows = _rows_of(material)
        # By position: in DuckDB, names that differ only in case are the same.
        places = {name: f"c{place}" for place, name in enumerate(pq.read_schema(str(rows)).names)}
        seen = [(quoted(label), places[column.name]) for label, column in wide if column.seen]
        if not seen:  # rows without any value are rows
            seen = [(quoted(wide.labels[0]), "NULL")]
        labels, names = (", ".join(some) for some in zip(*seen, strict=True))
        source = f"read_parquet(?) AS rows({', '.join(places.values())})"
        database.execute(f"INSERT INTO {table} ({labels}) SELECT {names} FROM {source}", [str(rows)])  # noqa: S608

    def done(self, material: SinkInput) -> None:
        """See `DatabaseSink.done`."""
        _rows_of(material).unlink()
        super().done(material)


def _rows_of(material: SinkInput) -> Path:
    return part_of(material.folder / f".{material.name}.parquet")
