"""DuckDB: one database a folder, a table a resource. Needs pyarrow, too: through it rows go in column by column."""

from __future__ import annotations

from importlib import import_module
from threading import Lock
from typing import Any

from halo_async.export.columns import Columns, folded_names
from halo_async.export.sinks import Material, Outcome
from halo_async.export.sinks.arrow import schema, tables
from halo_async.export.sinks.sqlite import quoted
from halo_async.export.sinks.tables import drop_lines, outcome, scanned

duckdb: Any = import_module("duckdb")  # optional
FILE = "halo.duckdb"


class DuckdbSink:
    """A table is replaced in one transaction: it is there whole, or as it was."""

    def __init__(self) -> None:
        self._lock = Lock()

    def finish(self, material: Material) -> Outcome:
        """See `Sink.finish`."""
        if not material.spool.exists():
            return Outcome(FILE)  # made already, before an earlier run was stopped
        columns = scanned(material)
        try:
            with self._lock, duckdb.connect(str(material.folder / FILE)) as database:
                _fill(database, material, columns)
        except duckdb.Error as error:
            raise OSError(5, str(error)) from error
        drop_lines(material)
        return outcome(FILE, columns)


def _fill(database: Any, material: Material, columns: Columns) -> None:
    table = quoted(material.name)
    wanted = schema(columns, folded_names(columns.names))
    database.execute("BEGIN")
    try:
        database.register("empty", wanted.empty_table())
        database.execute(f"DROP TABLE IF EXISTS {table}")
        database.execute(f"CREATE TABLE {table} AS SELECT * FROM empty")  # noqa: S608 - quoted
        for rows in tables(material, columns, wanted):
            database.register("rows_now", rows)
            database.execute(f"INSERT INTO {table} SELECT * FROM rows_now")  # noqa: S608 - quoted
            database.unregister("rows_now")
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise
