"""Columns of a table: those of the surface and of the rows, each of a type that holds every value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from halo_async._utils.lenient import JsonText, decode_row, is_made_up, listed, made_up

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async.export.notes import Notes

BATCH = 2000
"""Rows held at a time."""
_LARGEST = 2**63
_DIGITS = bytes(b"0"[0] if chr(byte).isdigit() and byte < 128 else 32 for byte in range(256))
_LONG = b"0" * 16
"""Pattern of integers beyond `EXACT` in a row whose digits became 0 and all else blanks."""
EXACT = 2**53
"""Largest integer up to which all integers are exact as floating point numbers."""


class ColumnType(StrEnum):
    """Type of a column. Dates are text: they have no zone, and up to seven digits of a second."""

    NONE = "null"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"
    JSON = "json"
    """Objects and lists, as JSON text."""


@attrs.frozen
class ExportColumn:
    """One column."""

    name: str
    kind: ColumnType
    expected: bool = True
    """True if the surface contains it."""
    seen: bool = True
    """True if a row has it."""
    plain: bool = False
    """True if its values can be written to a column of this kind unchanged."""
    large: bool = False
    """True if it has integers that floating point numbers would round."""


@attrs.frozen
class ExportColumns:
    """The columns of one resource."""

    columns: tuple[ExportColumn, ...]
    added: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()
    names: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(column.name for column in self.columns))


Row = Mapping[str, Any]
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def batches(
    rows: Iterable[bytes], flatten: Sequence[str] = (), size: int = BATCH, notes: Notes | None = None
) -> Iterator[list[Row]]:
    """Rows as mappings, some at a time; what is not an object becomes the one field `value`.

    :param notes: get what is not as it came.
    """
    for some in lines_at_a_time(rows, size):
        found = _decoded(some, notes)
        made: list[Row] = [row if type(row) is dict else {"value": row} for row in found]
        if notes is not None and (others := sum(type(row) is not dict for row in found)):
            notes.no_objects(others)
        yield _all_flattened(made, flatten, notes) if flatten else made


def _decoded(rows: Sequence[bytes], notes: Notes | None) -> list[Any]:
    try:
        found: list[Any] = _decode(as_array(rows))
    except (ValueError, RecursionError):  # one of them has an odd value
        found = [decode_row(row, None if notes is None else notes.value) for row in rows]
    return found


def lines_at_a_time(rows: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """Yield lines in batches."""
    each = iter(rows)
    while some := list(islice(each, size)):
        yield some


def as_array(rows: Sequence[bytes]) -> bytes:
    """Return lines as one JSON array, which decodes faster than single lines."""
    return b"[" + b",".join(rows) + b"]"


def _all_flattened(rows: list[Row], flatten: Sequence[str], notes: Notes | None) -> list[Row]:
    """Rows with more fields; one that is called as those are called gets another name."""
    starts = tuple(f"{name}." for name in flatten)
    clashing = {
        name: made_up(name) for name in set().union(*rows) if name.startswith(starts) or is_made_up(name)
    }
    if clashing:
        rows = [{clashing.get(name, name): value for name, value in row.items()} for row in rows]
        for name, label in clashing.items() if notes is not None else ():
            notes.renamed(name, label)  # type: ignore[union-attr]
    return [_flattened(row, flatten) for row in rows]


def _flattened(row: Row, flatten: Sequence[str]) -> Row:
    """Return a row with its lists of `{name, value}` as additional fields `list.name`."""
    extra: dict[str, Any] = {}
    for name in flatten:
        items = row.get(name)
        items = listed(items) if type(items) is JsonText else items
        for item in items if type(items) is list else ():
            if isinstance(item, dict) and isinstance(item.get("name"), str):
                extra[f"{name}.{item['name']}"] = item.get("value")
    return {**row, **extra} if extra else row


def scan(
    rows: Iterable[bytes],
    surface: Mapping[str, ColumnType],
    flatten: Sequence[str] = (),
    notes: Notes | None = None,
) -> ExportColumns:
    """Look through all rows once: the surface's columns in its order, then the others as they turned up.

    There is one column at least, so that rows without a field are rows, too.

    :param notes: get what is not as it came.
    """
    seen: dict[str, set[ColumnType]] = {}
    large: set[str] = set()
    for some in lines_at_a_time(rows, BATCH):
        (batch,) = batches(some, flatten, notes=notes)
        names: dict[str, Any] = {}
        pairs: set[tuple[str, type]] = set()
        for row in batch:
            names.update(row)
            pairs.update(zip(row, map(type, row.values()), strict=True))
        for name in names:
            seen.setdefault(name, set())
        suspect = any(_LONG in row.translate(_DIGITS) for row in some)
        for name, type_ in pairs:
            seen[name].add(_KINDS[type_])
            if suspect and type_ is int:
                seen[name].add(_integers(batch, name, large))
    if not surface and not seen:
        return ExportColumns((ExportColumn("value", ColumnType.NONE, expected=False, seen=False),))
    found = _joined(surface, {name: _widest(kinds, name in large) for name, kinds in seen.items()}, seen)
    return attrs.evolve(
        found, columns=tuple(attrs.evolve(item, large=item.name in large) for item in found.columns)
    )


def _widest(kinds: Iterable[ColumnType], large: bool) -> ColumnType:
    widest = reduce(joined, kinds, ColumnType.NONE)
    # As floating point numbers some integers would be rounded.
    return ColumnType.TEXT if large and widest is ColumnType.FLOAT else widest


def _integers(batch: Sequence[Row], name: str, large: set[str]) -> ColumnType:
    """Return text if a value needs more than 64 bits; `large` gets names that a float would round."""
    values = [value for row in batch if type(value := row.get(name)) is int]
    least, greatest = min(values), max(values)
    if not -EXACT <= least <= greatest <= EXACT:
        large.add(name)
    return ColumnType.INT if -_LARGEST <= least <= greatest < _LARGEST else ColumnType.TEXT


_KINDS: dict[type, ColumnType] = {
    type(None): ColumnType.NONE,
    bool: ColumnType.BOOL,
    int: ColumnType.INT,
    float: ColumnType.FLOAT,
    str: ColumnType.TEXT,
    JsonText: ColumnType.JSON,
    dict: ColumnType.JSON,
    list: ColumnType.JSON,
}


def joined(one: ColumnType, other: ColumnType) -> ColumnType:
    """Return the narrowest kind that holds both."""
    if one is other or other is ColumnType.NONE:
        return one
    if one is ColumnType.NONE:
        return other
    if {one, other} == {ColumnType.INT, ColumnType.FLOAT}:
        return ColumnType.FLOAT
    return ColumnType.TEXT


def _joined(
    surface: Mapping[str, ColumnType], seen: Mapping[str, ColumnType], kinds: Mapping[str, set[ColumnType]]
) -> ExportColumns:
    columns, widened = [], []
    for name, expected in surface.items():
        kind = joined(expected, seen.get(name, ColumnType.NONE))
        # Integers seen as floating point numbers have been checked: they are exact as such.
        kind = seen[name] if seen.get(name) is ColumnType.TEXT else kind
        columns.append(ExportColumn(name, kind, True, name in seen, _is_plain(kind, kinds.get(name, set()))))
        if kind is not expected and expected is not ColumnType.NONE:
            widened.append(f"{name}: {expected} -> {kind}")
    added = tuple(name for name in seen if name not in surface)
    columns += [
        ExportColumn(name, seen[name], expected=False, plain=_is_plain(seen[name], kinds[name]))
        for name in added
    ]
    return ExportColumns(tuple(columns), added, tuple(widened))


def _is_plain(kind: ColumnType, kinds: set[ColumnType]) -> bool:
    return kind is not ColumnType.JSON and kinds <= {kind, ColumnType.NONE}


def surface_of(operation: Operation) -> dict[str, ColumnType]:
    """Return the fields that this release knows of a list's rows; none if it does not know their record."""
    record = _record_of(operation)
    if record is None:
        return {}
    from halo_async.records.fields import declared

    return {name if field is None else field.wire: _kind_of(text) for name, field, text in declared(record)}


