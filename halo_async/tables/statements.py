"""Statements that read a file of lines with the types of its schema, for readers that would guess otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from halo_async.tables.column_types import ColumnType, Kind
from halo_async.tables.schema import TableColumn, TableSchema
from halo_async.tables.statements_duckdb import duckdb_statement

_INTEGERS = (Kind.INT, Kind.LONG)


def _choose_columns(schema: TableSchema) -> Sequence[TableColumn]:
    return [column for column in schema.columns if column.seen] or schema.columns


def _has(type: ColumnType, kind: Kind) -> bool:
    if type.item is not None:
        return _has(type.item, kind)
    return type.kind is kind or any(_has(item, kind) for _, item in type.fields)


def _dict(names: dict[str, str]) -> str:
    return json.dumps(names, ensure_ascii=False)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # which is a text of Python, too


# polars ----------------------------------------------------------------------------------------------

_POLARS_START = """import polars as pl


def moment(text):
    zone = r"([+-])(\\d\\d):(\\d\\d)$"
    hours, minutes = (text.str.extract(zone, part).cast(pl.Int64) for part in (2, 3))
    ahead = pl.when(text.str.extract(zone, 1) == "-").then(-1).otherwise(1) * (60 * hours + minutes)
    digits = text.str.replace(r"(Z|[+-]\\d\\d:\\d\\d)$", "")
    full = digits + pl.lit("0001-01-01T00:00:00").str.slice(digits.str.len_bytes())
    full = pl.when(text != "").then(full)
    return full.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", time_zone="UTC", strict=False) - pl.duration(
        minutes=ahead.fill_null(0)
    )


"""
_POLARS_READ = {
    Kind.BOOL: "pl.Boolean",
    Kind.INT: "pl.Int64",
    Kind.LONG: "pl.Int64",
    Kind.DECIMAL: "pl.Int128",
    Kind.FLOAT: "pl.Float64",
}


def polars_statement(schema: TableSchema, path: str) -> str:
    """Return a program that leaves the rows in `frame`, a lazy frame of polars."""
    columns = _choose_columns(schema)
    types = "".join(f"    {_quoted(item.original)}: {_polars(item.type)},\n" for item in columns)
    later = [
        (item, made)
        for item in columns
        if (made := _polars_later(item.type, f"pl.col({_quoted(item.original)})"))
    ]
    casts = "".join(f"    {made}.alias({_quoted(item.original)}),\n" for item, made in later)
    names = {item.original: item.name for item in columns if item.original != item.name}
    return (
        (
            _POLARS_START
            if any(_has(item.type, Kind.TIMESTAMP) for item in columns)
            else "import polars as pl\n\n"
        )
        + f"schema = {{\n{types}}}\n"
        + f"frame = pl.scan_ndjson({_quoted(path)}, schema=schema)"
        + (f".with_columns(\n{casts})" if later else "")
        + (f".rename({_dict(names)})" if names else "")
        + "\n"
    )


def _polars(type: ColumnType) -> str:
    if type.hollow:
        return "pl.String"
    if type.kind is Kind.STRUCT:
        return (
            f"pl.Struct({{{', '.join(f'{_quoted(name)}: {_polars(item)}' for name, item in type.fields)}}})"
        )
    if type.item is not None:
        return f"pl.List({_polars(type.item)})"
    return _POLARS_READ.get(type.kind, "pl.String")


def _polars_later(type: ColumnType, value: str) -> str | None:
    """Return what becomes of a value after it is read; None if nothing."""
    if type.hollow:
        return None
    if type.kind is Kind.TIMESTAMP:
        return f"moment({value})"
    if type.kind is Kind.DECIMAL:
        return f"{value}.cast(pl.Decimal(38, 0))"
    if type.item is not None:
        item = _polars_later(type.item, "pl.element()")
        return None if item is None else f"{value}.list.eval({item})"
    fields = [
        f"{made}.alias({_quoted(name)})"
        for name, item in type.fields
        if (made := _polars_later(item, f"{value}.struct.field({_quoted(name)})"))
    ]
    if not fields:
        return None
    return f"pl.when({value}.is_not_null()).then({value}.struct.with_fields({', '.join(fields)}))"


# pandas ----------------------------------------------------------------------------------------------

_PANDAS_START = """import json
from datetime import datetime, timezone
from decimal import Decimal

import pandas as pd
import pyarrow as pa


