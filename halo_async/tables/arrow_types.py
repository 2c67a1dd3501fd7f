"""Arrow types of columns, and their casts."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from halo_async.tables.column_types import (
    BOOL,
    DECIMAL,
    FLOAT,
    JSON,
    LONG,
    STRUCT,
    TEXT,
    TIMESTAMP,
    ColumnType,
    Kind,
    list_of,
)
from halo_async.tables.schema import TableColumn, TableSchema
from halo_async.tables.values import labelled

pa: Any = import_module("pyarrow")  # optional, and untyped
pc: Any = import_module("pyarrow.compute")

FIELD, TYPE, RECORD = b"halo.field", b"halo.type", b"halo.record"
"""Metadata: the name of a column's field in JSON, its type where Arrow's does not tell, and Halo's record."""
_SIMPLE = {
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int64(),
    Kind.LONG: pa.int64(),
    Kind.DECIMAL: pa.decimal128(38, 0),
    Kind.FLOAT: pa.float64(),
    Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}
_READ = {type: _SIMPLE[type.kind] for type in (BOOL, LONG, DECIMAL, FLOAT, TIMESTAMP)}


def arrow_type(type: ColumnType) -> Any:
    """Return the Arrow type of a column; of one without any value, it is text."""
    if type.kind is Kind.STRUCT and not type.hollow:
        return pa.struct([_build_field(*field) for field in labelled(type)])
    if type.item is not None and not type.hollow:
        return pa.list_(arrow_type(type.item))
    return _SIMPLE.get(type.kind, pa.string())


def _build_field(label: str, name: str, type: ColumnType) -> Any:
    metadata = {FIELD: name.encode()} if label != name else {}
    if type.kind is Kind.JSON or type.hollow:
        metadata[TYPE] = b"json"
    return pa.field(label, arrow_type(type), metadata=metadata or None)


def arrow_schema(schema: TableSchema) -> Any:
    """Return the Arrow schema of a table, with Halo's names as metadata."""
    fields = [
        _build_field(item.name, item.original, item.type).with_metadata(_metadata(item))
        for item in schema.columns
    ]
    return pa.schema(fields, metadata={RECORD: schema.record.encode()} if schema.record else None)


def _metadata(column: TableColumn) -> dict[bytes, bytes]:
    type = column.type.to_json()
    return {FIELD: column.original.encode(), **({TYPE: type.encode()} if isinstance(type, str) else {})}


def table_schema(schema: Any) -> TableSchema:
    """Return the columns of an Arrow schema, also of one that an older release wrote."""
    record = (schema.metadata or {}).get(RECORD)
    columns = [
        TableColumn(
            field.name, (field.metadata or {}).get(FIELD, field.name.encode()).decode(), column_type(field)
        )
        for field in schema
    ]
    return TableSchema(tuple(columns), None if record is None else record.decode())


def column_type(field: Any) -> ColumnType:
    """Return the type of an Arrow field."""
    if (field.metadata or {}).get(TYPE) == b"json":
        return JSON
    return _type_of(field.type)


def _type_of(type: Any) -> ColumnType:
    if pa.types.is_struct(type):
        fields = tuple(
            ((item.metadata or {}).get(FIELD, item.name.encode()).decode(), column_type(item))
            for item in (type.field(at) for at in range(type.num_fields))
        )
        return ColumnType(STRUCT.kind, fields)
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return list_of(column_type(type.value_field))
    if pa.types.is_timestamp(type):
        return TIMESTAMP
    return next((made for made, arrow in _READ.items() if arrow == type), TEXT)