def _record_of(operation: Operation) -> Any:
    text = operation.result.removeprefix("Pages[").removesuffix("]")
    if not text.startswith("models."):
        return None
    from importlib import import_module

    package, _, _ = operation.stub.__module__.rpartition(".api.")
    return getattr(import_module(f"{package}.models"), text.removeprefix("models."))


def _kind_of(annotation: str) -> ColumnType:
    text = annotation.removesuffix(" | None")
    simple = {
        "int": ColumnType.INT,
        "float": ColumnType.FLOAT,
        "bool": ColumnType.BOOL,
        "str": ColumnType.TEXT,
        "DateTime": ColumnType.TEXT,
    }
    return ColumnType.NONE if text == "Any" else simple.get(text, ColumnType.JSON)


def converter(kind: ColumnType) -> Callable[[Any], Any]:
    """Return a function from a decoded value to one that a column of this kind holds; None stays."""
    return _CONVERTERS[kind]


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    try:
        return _encode(value).decode()
    except OverflowError:  # an integer beyond 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _float(value: Any) -> Any:
    return None if value is None else float(value)


def _same(value: Any) -> Any:
    return value


_CONVERTERS: dict[ColumnType, Callable[[Any], Any]] = {
    ColumnType.NONE: _same,
    ColumnType.BOOL: _same,
    ColumnType.INT: _same,
    ColumnType.FLOAT: _float,
    ColumnType.TEXT: _text,
    ColumnType.JSON: _text,
}
