"""Lines decoded directly into columns: three times as fast as through mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from halo_async.export.columns import ColumnType, ExportColumn, ExportColumns, as_array

_NONE = msgspec.Raw(b"null")
_string = msgspec.json.Decoder(str).decode


class WholeColumns:
    """Decoder of rows that are objects with fields known beforehand."""

    def __init__(self, columns: ExportColumns) -> None:
        self._columns = columns.columns
        self._decode = _decoder(columns, _field)

    def of(self, rows: Sequence[bytes]) -> list[Sequence[Any]] | None:
        """The values of each column, converted; None where a row is not an object, or has an odd value."""
        found = _decoded(self._decode, rows)
        if found is None:
            return None
        nothing = [None] * len(rows)
        return [_converted(column, next(found)) if column.seen else nothing for column in self._columns]


class StrictColumns:
    """Decoder of rows with the fields of those before them, which detects one that differs."""

    def __init__(self, columns: ExportColumns) -> None:
        self._columns = columns.columns
        self._decode = _decoder(columns, _strictly, forbid_unknown_fields=True)

    def of(self, rows: Sequence[bytes]) -> list[Sequence[Any]] | None:
        """The values of each column, converted; None where a value or a field is new, or odd."""
        found = _decoded(self._decode, rows)
        if found is None:
            return None
        nothing = [None] * len(rows)
        values = [next(found) if column.seen else nothing for column in self._columns]
        if not all(map(_fits, self._columns, values)):
            return None
        return [_as_text(*pair) for pair in zip(self._columns, values, strict=True)]


def _decoded(decode: Callable[[bytes], list[Any]], rows: Sequence[bytes]) -> Iterator[tuple[Any, ...]] | None:
    """Return the values of each field that is there; None if the rows cannot be decoded so."""
    try:
        return iter(zip(*map(astuple, decode(as_array(rows))), strict=True))
    except (ValueError, RecursionError):
        return None


def _decoder(
    columns: ExportColumns, field_of: Callable[[ExportColumn], tuple[Any, Any]], **options: Any
) -> Callable[[bytes], list[Any]]:
    seen = [column for column in columns.columns if column.seen]
    fields = [(f"f{at}", *field_of(column)) for at, column in enumerate(seen)]
    names = {f"f{at}": column.name for at, column in enumerate(seen)}
    try:
        row: Any = msgspec.defstruct("_Row", fields, rename=names, gc=False, **options)
    except ValueError:  # a name with a quote, a backslash, or a control character
        return _refuse
    return msgspec.json.Decoder(list[row]).decode


def _refuse(rows: bytes) -> list[Any]:
    raise ValueError("Fields with such names must be looked up.")


_STRICTLY: dict[ColumnType, tuple[Any, Any]] = {
    ColumnType.NONE: (None, None),
    ColumnType.BOOL: (bool | None, None),
    ColumnType.INT: (int | None, None),
    ColumnType.FLOAT: (int | float | None, None),
    ColumnType.TEXT: (str | None, None),
}


def _strictly(column: ExportColumn) -> tuple[Any, Any]:
    raw = column.kind is ColumnType.JSON or (column.kind is ColumnType.TEXT and not column.plain)
    return (msgspec.Raw, _NONE) if raw else _STRICTLY[column.kind]


def _fits(column: ExportColumn, values: Sequence[Any]) -> bool:
    if column.kind is not ColumnType.JSON or not column.seen:
        return True
    return all(bytes(value)[:1] in b"{[n" for value in values)


def _as_text(column: ExportColumn, values: Sequence[Any]) -> Sequence[Any]:
    raw = column.kind is ColumnType.JSON or (column.kind is ColumnType.TEXT and not column.plain)
    return [_text(value) for value in values] if raw and column.seen else values


def _field(column: ExportColumn) -> tuple[Any, Any]:
    return (Any, None) if column.plain or column.kind is ColumnType.FLOAT else (msgspec.Raw, _NONE)


def _converted(column: ExportColumn, values: Sequence[Any]) -> Sequence[Any]:
    if column.plain:
        return values
    convert: Callable[[Any], Any] = _float if column.kind is ColumnType.FLOAT else _text
    return [convert(value) for value in values]


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _text(raw: msgspec.Raw) -> str | None:
    """Return JSON as its own text, a string as its value."""
    data = bytes(raw)
    if data == b"null":
        return None
    return _string(data) if data[:1] == b'"' else data.decode()
