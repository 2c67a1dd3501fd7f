"""Base of DuckDB and SQLite: one database per folder, table per resource, and transaction per change."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from halo_async.export.columns import EXACT, ColumnType, ExportColumns
from halo_async.export.notes import Notes
from halo_async.export.schema_evolution import WidenedColumn, widen_columns
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.tables import drop_lines, outcome, scanned

IDS = 500
"""Ids per statement."""


class DatabaseSink:
    """Database writer. A table is replaced or changed in one transaction: it is never partial."""

    file: ClassVar[str]
    begin: ClassVar[str] = "BEGIN"
    types: ClassVar[Mapping[ColumnType, str]]
    """Declared type of a column of each kind; of kinds declared alike, the last is read back."""

    def __init__(self) -> None:
        self._lock = Lock()

    @abstractmethod
    def open(self, path: Path, columns: int = 0) -> AbstractContextManager[Any]:
        """Return a connection without implicit transactions; its errors are raised as `OSError`.

        :param columns: number of columns of the rows to be written.
        """

    def columns(self, material: SinkInput) -> ExportColumns:
        """Scan the rows before they are inserted."""
        return scanned(material)

    @abstractmethod
    def insert(self, database: Any, table: str, wide: WidenedColumn, material: SinkInput) -> None:
        """Insert the rows."""

    def done(self, material: SinkInput) -> None:
        """Clean up after the rows are inserted."""
        drop_lines(material)

    def fitted(self, wide: WidenedColumn, notes: Notes) -> WidenedColumn:
        """The columns that the database has room for."""
        return wide

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""
        if not material.spool.exists():
            return SinkOutcome(self.file)  # made already, before an earlier run was stopped
        wide = self._fitted(widen_columns({}, self.columns(material), lambda _: False, folded=True), material)
        with self._changing(material.folder, wide.columns) as database:
            database.execute(f"DROP TABLE IF EXISTS {quoted(material.name)}")
            self._create(database, quoted(material.name), wide)
            self.insert(database, quoted(material.name), wide, material)
        self.done(material)
        return outcome(self.file, wide.columns)

    def there(self, folder: Path, name: str) -> bool:
        """See `Sink.there`."""
        if not (folder / self.file).exists():
            return False
        with self._lock, self.open(folder / self.file) as database:
            return bool(self._kinds(database, quoted(name)))

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. Unchanged rows stay where they are, unless a column has to change."""
        new, table = self.columns(changes), quoted(changes.name)
        with self._changing(changes.folder, new) as database:
            before = self._kinds(database, table)
            wide = widen_columns(before, new, lambda label: _is_large(database, table, label), folded=True)
            wide = self._fitted(wide, changes)
            if wide.changed:
                self._rebuild(database, table, wide)
            count = _count(database, table)
            self._delete(database, table, wide, deleted, changes)
            gone = count - _count(database, table)
            self._delete(database, table, wide, changes.replaced, changes)
            self.insert(database, table, wide, changes)
            rows = _count(database, table)
        self.done(changes)
        return MergeResult(rows, gone), outcome(self.file, wide.columns)

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """See `Sink.ids`."""
        with self._lock, self.open(folder / self.file) as database:
            if field not in self._kinds(database, quoted(name)):
                return
            found = database.execute(f"SELECT {quoted(field)} FROM {quoted(name)}")  # noqa: S608 - quoted
            while rows := found.fetchmany(IDS):
                yield from (id for (id,) in rows)

    def _fitted(self, wide: WidenedColumn, material: SinkInput) -> WidenedColumn:
        fitted = self.fitted(wide, material.notes)
        for label, column in fitted:
            if column.seen and label != column.name:
                material.notes.renamed(column.name, label)
        return fitted

    @contextmanager
    def _changing(self, folder: Path, columns: ExportColumns) -> Iterator[Any]:
        with self._lock, self.open(folder / self.file, len(columns.columns)) as database:
            database.execute(self.begin)
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                with suppress(Exception):  # report the original error
                    database.execute("ROLLBACK")
                raise

    def _create(self, database: Any, table: str, wide: WidenedColumn) -> None:
        parts = [f"{quoted(label)} {self.types[column.kind]}".rstrip() for label, column in wide]
        empty = f"value {self.types[ColumnType.TEXT]}"
        database.execute(f"CREATE TABLE {table} ({', '.join(parts) or empty})")

    def _kinds(self, database: Any, table: str) -> dict[str, ColumnType]:
        kinds = {declared: kind for kind, declared in self.types.items()}
        found = database.execute(f"PRAGMA table_info({self.pragma(table)})").fetchall()
        return {name: kinds.get(declared, ColumnType.TEXT) for _, name, declared, *_ in found}

    def pragma(self, table: str) -> str:
        """Return a table's name as a pragma requires it."""
        return table

    def _rebuild(self, database: Any, table: str, wide: WidenedColumn) -> None:
        """Rebuild a table with other columns and all its rows."""
        made = quoted(f"{table[1:-1]}.merged")
        database.execute(f"DROP TABLE IF EXISTS {made}")
        self._create(database, made, wide)
        labels = ", ".join(quoted(label) for label in wide.before)
        values = ", ".join(self._cast(label, kind, column.kind) for (label, column), kind in
                           zip(wide, wide.before.values(), strict=False))  # fmt: skip
        if labels:
            database.execute(f"INSERT INTO {made} ({labels}) SELECT {values} FROM {table}")  # noqa: S608 - quoted
        database.execute(f"DROP TABLE {table}")
        database.execute(f"ALTER TABLE {made} RENAME TO {table}")

    def _cast(self, label: str, old: ColumnType, new: ColumnType) -> str:
        name = quoted(label)
        if old is new or new is ColumnType.NONE:
            return name
        if old is ColumnType.BOOL and new is ColumnType.TEXT:
            return f"CASE WHEN {name} THEN 'true' WHEN NOT {name} THEN 'false' END"
        return f"CAST({name} AS {self.types[new]})"

    def _delete(
        self, database: Any, table: str, wide: WidenedColumn, keys: Collection[Id], changes: SinkInput
    ) -> None:
        kind = next((column.kind for label, column in wide if label == changes.key), None)
        if kind is None:
            return
        fit = (
            [str(key) for key in keys]
            if kind is ColumnType.TEXT
            else [key for key in keys if _is_number(key)]
        )
        each = iter(fit)
        while some := list(islice(each, IDS)):
            changes.go_on()
            places = ", ".join("?" * len(some))
            database.execute(f"DELETE FROM {table} WHERE {quoted(changes.key)} IN ({places})", some)  # noqa: S608 - quoted


def _is_number(id: Id) -> bool:
    return isinstance(id, int | float) and abs(id) < 2**63


def _is_large(database: Any, table: str, label: str) -> bool:
    name = quoted(label)
    query = f"SELECT count(*) FROM {table} WHERE {name} > {EXACT} OR {name} < -{EXACT}"  # noqa: S608 - quoted
    ((count,),) = database.execute(query).fetchall()
    return bool(count)


def _count(database: Any, table: str) -> int:
    ((count,),) = database.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - quoted
    return int(count)


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
