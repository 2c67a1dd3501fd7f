"""DuckDB: one database a folder, a table a resource. Needs pyarrow, too: through it rows go in column by column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from halo_async.export.columns import Kind
from halo_async.export.sinks import Material
from halo_async.export.sinks.arrow import schema, tables
from halo_async.export.sinks.database import DatabaseSink, quoted
from halo_async.export.widening import Widened

duckdb: Any = import_module("duckdb")  # optional


class DuckdbSink(DatabaseSink):
    """See `DatabaseSink`."""

    file = "halo.duckdb"
    types = {
        Kind.NONE: "VARCHAR",
        Kind.BOOL: "BOOLEAN",
        Kind.INT: "BIGINT",
        Kind.FLOAT: "DOUBLE",
        Kind.JSON: "VARCHAR",
        Kind.TEXT: "VARCHAR",
    }

    @contextmanager
    def open(self, path: Path) -> Iterator[Any]:
        """See `DatabaseSink.open`."""
        try:
            with duckdb.connect(str(path)) as database:
                yield database
        except duckdb.Error as error:
            raise OSError(5, str(error)) from error

    def pragma(self, table: str) -> str:
        """See `DatabaseSink.pragma`."""
        return "'" + table.replace("'", "''") + "'"

    def insert(self, database: Any, table: str, wide: Widened, material: Material) -> int:
        """See `DatabaseSink.insert`."""
        wanted, rows = schema(wide.columns, list(wide.labels)), 0
        names = ", ".join(quoted(label) for label in wide.labels)
        for some in tables(material, wide.columns, wanted):
            database.register("rows_now", some)
            database.execute(f"INSERT INTO {table} ({names}) SELECT * FROM rows_now")  # noqa: S608 - quoted
            database.unregister("rows_now")
            rows += some.num_rows
        return rows
