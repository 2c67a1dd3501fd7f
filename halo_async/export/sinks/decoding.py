"""Lines decoded directly into columns of plain values: three times as fast as through mappings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import astuple

from halo_async._utils.json_depth import array_of
from halo_async.tables.column_types import Kind
from halo_async.tables.dates import quick_date_text
from halo_async.tables.rows import as_array
from halo_async.tables.schema import TableColumn, TableSchema
from halo_async.tables.values import text_of

_NONE = msgspec.Raw(b"null")
_PLAIN = frozenset({Kind.NULL, Kind.BOOL, Kind.INT, Kind.LONG, Kind.TEXT, Kind.FLOAT, Kind.TIMESTAMP})


class WholeColumns:
    """Decoder of rows that are objects with fields known beforehand."""

    def __init__(self, columns: TableSchema, never_as_null: bool = False) -> None:
        seen = [column for column in columns.columns if column.seen]
        self._columns = columns.columns
        self._converts = {column.name: _conversion(column, never_as_null) for column in seen}
        fields = [(f"f{at}", *_choose_type(column)) for at, column in enumerate(seen)]
        names = {f"f{at}": column.original for at, column in enumerate(seen)}
        self._decode: Callable[[bytes], list[Any]] = _refuse
        try:
            row: Any = msgspec.defstruct("_Row", fields, rename=names, gc=False)
            self._decode = msgspec.json.Decoder(array_of(row)).decode
        except ValueError:  # a name with a quote, a backslash, or a control character
            pass

    def of(self, rows: Sequence[bytes]) -> list[Sequence[Any]] | None:
        """The values of each column, converted; None where a row is not an object, or has an odd value."""
        try:
            found = iter(zip(*map(astuple, self._decode(as_array(rows))), strict=True))
        except (ValueError, RecursionError):
            return None
        nothing = [None] * len(rows)
        return [
            _convert_values(self._converts[column.name], next(found)) if column.seen else nothing
            for column in self._columns
        ]


def _refuse(rows: bytes) -> list[Any]:
    raise ValueError("Fields with such names must be looked up.")


def _choose_type(column: TableColumn) -> tuple[Any, Any]:
    return (Any, None) if column.type.kind in _PLAIN else (msgspec.Raw, _NONE)


def _conversion(column: TableColumn, never_as_null: bool) -> Callable[[Any], Any] | None:
    kind = column.type.kind
    if kind is Kind.FLOAT:
        return _float
    if kind is Kind.TIMESTAMP:
        return partial(quick_date_text, never_as_null=never_as_null)
    return None if kind in _PLAIN else _decode_text


def _convert_values(convert: Callable[[Any], Any] | None, values: Sequence[Any]) -> Sequence[Any]:
    return values if convert is None else [convert(value) for value in values]


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _decode_text(raw: msgspec.Raw) -> str | None:
    """Return JSON as its own text, a string as its value."""
    data = bytes(raw)
    return None if data == b"null" else text_of(data)
