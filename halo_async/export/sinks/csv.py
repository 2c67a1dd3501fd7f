"""CSV: a header, UTF-8, line feeds; nulls and empty strings are both empty. Only columns that rows have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import attrs

from halo_async.export.columns import ColumnType, ExportColumn, ExportColumns
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.csv_text import Writer, cells, opened, rows_of
from halo_async.export.sinks.files import finish, hidden_part
from halo_async.export.sinks.tables import column_batches, make_file, outcome, scanned, seen_only

_LONGEST = 19
"""Digits of an id that is a number."""


class CsvSink:
    """One `.csv` per resource."""

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""

        def write(path: Path) -> ExportColumns:
            columns = _seen(material)
            with path.open("w", encoding="utf-8", newline="") as file:
                _write(_writer(file, columns), material, columns)
            return columns

        return make_file(material, "csv", write)

    def there(self, folder: Path, name: str) -> bool:
        """See `Sink.there`."""
        return _file(folder, name).exists()

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. Cells are unchanged, changed rows are appended."""
        old = _file(changes.folder, changes.name)
        part = hidden_part(old)
        with opened(old) as source, part.open("w", encoding="utf-8", newline="") as target:
            rows = rows_of(source)
            columns = _with(next(rows, []), _seen(changes))
            kept = _CsvContents(columns, changes, deleted)
            writer = _writer(target, columns)
            writer.rows(kept.of(rows))
            added = _write(writer, changes, columns)
        finish(part, old)
        return MergeResult(kept.rows + added, kept.deleted), outcome(old.name, columns)

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

    def __init__(self, columns: ExportColumns, changes: SinkInput, deleted: Collection[Id]) -> None:
        self.rows = self.deleted = 0
        self._filling = [""] * len(columns.names)
        self._place = columns.names.index(changes.key) if changes.key in columns.names else None
        self._go_on = changes.go_on
        self._changed = {str(key) for key in changes.replaced}
        self._gone = {str(id) for id in deleted}

    def of(self, rows: Iterator[list[str]]) -> Iterator[list[str]]:
        for row in rows:
            self._go_on()
            id = row[self._place] if self._place is not None and self._place < len(row) else ""
            self.deleted += id in self._gone
            if id not in self._gone and id not in self._changed:
                self.rows += 1
                yield row + self._filling[len(row) :]


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.csv"


def _writer(file: TextIO, columns: ExportColumns) -> Writer:
    writer = Writer(file)
    if columns.columns:
        writer.header(columns.names)
    return writer


def _seen(material: SinkInput) -> ExportColumns:
    """The columns that some row has; one where there are rows without any."""
    columns = scanned(material) if material.columns else seen_only(scanned(material))
    if not columns.columns and any(True for _ in material.rows()):
        return attrs.evolve(
            columns, columns=(ExportColumn("value", ColumnType.NONE, expected=False, seen=False),)
        )
    return columns


def _with(header: Sequence[str], new: ExportColumns) -> ExportColumns:
    """Return the columns of a file, and those that it did not have."""
    known = {column.name: column for column in new.columns}
    old = [known.pop(name, ExportColumn(name, ColumnType.NONE, seen=False)) for name in header]
    return attrs.evolve(new, columns=(*old, *known.values()))


def _write(writer: Writer, material: SinkInput, columns: ExportColumns) -> int:
    count = 0
    for some, values in column_batches(material, columns):
        writer.rows(zip(*map(cells, values), strict=True))
        count += len(some)
    return count
