"""Common base of sinks with columns: scan the rows once, then write them column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import msgspec

from halo_async._utils.lenient import JsonText
from halo_async.export.columns import (
    ColumnType,
    ExportColumn,
    ExportColumns,
    Row,
    batches,
    converter,
    lines_at_a_time,
    scan,
    surface_of,
)
from halo_async.export.sinks import SinkInput, SinkOutcome
from halo_async.export.sinks.decoding import WholeColumns
from halo_async.export.sinks.files import finish, part_of


def scanned(material: SinkInput) -> ExportColumns:
    """Return the columns that the rows of a resource need."""
    return scan(
        material.rows(), material.only(surface_of(material.operation)), material.flatten, material.notes
    )


def column_batches(
    material: SinkInput, columns: ExportColumns, size: int = 2000
) -> Iterator[tuple[list[bytes], list[Sequence[Any]]]]:
    """Some rows, and the values of each of their columns, converted."""
    whole = None if material.flatten else WholeColumns(columns)
    for some in lines_at_a_time(material.rows(), size):
        values = None if whole is None else whole.of(some)
        yield some, values or converted(columns, batches_of(some, material.flatten))


def batches_of(rows: Sequence[bytes], flatten: Sequence[str] = ()) -> list[Row]:
    """Yield rows as mappings in batches."""
    (batch,) = batches(rows, flatten, max(1, len(rows)))
    return batch


def converted(columns: ExportColumns, batch: Sequence[Row]) -> list[Sequence[Any]]:
    """Return the values of each column."""
    return [_values(column, batch) for column in columns.columns]


def _values(column: ExportColumn, batch: Sequence[Row]) -> Sequence[Any]:
    name = column.name
    if not column.seen:
        return [None] * len(batch)
    if column.plain:
        return [row.get(name) for row in batch]
    convert = converter(column.kind)
    return [convert(row.get(name)) for row in batch]


def rest_of(rows: Sequence[bytes], names: Sequence[str], flatten: Sequence[str]) -> list[str | None]:
    """For each row, some of its fields as the JSON text of an object; None where it has none of them."""
    texts: list[str | None] = []
    convert = converter(ColumnType.JSON)
    for row in batches_of(rows, flatten):
        found = {name: _raw(row[name]) for name in names if row.get(name) is not None}
        texts.append(convert(found) if found else None)
    return texts


def _raw(value: Any) -> Any:
    return msgspec.Raw(value.encode()) if type(value) is JsonText else value


def make_file(material: SinkInput, suffix: str, write: Callable[[Path], ExportColumns]) -> SinkOutcome:
    """Make a resource's file: write it under a temporary name, rename it, then delete the lines.

    :param write: writes the rows to a path and returns their columns.
    """
    final = material.folder / f"{material.name}.{suffix}"
    if not material.spool.exists() and final.exists():
        return SinkOutcome(final.name)  # made already, before an earlier run was stopped
    part = part_of(final)
    columns = write(part)
    finish(part, final)
    drop_lines(material)
    return outcome(final.name, columns)


def seen_only(columns: ExportColumns) -> ExportColumns:
    """Return the columns without those that no row has."""
    return attrs.evolve(columns, columns=tuple(column for column in columns.columns if column.seen))


def drop_lines(material: SinkInput) -> None:
    """Delete the lines, which are in the file now."""
    with suppress(FileNotFoundError):
        material.spool.unlink()


def outcome(file: str, columns: ExportColumns) -> SinkOutcome:
    """Return the result of a sink's work."""
    return SinkOutcome(file, len(columns.columns), columns.added, columns.widened)
