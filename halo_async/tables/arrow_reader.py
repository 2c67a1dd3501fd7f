"""Lines of JSON to Arrow in C, where their types are known; what does not fit is refused as a block.

`pyarrow.json` reads them, by a schema of what was seen: 100,000 rows of 80 fields take 1.2 s of CPU, polars 1.1 and
DuckDB 1.0, but both would be a second large library beside pyarrow, which has to be there for Arrow; by way of
msgspec and lists of Python values it takes 2.2. It is exact under the conditions that are checked here: integers in
a column of floating point numbers are rounded without a word, decimals are read from texts, too, and a line `null`
must not get there at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import msgspec
from msgspec.structs import astuple

from halo_async._utils.json_depth import array_of
from halo_async.tables.arrow_dates import timestamps
from halo_async.tables.arrow_types import arrow_type, pa, pc
from halo_async.tables.column_types import ColumnType, Kind
from halo_async.tables.rows import LineCount, as_array
from halo_async.tables.schema import TableColumn, TableSchema
from halo_async.tables.value_types import EXACT
from halo_async.tables.values import MisfitError, Values

pj: Any = import_module("pyarrow.json")
_TEXTUAL = {Kind.MIXED, Kind.JSON, Kind.DECIMAL}
_SCALARS = {
    Kind.NULL: pa.null(),
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int64(),
    Kind.LONG: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.TIMESTAMP: pa.string(),
    Kind.TEXT: pa.string(),
}


class BlockReader:
    """Reader of blocks of lines whose columns are those of a schema."""

    def __init__(
        self,
        schema: TableSchema,
        *,
        never_as_null: bool = False,
        only: bool = False,
        order: Sequence[str] = (),
    ) -> None:
        """`only`: fields that the schema does not have are passed over.

        :param order: the fields as rows have them: Arrow guesses the next one, and need not look it up.
        """
        self._never_as_null = never_as_null
        places = {name: at for at, name in enumerate(order)}
        seen = sorted(
            (column for column in schema.columns if column.seen),
            key=lambda column: places.get(column.original, len(places)),
        )
        passing_over = only or any(_is_textual(column.type) for column in seen)
        # Fields of nested objects would be passed over, too.
        textual = [
            item for item in seen if _is_textual(item.type) or (passing_over and _is_nested(item.type))
        ]
        self._columns = seen
        self._read = [column for column in seen if column not in textual]
        self._texts = _TextColumns(seen, textual, never_as_null, only) if textual else None
        self._parse = pj.ParseOptions(
            explicit_schema=pa.schema(
                [pa.field(item.original, _read_type(item.type)) for item in self._read]
            ),
            unexpected_field_behavior="ignore" if passing_over else "error",
        )

    def of(self, block: bytes, counted: LineCount) -> dict[str, Any] | None:
        """Return the arrays of the columns that were seen, by their names in JSON; None if something does not fit.

        :param block: lines, each of which ends in a line feed.
        :param counted: how many.
        """
        if counted.has_null:
            return None
        try:
            found = {} if self._texts is None else self._texts.of(block)
            found.update(self._convert_block(block, counted.lines))
        except (MisfitError, pa.ArrowInvalid, UnicodeDecodeError):
            return None
        return {column.original: found[column.original] for column in self._columns}

    def _convert_block(self, block: bytes, count: int) -> dict[str, Any]:
        if not self._read and self._texts is not None:
            return {}
        options = pj.ReadOptions(use_threads=False, block_size=min(len(block) + 1, 2**31 - 1))
        table = pj.read_json(pa.BufferReader(block), options, self._parse)
        if table.num_rows != count:
            raise MisfitError
        return {
            column.original: self._array(_join_chunks(values), column.type)
            for column, values in zip(self._read, table.columns, strict=True)
        }

    def _array(self, values: Any, type: ColumnType) -> Any:
        if type.hollow:
            return _hollow(values, type)
        if type.kind is Kind.STRUCT:
            return self._objects(values, type)
        if type.item is not None:
            return self._lists(values, type)
        if type.kind is Kind.TIMESTAMP:
            return timestamps(values, never_as_null=self._never_as_null)
        if type.kind in (Kind.INT, Kind.FLOAT):
            _check_exact(values, EXACT if type.kind is Kind.INT else EXACT - 1)
        return values.cast(pa.string()) if type.kind is Kind.NULL else values

    def _objects(self, values: Any, type: ColumnType) -> Any:
        fields = [self._array(values.field(at), item) for at, (_, item) in enumerate(type.fields)]
        return pa.StructArray.from_arrays(fields, fields=list(arrow_type(type)), mask=values.is_null())

    def _lists(self, values: Any, type: ColumnType) -> Any:
        assert type.item is not None
        items = self._array(values.values, type.item)
        made = pa.ListArray.from_arrays(values.offsets, items, mask=values.is_null())
        return made.cast(arrow_type(type))


def _join_chunks(values: Any) -> Any:
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def _hollow(values: Any, type: ColumnType) -> Any:
    """Return the texts of empty objects and lists."""
    if type.kind is Kind.LIST and len(values.values):
        raise MisfitError
    text = "{}" if type.kind is Kind.STRUCT else "[]"
    return pc.if_else(values.is_null(), pa.scalar(None, pa.string()), text)


def _check_exact(values: Any, most: int) -> None:
    found = pc.min_max(values).as_py()
    if found["min"] is not None and not -most <= found["min"] <= found["max"] <= most:
        raise MisfitError


def _is_textual(type: ColumnType) -> bool:
    """Return whether values need their JSON text: they are of several types, or decimals."""
    if type.item is not None:
        return _is_textual(type.item)
    return type.kind in _TEXTUAL or any(_is_textual(item) for _, item in type.fields)


def _is_nested(type: ColumnType) -> bool:
    return type.kind in (Kind.STRUCT, Kind.LIST)


def _read_type(type: ColumnType) -> Any:
    if type.kind is Kind.STRUCT:
        return pa.struct([pa.field(name, _read_type(item)) for name, item in type.fields])
    return pa.list_(_read_type(type.item)) if type.item is not None else _SCALARS[type.kind]


class _TextColumns:
    """Columns whose values need their JSON text, from a decoder that refuses rows with other fields."""

    def __init__(
        self, seen: Sequence[TableColumn], textual: Sequence[TableColumn], never_as_null: bool, only: bool
    ) -> None:
        values = Values(strict=True, never_as_null=never_as_null)
        self._columns = [(column, values.convert(column.type)) for column in textual]
        self._places = [seen.index(column) for column in textual]
        names = {f"f{at}": column.original for at, column in enumerate(seen)}
        fields: Any = [(name, msgspec.Raw, msgspec.Raw(b"null")) for name in names]
        self._decode: Any = None
        try:
            row: Any = msgspec.defstruct(
                "_Row", fields, rename=names, gc=False, forbid_unknown_fields=not only
            )
        except ValueError:  # a name with a quote, a backslash, or a control character
            return
        self._decode = msgspec.json.Decoder(array_of(row)).decode

    def of(self, block: bytes) -> dict[str, Any]:
        """Return the arrays of the columns.

        :raises MisfitError: something does not fit.
        """
        if self._decode is None:
            raise MisfitError
        try:
            rows = self._decode(as_array(block[:-1].split(b"\n")))
        except (ValueError, RecursionError):
            raise MisfitError from None
        columns = list(zip(*map(astuple, rows), strict=True))
        made: dict[str, Any] = {}
        for (column, convert), place in zip(self._columns, self._places, strict=True):
            raw = map(bytes, columns[place])
            values = [None if value == b"null" else convert(value) for value in raw]
            made[column.original] = pa.array(values, arrow_type(column.type))
        return made
