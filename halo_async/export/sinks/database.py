"""Base of DuckDB and SQLite: one database per folder, table per resource, and transaction per change."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from halo_async.export.sinks import Id, SinkInput
from halo_async.tables.column_types import ColumnType, Kind

IDS = 500
"""Ids per statement."""


class DatabaseSink:
    """Database writer. A table is replaced or changed in one transaction: it is never partial."""

    scans: ClassVar[bool] = False
    follows: ClassVar[bool] = False

    file: ClassVar[str]
    begin: ClassVar[str] = "BEGIN"

    def __init__(self) -> None:
        self._lock = Lock()

    @abstractmethod
    def open(self, path: Path, columns: int = 0) -> AbstractContextManager[Any]:
        """Return a connection without implicit transactions; its errors are raised as `OSError`.

        :param columns: how many columns of the rows to be written have a value, at most.
        """

    @abstractmethod
    def columns_of(self, database: Any, table: str) -> dict[str, ColumnType]:
        """Return the columns of a table; none if there is no such table."""

    def there(self, folder: Path, name: str) -> bool:
        """See `Sink.there`."""
        if not (folder / self.file).exists():
            return False
        with self._lock, self.open(folder / self.file) as database:
            return bool(self.columns_of(database, quoted(name)))

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """See `Sink.ids`."""
        with self._lock, self.open(folder / self.file) as database:
            if field not in self.columns_of(database, quoted(name)):
                return
            found = database.execute(f"SELECT {quoted(field)} FROM {quoted(name)}")  # noqa: S608 - quoted
            while rows := found.fetchmany(IDS):
                yield from (id for (id,) in rows)

    @contextmanager
    def changing(self, folder: Path, columns: int = 0) -> Iterator[Any]:
        """A transaction of one thread at a time; `columns`: see `open`."""
        with self._lock, self.open(folder / self.file, columns) as database:
            database.execute(self.begin)
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                with suppress(Exception):  # report the original error
                    database.execute("ROLLBACK")
                raise

    def replace(
        self, database: Any, table: str, key: ColumnType | None, changes: SinkInput, deleted: Collection[Id]
    ) -> int:
        """Delete the rows that are deleted or replaced; return how many were deleted.

        :param key: the type of the column `changes.key`; None if there is none.
        """
        count = count_of(database, table)
        self._delete(database, table, key, deleted, changes)
        gone = count - count_of(database, table)
        self._delete(database, table, key, changes.replaced, changes)
        return gone

    def _delete(
        self, database: Any, table: str, type: ColumnType | None, keys: Collection[Id], changes: SinkInput
    ) -> None:
        if type is None:
            return
        fit = (
            [str(key) for key in keys]
            if type.kind in TEXTUAL
            else [key for key in keys if _is_number(key, type)]
        )
        each = iter(fit)
        while some := list(islice(each, IDS)):
            changes.go_on()
            places = ", ".join("?" * len(some))
            database.execute(f"DELETE FROM {table} WHERE {quoted(changes.key)} IN ({places})", some)  # noqa: S608 - quoted


def _is_number(id: Id, type: ColumnType) -> bool:
    most = 10**38 if type.kind is Kind.DECIMAL else 2**63
    return isinstance(id, int | float) and abs(id) < most


TEXTUAL = frozenset({Kind.NULL, Kind.TEXT, Kind.MIXED, Kind.JSON, Kind.TIMESTAMP})
"""Types whose values are texts in a table of plain values."""


def count_of(database: Any, table: str) -> int:
    """Return the number of rows of a table."""
    ((count,),) = database.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - quoted
    return int(count)


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
