"""Common base of sinks of plain values: scan the rows once, then write them column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import msgspec

from halo_async._utils.lenient import JsonText
from halo_async.export.sinks import SinkInput, SinkOutcome
from halo_async.export.sinks.decoding import WholeColumns
from halo_async.export.sinks.files import finish, part_of
from halo_async.tables.column_types import ColumnType, Kind
from halo_async.tables.dates import date_text
from halo_async.tables.declared import declared_columns, record_of
from halo_async.tables.rows import Row, batch_of, lines_at_a_time
from halo_async.tables.schema import TableColumn, TableSchema
from halo_async.tables.seen import scan

_encode = msgspec.json.Encoder().encode


def scanned(material: SinkInput, known: Sequence[TableColumn] = ()) -> TableSchema:
    """Return the columns that the rows of a resource need, for a format without nested types.

    :param known: columns that the table has already.
    """
    record = record_of(material.operation)
    return scan(
        material.rows(),
        material.only(declared_columns(record)),
        material.flatten,
        material.notes,
        record=None if record is None else record.__name__,
        known=known,
    )


def column_batches(
    material: SinkInput, columns: TableSchema, size: int = 2000
) -> Iterator[tuple[list[bytes], list[Sequence[Any]]]]:
    """Some rows, and the values of each of their columns, converted."""
    whole = None if material.flatten else WholeColumns(columns, material.never_as_null)
    for some in lines_at_a_time(material.rows(), size):
        values = None if whole is None else whole.of(some)
        yield some, values or converted(columns, batch_of(some, material.flatten), material.never_as_null)


def converted(columns: TableSchema, batch: Sequence[Row], never_as_null: bool = False) -> list[Sequence[Any]]:
    """Return the values of each column."""
    return [_convert_column(column, batch, never_as_null) for column in columns.columns]


def _convert_column(column: TableColumn, batch: Sequence[Row], never_as_null: bool) -> Sequence[Any]:
    if not column.seen:
        return [None] * len(batch)
    convert = converter(column.type, never_as_null)
    return [None if (value := row.get(column.original)) is None else convert(value) for row in batch]


def converter(type: ColumnType, never_as_null: bool = False) -> Callable[[Any], Any]:
    """Return a function from a decoded value that is not None to the one that a column of plain values holds."""
    if type.kind is Kind.TIMESTAMP:
        return partial(date_text, never_as_null=never_as_null)
    return {Kind.BOOL: bool, Kind.INT: int, Kind.LONG: int, Kind.FLOAT: float}.get(type.kind, plain_text)


def plain_text(value: Any) -> str | None:
    """Return a decoded value as text: a string as it is, all else as JSON."""
    if value is None or isinstance(value, str):
        return value
    try:
        return _encode(value).decode()
    except OverflowError:  # an integer beyond 64 bits
        import json

        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rest_of(rows: Sequence[bytes], names: Sequence[str], flatten: Sequence[str]) -> list[str | None]:
    """For each row, some of its fields as the JSON text of an object; None where it has none of them."""
    texts: list[str | None] = []
    for row in batch_of(rows, flatten):
        found = {name: _raw(row[name]) for name in names if row.get(name) is not None}
        texts.append(plain_text(found) if found else None)
    return texts


def _raw(value: Any) -> Any:
    return msgspec.Raw(value.encode()) if type(value) is JsonText else value


def make_file(material: SinkInput, suffix: str, write: Callable[[Path], TableSchema]) -> SinkOutcome:
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
    return outcome(final.name, columns, material)


def seen_only(columns: TableSchema) -> TableSchema:
    """Return the columns without those that no row has."""
    return attrs.evolve(columns, columns=tuple(column for column in columns.columns if column.seen))


def drop_lines(material: SinkInput) -> None:
    """Delete the lines, which are in the file now."""
    with suppress(FileNotFoundError):
        material.spool.unlink()


def outcome(file: str, columns: TableSchema, material: SinkInput) -> SinkOutcome:
    """Return the result of a sink's work; names that columns cannot have are noted."""
    for column in columns.columns:
        if column.seen and column.name != column.original:
            material.notes.renamed(column.original, column.name)
    return SinkOutcome(file, len(columns.columns), columns.added, columns.widened, columns)
