"""Types of columns, and the narrowest one that holds the values of two."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

DEEPEST = 8
"""Levels of objects and lists in a column; what is nested deeper is kept as JSON text."""
WIDEST = 200
"""Fields of a column's objects, all levels together; an object with more is kept as JSON text."""


class Kind(StrEnum):
    """Kind of the values of a column."""

    NULL = "null"
    """No value is known."""
    BOOL = "bool"
    INT = "int"
    """Integers that floating point numbers do not round."""
    LONG = "long"
    """Integers of 64 bits."""
    DECIMAL = "decimal"
    """Integers of up to 38 digits."""
    FLOAT = "float"
    TIMESTAMP = "timestamp"
    TEXT = "text"
    MIXED = "mixed"
    """Values of several types, each as the text that came."""
    JSON = "json"
    """Objects and lists, as JSON text."""
    STRUCT = "struct"
    LIST = "list"


_SAID = {
    Kind.INT: "int64",
    Kind.LONG: "int64",
    Kind.DECIMAL: "decimal(38, 0)",
    Kind.FLOAT: "float64",
    Kind.TIMESTAMP: "timestamp[us, UTC]",
    Kind.MIXED: "text",
}
_INTEGERS = frozenset({Kind.INT, Kind.LONG, Kind.DECIMAL})
_NESTED = frozenset({Kind.STRUCT, Kind.LIST, Kind.JSON})


@attrs.frozen
class ColumnType:
    """Type of a column, or of what is nested in it. `str()` gives its name, as reports show it."""

    kind: Kind
    fields: tuple[tuple[str, ColumnType], ...] = ()
    """Of an object: the names in JSON, and their types."""
    item: ColumnType | None = None
    """Of a list: the type of its elements."""

    def __str__(self) -> str:
        if self.kind is Kind.STRUCT:
            return f"struct<{', '.join(f'{name}: {type}' for name, type in self.fields)}>"
        if self.kind is Kind.LIST:
            return f"list<{self.item}>"
        return _SAID.get(self.kind, self.kind.value)

    @property
    def hollow(self) -> bool:
        """True for objects that never have a field, and lists that never have an element: kept as JSON text."""
        if self.kind is Kind.STRUCT:
            return not self.fields
        return self.item is not None and (self.item.kind is Kind.NULL or self.item.hollow)

    def to_json(self) -> Any:
        """Return the type as JSON: its name, or an object with `fields` or `item`."""
        if self.kind is Kind.STRUCT and self.fields:
            return {
                "type": "struct",
                "fields": [{"name": name, "type": type.to_json()} for name, type in self.fields],
            }
        if self.kind is Kind.LIST and self.item is not None and not self.hollow:
            return {"type": "list", "item": self.item.to_json()}
        if self.hollow:
            return Kind.JSON.value
        return Kind.TEXT.value if self.kind is Kind.NULL else str(self)

    @classmethod
    def from_json(cls, value: Any) -> ColumnType:
        """Return the type that `to_json` wrote.

        :param value: decoded JSON.
        :raises ValueError: it is another value.
        """
        try:
            if isinstance(value, str):
                return cls(_READ[value])
            if value["type"] == Kind.LIST:
                return cls(Kind.LIST, item=cls.from_json(value["item"]))
            return cls(
                Kind.STRUCT, tuple((item["name"], cls.from_json(item["type"])) for item in value["fields"])
            )
        except (KeyError, TypeError):
            raise ValueError(f"{value!r} is not a type of a column.") from None


_READ = {
    **{kind.value: kind for kind in (Kind.BOOL, Kind.TEXT, Kind.JSON)},
    "int64": Kind.LONG,
    "decimal(38, 0)": Kind.DECIMAL,
    "float64": Kind.FLOAT,
    "timestamp[us, UTC]": Kind.TIMESTAMP,
}

NULL, BOOL, INT, LONG = (ColumnType(kind) for kind in (Kind.NULL, Kind.BOOL, Kind.INT, Kind.LONG))
DECIMAL, FLOAT, TIMESTAMP = (ColumnType(kind) for kind in (Kind.DECIMAL, Kind.FLOAT, Kind.TIMESTAMP))
TEXT, MIXED, JSON = (ColumnType(kind) for kind in (Kind.TEXT, Kind.MIXED, Kind.JSON))
STRUCT = ColumnType(Kind.STRUCT)
LIST = ColumnType(Kind.LIST, item=NULL)


def list_of(item: ColumnType) -> ColumnType:
    """Return the type of lists of elements of a type."""
    return ColumnType(Kind.LIST, item=item)


def joined(one: ColumnType, other: ColumnType) -> ColumnType:
    """Return the narrowest type that holds the values of both unchanged.

    Integers and floating point numbers are floating point only where none is rounded, dates and texts are text,
    and whatever else differs is text as it came (`MIXED`).
    """
    if one == other or other.kind is Kind.NULL:
        return one
    if one.kind is Kind.NULL:
        return other
    kinds = {one.kind, other.kind}
    if kinds == {Kind.STRUCT}:
        return _joined_objects(one, other)
    if kinds == {Kind.LIST}:
        assert one.item is not None
        assert other.item is not None
        return list_of(joined(one.item, other.item))
    if kinds <= _INTEGERS:
        return DECIMAL if Kind.DECIMAL in kinds else LONG
    if kinds == {Kind.INT, Kind.FLOAT}:
        return FLOAT
    if kinds == {Kind.TIMESTAMP, Kind.TEXT}:
        return TEXT
    return JSON if kinds <= _NESTED else MIXED


def _joined_objects(one: ColumnType, other: ColumnType) -> ColumnType:
    fields = dict(one.fields)
    for name, type in other.fields:
        fields[name] = joined(fields.get(name, NULL), type)
    return ColumnType(Kind.STRUCT, tuple(fields.items()))


def tamed(type: ColumnType) -> ColumnType:
    """Return the type of a column, JSON text if its objects have too many fields or levels."""
    return JSON if _levels(type) > DEEPEST or _count_parts(type) > WIDEST else type


def _levels(type: ColumnType) -> int:
    if type.item is not None:
        return 1 + _levels(type.item)
    return 1 + max((_levels(item) for _, item in type.fields), default=0) if type.kind is Kind.STRUCT else 0


def _count_parts(type: ColumnType) -> int:
    inner = 0 if type.item is None else _count_parts(type.item)
    return inner + len(type.fields) + sum(_count_parts(item) for _, item in type.fields)
