"""Values of rows as tables hold them, from their JSON text: exactly, or as the text that came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from halo_async._utils.dates import is_never
from halo_async._utils.lenient import decode_row, is_made_up, made_up, members
from halo_async.tables.column_types import ColumnType, Kind
from halo_async.tables.dates import moment_of
from halo_async.tables.naming import folded_labels
from halo_async.tables.rows import as_array
from halo_async.tables.value_types import EXACT

Convert = Callable[[bytes], Any]
"""From the JSON text of a value that is not null."""

_decode = msgspec.json.Decoder().decode
_string = msgspec.json.Decoder(str).decode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_objects = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_BOOLEANS = {b"true": True, b"false": False}
_REFUSED = (ValueError, RecursionError)
_LONGEST, _MOST_DIGITS = 2**63, 38


class MisfitError(ValueError):
    """A value does not fit into its column as it is."""


class Values:
    """Conversion of values for columns of given types.

    :param strict: refuse what does not fit; else it has been looked at, and whatever a column of text gets is text.
    """

    def __init__(self, *, strict: bool, never_as_null: bool = False) -> None:
        self._strict = strict
        self._never_as_null = never_as_null

    def convert(self, type: ColumnType) -> Convert:
        """Return the conversion to the value that a column of a type holds.

        It raises `MisfitError` for a value that does not fit.
        """
        if type.hollow:
            return self._hollow
        if type.kind is Kind.STRUCT:
            return self._of_objects(type)
        if type.kind is Kind.LIST:
            assert type.item is not None
            return self._of_lists(type.item)
        simple: Mapping[Kind, Convert] = {
            Kind.BOOL: _boolean,
            Kind.INT: _exact,
            Kind.LONG: _integer,
            Kind.DECIMAL: _decimal,
            Kind.FLOAT: _float,
            Kind.TIMESTAMP: self._read_moment,
            Kind.TEXT: self._only_text if self._strict else text_of,
            Kind.JSON: self._only_nested if self._strict else text_of,
            Kind.MIXED: self._read_text,
            Kind.NULL: _refuse_value,
        }
        return simple[type.kind]

    def _of_objects(self, type: ColumnType) -> Convert:
        fields = labelled(type)
        converts = {name: (label, self.convert(item)) for label, name, item in fields}

        def convert(raw: bytes) -> dict[str, Any]:
            if raw[:1] != b"{":
                raise MisfitError
            made: dict[str, Any] = {}
            for name, value in _decode_value(_object, raw).items():
                found = converts.get(name)
                if found is None:
                    raise MisfitError
                item = bytes(value)
                made[found[0]] = None if item == b"null" else found[1](item)
            return made

        return convert

    def _of_lists(self, type: ColumnType) -> Convert:
        item_of = self.convert(type)

        def convert(raw: bytes) -> list[Any]:
            if raw[:1] != b"[":
                raise MisfitError
            items = map(bytes, _decode_value(_elements, raw))
            return [None if item == b"null" else item_of(item) for item in items]

        return convert

    def _read_moment(self, raw: bytes) -> Any:
        try:
            moment = moment_of(_string(raw))
        except ValueError:
            raise MisfitError from None
        return None if moment is None or (self._never_as_null and is_never(moment)) else moment

    def _only_text(self, raw: bytes) -> str:
        return _decode_value(_string, raw)  # type: ignore[no-any-return]

    def _only_nested(self, raw: bytes) -> str:
        if raw[:1] not in (b"{", b"["):
            raise MisfitError
        return raw.decode()

    def _read_text(self, raw: bytes) -> str:
        if self._strict and raw[:1] not in (b"{", b"["):
            value = _decode_value(_decode, raw)  # refuse what has to be told of
            return value if isinstance(value, str) else raw.decode()
        return text_of(raw)

    def _hollow(self, raw: bytes) -> str:
        if self._strict and raw not in (b"{}", b"[]"):
            raise MisfitError
        return raw.decode()


def text_of(raw: bytes) -> str:
    """Return the text of a string, and other JSON as it stands."""
    if raw[:1] == b'"':
        try:
            return _string(raw)
        except _REFUSED:
            return str(decode_row(b'{"v":' + raw + b"}")["v"])
    return raw.decode()


def _decode_value(decode: Callable[[bytes], Any], raw: bytes) -> Any:
    try:
        return decode(raw)
    except _REFUSED:
        raise MisfitError from None


def _boolean(raw: bytes) -> bool:
    value = _BOOLEANS.get(raw)
    if value is None:
        raise MisfitError
    return value


def _read_whole(raw: bytes) -> int:
    if raw[:1] == b'"' or len(raw) > _MOST_DIGITS + 1 or not raw.lstrip(b"-").isdigit():
        raise MisfitError
    return int(raw)


def _exact(raw: bytes) -> int:
    value = _read_whole(raw)
    if not -EXACT <= value <= EXACT:
        raise MisfitError
    return value


def _integer(raw: bytes) -> int:
    value = _read_whole(raw)
    if not -_LONGEST <= value < _LONGEST:
        raise MisfitError
    return value


def _decimal(raw: bytes) -> Decimal:
    return Decimal(_read_whole(raw))


def _float(raw: bytes) -> float:
    value = _decode_value(_decode, raw)
    if type(value) is int and -EXACT <= value <= EXACT:
        return float(raw)
    if type(value) is not float:
        raise MisfitError
    return value


def _refuse_value(raw: bytes) -> Any:
    raise MisfitError


def labelled(type: ColumnType) -> list[tuple[str, str, ColumnType]]:
    """Return the fields of objects: name in the table, name in JSON, type."""
    names = [name for name, _ in type.fields]
    labels = folded_labels((), names)
    return [(label, name, item) for label, (name, item) in zip(labels, type.fields, strict=True)]


# Rows -------------------------------------------------------------------------------------------------


def raw_rows(rows: Sequence[bytes], flatten: Sequence[str] = ()) -> list[Mapping[str, bytes]]:
    """Return rows as mappings whose values are JSON text; what is not an object becomes the one field `value`."""
    try:
        found: Sequence[Mapping[str, Any]] = _objects(as_array(rows))
    except _REFUSED:
        found = [_raw_row(row) for row in rows]
    made: list[Mapping[str, bytes]] = [{name: bytes(value) for name, value in row.items()} for row in found]
    return [_flattened(row, flatten) for row in made] if flatten else made


def _raw_row(row: bytes) -> Mapping[str, Any]:
    if row[:1] != b"{":
        return {"value": row}
    try:
        return _object(row)
    except _REFUSED:
        return {_read_name(key): value for key, value in members(row)}


def _read_name(key: bytes) -> str:
    try:
        return _string(key)
    except _REFUSED:
        return made_up(text_of(key))


def _flattened(row: Mapping[str, bytes], flatten: Sequence[str]) -> Mapping[str, bytes]:
    starts = tuple(f"{name}." for name in flatten)
    made = {
        made_up(name) if name.startswith(starts) or is_made_up(name) else name: value
        for name, value in row.items()
    }
    for name in flatten:
        raw = row.get(name, b"null")
        for item in map(bytes, _elements(raw)) if raw[:1] == b"[" else ():
            if item[:1] == b"{":
                fields = _raw_row(item)
                label = text_of(bytes(fields["name"])) if bytes(fields.get("name", b""))[:1] == b'"' else None
                if label is not None:
                    made[f"{name}.{label}"] = bytes(fields.get("value", b"null"))
    return made


def column_of(name: str, rows: Sequence[Mapping[str, bytes]], convert: Convert) -> list[Any]:
    """Return the values of one column.

    :raises MisfitError: one of them does not fit.
    """
    raw = [row.get(name, b"null") for row in rows]
    return [None if value == b"null" else convert(value) for value in raw]
