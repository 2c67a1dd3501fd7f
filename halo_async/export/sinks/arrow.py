"""Rows as Arrow tables, for Parquet and DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from halo_async.export.columns import EXACT, ColumnType, ExportColumns, converter
from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.tables import column_batches

pa: Any = import_module("pyarrow")  # optional, and untyped
pc: Any = import_module("pyarrow.compute")
pq: Any = import_module("pyarrow.parquet")

ROWS = 4000
"""Rows per table: the number held in memory."""
_TYPES = {
    ColumnType.NONE: pa.string(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.INT: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.TEXT: pa.string(),
    ColumnType.JSON: pa.string(),
}
_KINDS = {kind: _TYPES[kind] for kind in (ColumnType.BOOL, ColumnType.INT, ColumnType.FLOAT, ColumnType.TEXT)}


def kind_of(type: Any) -> ColumnType:
    """Return the kind of an Arrow type."""
    return next(kind for kind, made in _KINDS.items() if made == type)


def schema(columns: ExportColumns, names: list[str] | None = None) -> Any:
    """Return the Arrow schema; a column without any value is text."""
    return pa.schema(
        [
            pa.field(name, _TYPES[column.kind])
            for name, column in zip(names or columns.names, columns.columns, strict=True)
        ]
    )


def tables(material: SinkInput, columns: ExportColumns, schema: Any) -> Iterator[Any]:
    """Yield the rows in batches."""
    for rows, values in column_batches(material, columns, ROWS):
        arrays = [
            pa.array(some, field.type) if column.seen else pa.nulls(len(rows), field.type)
            for column, some, field in zip(columns.columns, values, schema, strict=True)
        ]
        yield pa.Table.from_arrays(arrays, schema=schema)


def cast(table: Any, wanted: Any) -> Any:
    """Return a table with the columns of another schema, which holds all its values."""
    arrays = [
        _as(table[field.name], field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in wanted
    ]
    return pa.Table.from_arrays(arrays, schema=wanted)


def _as(column: Any, type: Any) -> Any:
    if pa.types.is_floating(column.type) and pa.types.is_string(type):
        return pa.array(map(converter(ColumnType.TEXT), column.to_pylist()), type)  # Arrow turns 0.0 into "0"
    return column.cast(type)


def has_large(path: Path, name: str) -> bool:
    """Return whether a column of a Parquet file has integers that floating point numbers would round."""
    with pq.ParquetFile(str(path)) as file:
        if name not in file.schema_arrow.names:
            return False
        found = pc.min_max(file.read(columns=[name])[name]).as_py()
    return any(type(value) is int and abs(value) > EXACT for value in found.values())


def writer_of(path: Path, wanted: Any) -> Any:
    """Return a writer of a Parquet file."""
    return pq.ParquetWriter(str(path), wanted, compression="zstd")
