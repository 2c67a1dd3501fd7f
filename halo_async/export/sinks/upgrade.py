"""Columns of a file that an older release wrote, or one with other options: text where there are types now.

A column of text is converted if the record class has a type for it and every value fits, else it stays text.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs

from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.parquet_file import batches, has_large, schema_of
from halo_async.tables.arrow_builder import ArrowBuilder
from halo_async.tables.arrow_dates import timestamps
from halo_async.tables.arrow_types import arrow_type, pa, table_schema
from halo_async.tables.column_types import INT, JSON, LONG, TEXT, TIMESTAMP, ColumnType, Kind
from halo_async.tables.declared import UNDECLARED, DeclaredType, declared_columns, record_of
from halo_async.tables.schema import TableColumn
from halo_async.tables.seen import SeenColumns
from halo_async.tables.value_types import EXACT
from halo_async.tables.values import MisfitError, Values

_NESTED = (Kind.STRUCT, Kind.LIST)


class Upgrade:
    """The columns of a Parquet file with the types that they can have, and its rows with these."""

    def __init__(self, path: Path, material: SinkInput) -> None:
        self._path = path
        self._material = material
        self._declared = declared_columns(record_of(material.operation))
        before = table_schema(schema_of(path)).columns
        self.columns = tuple(attrs.evolve(column, type=self._choose_type(column)) for column in before)
        """The columns, by their names in the file."""
        self._new = {
            new.name: new for old, new in zip(before, self.columns, strict=True) if old.type != new.type
        }

    def of(self, batch: Any) -> Any:
        """Return rows of the file with the new types."""
        if not self._new:
            return batch
        arrays = [
            self._convert_values(batch.column(name), self._new[name])
            if name in self._new
            else batch.column(name)
            for name in batch.schema.names
        ]
        return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)

    def _choose_type(self, column: TableColumn) -> ColumnType:
        declared = self._declared.get(column.original, UNDECLARED)
        if column.type == LONG:
            return LONG if has_large(self._path, column.name, EXACT) else INT
        if column.type not in (TEXT, JSON):
            return column.type
        if declared.type == TIMESTAMP:
            return TIMESTAMP if self._all_dates(column) else TEXT
        if self._material.nested and (column.type == JSON or declared.type.kind in _NESTED):
            return self._nested(column, declared)
        return column.type

    def _all_dates(self, column: TableColumn) -> bool:
        try:
            for batch in batches(self._path, [column.name]):
                self._convert_values(batch.column(column.name), attrs.evolve(column, type=TIMESTAMP))
        except MisfitError:
            return False
        return True

    def _nested(self, column: TableColumn, declared: DeclaredType) -> ColumnType:
        seen = SeenColumns({column.original: declared})
        for batch in batches(self._path, [column.name]):
            seen.add(_encode_lines(batch.column(column.name), column))
        (found,) = seen.schema().columns
        return found.type if found.type.kind in _NESTED and not found.type.hollow else column.type

    def _convert_values(self, values: Any, column: TableColumn) -> Any:
        if column.type != TIMESTAMP:
            if column.type.kind not in _NESTED:
                return values
            declared = {column.original: self._declared.get(column.original, UNDECLARED)}
            builder = ArrowBuilder(declared, known=[column], never_as_null=self._material.never_as_null)
            return builder.add(_encode_lines(values, column)).column(0)
        never = self._material.never_as_null
        try:
            return timestamps(values, never_as_null=never)
        except MisfitError:
            convert = Values(strict=True, never_as_null=never).convert(TIMESTAMP)
            texts = values.to_pylist()
            moments = [None if text is None else convert(json.dumps(text).encode()) for text in texts]
            return pa.array(moments, arrow_type(TIMESTAMP))


def _encode_lines(values: Any, column: TableColumn) -> list[bytes]:
    """Return lines of JSON with JSON texts as the values of one field; text that is not JSON as a string."""
    name = json.dumps(column.original)
    return [f"{{{name}:{_quote_text(text)}}}".encode() for text in values.to_pylist()]


def _quote_text(text: str | None) -> str:
    if text is None:
        return "null"
    return text if text[:1] in ("{", "[") else json.dumps(text)