def converted(value, type):
    if value is None or (value == "" and pa.types.is_timestamp(type)):
        return None
    if pa.types.is_timestamp(type):
        moment = datetime.fromisoformat(value)  # Python 3.11 or later
        return moment.replace(tzinfo=moment.tzinfo or timezone.utc)
    if pa.types.is_string(type):
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if pa.types.is_decimal(type):
        return Decimal(value)
    if pa.types.is_struct(type):
        return {field.name: converted(value.get(field.name), field.type) for field in type}
    if pa.types.is_list(type):
        return [converted(item, type.value_type) for item in value]
    return value


moment = pa.timestamp("us", tz="UTC")
"""
_ARROW = {
    Kind.BOOL: "pa.bool_()",
    Kind.INT: "pa.int64()",
    Kind.LONG: "pa.int64()",
    Kind.DECIMAL: "pa.decimal128(38, 0)",
    Kind.FLOAT: "pa.float64()",
    Kind.TIMESTAMP: "moment",
}


def pandas_statement(schema: TableSchema, path: str) -> str:
    """Return a program that leaves the rows in `frame`, a data frame of pandas with its types for Arrow."""
    types = "".join(
        f"    {_quoted(item.original)}: {_arrow(item.type)},\n" for item in _choose_columns(schema)
    )
    names = {item.original: item.name for item in _choose_columns(schema) if item.original != item.name}
    opened = "open"
    start = _PANDAS_START
    if path.endswith(".gz"):
        opened, start = "gzip.open", "import gzip\n" + start
    if path.endswith(".zst"):
        opened, start = (
            "zstandard.open",
            start.replace("import pyarrow as pa\n", "import pyarrow as pa\nimport zstandard\n"),
        )
    return (
        f"{start}types = {{\n{types}}}\n"
        f'with {opened}({_quoted(path)}, "rt", encoding="utf-8") as lines:\n'
        "    rows = [json.loads(line) for line in lines]\n"
        "frame = pd.DataFrame({\n"
        "    name: pd.Series([converted(row.get(name), type) for row in rows], dtype=pd.ArrowDtype(type))\n"
        "    for name, type in types.items()\n"
        "})" + (f".rename(columns={_dict(names)})" if names else "") + "\n"
    )


def _arrow(type: ColumnType) -> str:
    if type.hollow:
        return "pa.string()"
    if type.kind is Kind.STRUCT:
        return f"pa.struct([{', '.join(f'({_quoted(name)}, {_arrow(item)})' for name, item in type.fields)}])"
    if type.item is not None:
        return f"pa.list_({_arrow(type.item)})"
    return _ARROW.get(type.kind, "pa.string()")


# Spark -----------------------------------------------------------------------------------------------

_SPARK = {
    Kind.BOOL: "boolean",
    Kind.INT: "bigint",
    Kind.LONG: "bigint",
    Kind.DECIMAL: "decimal(38, 0)",
    Kind.FLOAT: "double",
}


def spark_statement(schema: TableSchema, path: str) -> str:
    """Return PySpark code that leaves the rows in `frame`; `spark` is the session."""
    columns = _choose_columns(schema)
    read = ", ".join(f"{_ticked(item.original)} {_spark(item.type, 'string')}" for item in columns)
    chosen = "".join(f"    {_quoted(_spark_value(item))},\n" for item in columns)
    return (
        "# Zone-less dates are in UTC, and names may differ in case only.\n"
        'spark.conf.set("spark.sql.session.timeZone", "UTC")\n'
        'spark.conf.set("spark.sql.caseSensitive", "true")\n'
        f"schema = {_quoted(read)}\n"
        f"frame = spark.read.schema(schema).json({_quoted(path)}).selectExpr(\n{chosen})\n"
    )


def _spark_value(column: TableColumn) -> str:
    value = _ticked(column.original)
    if column.type == ColumnType(Kind.TIMESTAMP):
        value = f"try_cast(nullif({value}, '') as timestamp)"
    elif _has(column.type, Kind.TIMESTAMP) and not column.type.hollow:
        value = f"try_cast({value} as {_spark(column.type, 'timestamp')})"
    return f"{value} as {_ticked(column.name)}"


def _spark(type: ColumnType, date: str) -> str:
    if type.hollow:
        return "string"
    if type.kind is Kind.STRUCT:
        return f"struct<{', '.join(f'{_ticked(name)}: {_spark(item, date)}' for name, item in type.fields)}>"
    if type.item is not None:
        return f"array<{_spark(type.item, date)}>"
    return date if type.kind is Kind.TIMESTAMP else _SPARK.get(type.kind, "string")


def _ticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


STATEMENTS: dict[str, Callable[[TableSchema, str], str]] = {
    "duckdb": lambda schema, path: duckdb_statement(_choose_columns(schema), path),
    "polars": polars_statement,
    "pandas": pandas_statement,
    "spark": spark_statement,
}
"""By reader: the statement for a file with a schema."""
