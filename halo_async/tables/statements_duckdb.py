"""The statement by which DuckDB reads a file of lines with the types of its schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from halo_async.tables.column_types import ColumnType, Kind
from halo_async.tables.schema import TableColumn
from halo_async.tables.values import labelled

_SIMPLE = {
    Kind.BOOL: "BOOLEAN",
    Kind.INT: "BIGINT",
    Kind.LONG: "BIGINT",
    Kind.DECIMAL: "DECIMAL(38, 0)",
    Kind.FLOAT: "DOUBLE",
}


def duckdb_statement(columns: Sequence[TableColumn], path: str) -> str:
    """Return a setting and a query. Dates without a zone are UTC only with the setting."""
    if any(item.name != item.original for item in columns):
        source = f"read_ndjson_objects({_quote_text(path)})"
        values = [_of_object(item) for item in columns]
    else:
        types = ", ".join(
            f"{_quote_text(item.original)}: {_quote_text(_name_type(item.type, 'VARCHAR'))}"
            for item in columns
        )
        source = f"read_json({_quote_text(path)}, format = 'newline_delimited', columns = {{{types}}})"
        values = [_cast_value(item, _quote_name(item.original)) for item in columns]
    chosen = ",\n".join(
        f"    {value} AS {_quote_name(item.name)}" for item, value in zip(columns, values, strict=True)
    )
    return f"SET TimeZone = 'UTC';\nSELECT\n{chosen}\nFROM {source};\n"


def _cast_value(column: TableColumn, value: str) -> str:
    if column.type.kind is Kind.TIMESTAMP:
        return f"TRY_CAST(nullif({value}, '') AS TIMESTAMPTZ)"
    wanted, read = _name_type(column.type, "TIMESTAMPTZ"), _name_type(column.type, "VARCHAR")
    return value if wanted == read else f"TRY_CAST({value} AS {wanted})"


def _of_object(column: TableColumn) -> str:
    """Return a field of a row that is read as a whole: DuckDB's columns cannot differ in case only."""
    pointer = _quote_text("/" + column.original.replace("~", "~0").replace("/", "~1"))
    if column.type.kind in (Kind.STRUCT, Kind.LIST) and not column.type.hollow:
        read = f"json_transform(json_extract(json, {pointer}), {_quote_text(json.dumps(_structure(column.type)))})"
    elif column.type.kind is Kind.JSON or column.type.hollow:
        return f"nullif(json_extract(json, {pointer}), 'null')"
    else:
        read = f"json_extract_string(json, {pointer})"
        if column.type.kind in _SIMPLE:
            read = f"CAST({read} AS {_SIMPLE[column.type.kind]})"
    return _cast_value(column, read)


def _name_type(type: ColumnType, date: str) -> str:
    if type.hollow or type.kind is Kind.JSON or _is_odd(type):
        return "JSON"
    if type.kind is Kind.STRUCT:
        return f"STRUCT({', '.join(f'{_quote_name(name)} {_name_type(item, date)}' for name, item in type.fields)})"
    if type.item is not None:
        return f"{_name_type(type.item, date)}[]"
    return date if type.kind is Kind.TIMESTAMP else _SIMPLE.get(type.kind, "VARCHAR")


def _structure(type: ColumnType) -> Any:
    """Return a type as `json_transform` takes it: missing fields are null, which a cast does not allow."""
    if type.kind is Kind.STRUCT and not type.hollow and not _is_odd(type):
        return {name: _structure(item) for name, item in type.fields}
    if type.item is not None and not type.hollow:
        return [_structure(type.item)]
    return _name_type(type, "VARCHAR")


def _is_odd(type: ColumnType) -> bool:
    """Return whether fields of an object differ in case only, or have names that a struct cannot have."""
    return type.kind is Kind.STRUCT and any(label != name for label, name, _ in labelled(type))


def _quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
