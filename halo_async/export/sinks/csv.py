"""CSV: a header, UTF-8, line feeds; nulls and empty strings are both empty. Only columns that rows have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, TextIO

import attrs

from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.csv_text import Writer, cells, opened, rows_of
from halo_async.export.sinks.files import finish, hidden_part
from halo_async.export.sinks.tables import column_batches, make_file, outcome, scanned, seen_only
from halo_async.tables.column_types import NULL, TEXT, TIMESTAMP
from halo_async.tables.dates import date_text, is_date
from halo_async.tables.declared import declared_columns, record_of
from halo_async.tables.schema import NO_COLUMNS, TableColumn, TableSchema

_LONGEST = 19
"""Digits of an id that is a number."""


class CsvSink:
    """One `.csv` per resource."""

    scans: ClassVar[bool] = False
    follows: ClassVar[bool] = False

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""

        def write(path: Path) -> TableSchema:
            columns = _seen(material)
            with path.open("w", encoding="utf-8", newline="") as file:
                _write_rows(_writer(file, columns), material, columns)
            return columns

        return make_file(material, "csv", write)

    def there(self, folder: Path, name: str) -> bool:
        """See `Sink.there`."""
        return _file(folder, name).exists()

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. Cells are unchanged, changed rows are appended."""
        old = _file(changes.folder, changes.name)
        part = hidden_part(old)
        known = _read_columns(old, changes)
        columns = _add_columns(known, _seen(changes, known))
        with opened(old) as source, part.open("w", encoding="utf-8", newline="") as target:
            rows = rows_of(source)
            next(rows, [])
            kept = _CsvContents(columns, changes, deleted)
            writer = _writer(target, columns)
            writer.rows(kept.of(rows))
            added = _write_rows(writer, changes, columns)
        finish(part, old)
        return MergeResult(kept.rows + added, kept.deleted), outcome(old.name, columns, changes)

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """See `Sink.ids`."""
        with opened(_file(folder, name)) as file:
            rows = rows_of(file)
            header = next(rows, [])
            place = header.index(field) if field in header else len(header)
            for row in rows:
                text = row[place] if place < len(row) else ""
                yield int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST else text


class _CsvContents:
    """The rows that stay, with their number."""

    def __init__(self, columns: TableSchema, changes: SinkInput, deleted: Collection[Id]) -> None:
        self.rows = self.deleted = 0
        self._filling = [""] * len(columns.names)
        self._place = columns.names.index(changes.key) if changes.key in columns.names else None
        self._go_on = changes.go_on
        self._never_as_null = changes.never_as_null
        self._dates = [at for at, column in enumerate(columns.columns) if column.type == TIMESTAMP]
        self._changed = {str(key) for key in changes.replaced}
        self._gone = {str(id) for id in deleted}

    def of(self, rows: Iterator[list[str]]) -> Iterator[list[str]]:
        for row in rows:
            self._go_on()
            id = row[self._place] if self._place is not None and self._place < len(row) else ""
            self.deleted += id in self._gone
            if id not in self._gone and id not in self._changed:
                self.rows += 1
                for at in self._dates:
                    if at < len(row) and row[at]:
                        row[at] = date_text(row[at], self._never_as_null) or ""
                yield row + self._filling[len(row) :]


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.csv"


def _writer(file: TextIO, columns: TableSchema) -> Writer:
    writer = Writer(file)
    if columns.columns:
        writer.header(columns.names)
    return writer


def _seen(material: SinkInput, known: Sequence[TableColumn] = ()) -> TableSchema:
    """The columns that some row has; one where there are rows without any."""
    columns = seen_only(scanned(material, known))
    if not columns.columns and any(True for _ in material.rows()):
        return attrs.evolve(columns, columns=NO_COLUMNS.columns)
    return columns


def _read_columns(path: Path, material: SinkInput) -> list[TableColumn]:
    """Return the columns of a file: those of dates are dates if all cells are some, else text."""
    declared = declared_columns(record_of(material.operation))
    with opened(path) as file:
        rows = rows_of(file)
        header = next(rows, [])
        dates = {
            at for at, name in enumerate(header) if name in declared and declared[name].type == TIMESTAMP
        }
        types = dict.fromkeys(dates, TIMESTAMP)
        for row in rows if dates else ():
            material.go_on()
            for at in [at for at in dates if at < len(row) and not is_date(row[at])]:
                dates.remove(at)
                types[at] = TEXT
    return [TableColumn(name, name, types.get(at, NULL)) for at, name in enumerate(header)]


def _add_columns(known: Sequence[TableColumn], new: TableSchema) -> TableSchema:
    """Return the columns of a file, and those that it did not have."""
    seen = {column.name: column for column in new.columns}
    old = [seen.pop(column.name, attrs.evolve(column, seen=False)) for column in known]
    return attrs.evolve(new, columns=(*old, *seen.values()))


def _write_rows(writer: Writer, material: SinkInput, columns: TableSchema) -> int:
    count = 0
    for some, values in column_batches(material, columns):
        writer.rows(zip(*map(cells, values), strict=True))
        count += len(some)
    return count
