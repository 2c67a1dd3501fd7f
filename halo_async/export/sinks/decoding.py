"""Lines decoded straight into columns: three times as fast as by way of mappings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from halo_async.export.columns import Column, Columns, Kind, as_array

_NONE = msgspec.Raw(b"null")
_string = msgspec.json.Decoder(str).decode


class WholeColumns:
    """Decodes rows that are objects, knowing beforehand which fields there are."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns.columns
        self._decode = _decoder(columns, _field)

    def of(self, rows: Sequence[bytes]) -> list[Sequence[Any]] | None:
        """The values of each column, converted; None where a row is not an object, or has an odd value."""
        try:
            decoded = self._decode(as_array(rows))
        except (ValueError, RecursionError):
            return None
        found = iter(zip(*map(astuple, decoded), strict=True))
        nothing = [None] * len(rows)
        return [_converted(column, next(found)) if column.seen else nothing for column in self._columns]


class StrictColumns:
    """Decodes rows that are like those before them, and notices one that is not."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns.columns
        self._decode = _decoder(columns, _strictly, forbid_unknown_fields=True)

    def of(self, rows: Sequence[bytes]) -> list[Sequence[Any]] | None:
        """The values of each column, converted; None where a value or a field is new, or odd."""
        try:
            decoded = self._decode(as_array(rows))
        except (ValueError, RecursionError):
            return None
        found = iter(zip(*map(astuple, decoded), strict=True))
        nothing = [None] * len(rows)
        values = [next(found) if column.seen else nothing for column in self._columns]
        if not all(map(_fits, self._columns, values)):
            return None
        return [_as_text(*pair) for pair in zip(self._columns, values, strict=True)]


def _decoder(
    columns: Columns, field_of: Callable[[Column], tuple[Any, Any]], **options: Any
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
    raise ValueError("fields with such names have to be looked up")


_STRICTLY: dict[Kind, tuple[Any, Any]] = {
    Kind.NONE: (None, None),
    Kind.BOOL: (bool | None, None),
    Kind.INT: (int | None, None),
    Kind.FLOAT: (int | float | None, None),
    Kind.TEXT: (str | None, None),
}


def _strictly(column: Column) -> tuple[Any, Any]:
    raw = column.kind is Kind.JSON or (column.kind is Kind.TEXT and not column.plain)
    return (msgspec.Raw, _NONE) if raw else _STRICTLY[column.kind]


def _fits(column: Column, values: Sequence[Any]) -> bool:
    if column.kind is not Kind.JSON or not column.seen:
        return True
    return all(bytes(value)[:1] in b"{[n" for value in values)


def _as_text(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    raw = column.kind is Kind.JSON or (column.kind is Kind.TEXT and not column.plain)
    return [_text(value) for value in values] if raw and column.seen else values


def _field(column: Column) -> tuple[Any, Any]:
    return (Any, None) if column.plain or column.kind is Kind.FLOAT else (msgspec.Raw, _NONE)


def _converted(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.plain:
        return values
    convert: Callable[[Any], Any] = _float if column.kind is Kind.FLOAT else _text
    return [convert(value) for value in values]


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _text(raw: msgspec.Raw) -> str | None:
    """JSON as its own text, a string as what it says."""
    data = bytes(raw)
    if data == b"null":
        return None
    return _string(data) if data[:1] == b'"' else data.decode()
