"""Rows of one shape: decoding of pages once the fields of their rows, and their order, are known.

msgspec decodes an object of known fields into slots in two thirds of the time that a dict takes, since
nothing is hashed and no table grows (measured: 513 against 752 µs for 100 rows of 80 fields; orjson's dicts
take 667). The fields are learned from the rows themselves, never from a schema: an instance sends fields
newer than any, and omits most of those in a schema. Every value is decoded as it would be in a dict,
integers of any size included. A page with an unseen field does not match the shape, and is decoded into
dicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Any

import attrs
import msgspec
from msgspec import UNSET

from halo_async._utils.json_depth import SCALAR, array_of, decoder, nested
from halo_async.records.fields import Field, absent
from halo_async.records.storage import filled_dict
from halo_async.records.summary import LackingField, attribute_behind

_MAX_FIELDS = 400
_AT_ONCE = 500
"""Rows that are looked at without letting other threads run."""


@attrs.frozen
class FieldNames:
    """The fields of a page, in the order in which they are received.

    :ivar rows: those of its rows.
    :ivar envelope: those beside the rows; None if a bare array holds the rows.
    :ivar key: the envelope's field that holds the rows.
    :ivar nested: those that hold arrays or objects. A page in which another one does is not of this shape.
    """

    rows: tuple[str, ...]
    envelope: tuple[str, ...] | None = None
    key: str | None = None
    nested: frozenset[str] = frozenset()


@attrs.frozen(eq=False)
class RowShape:
    """Decoder of pages with these names.

    :ivar decode: returns the rows, and the other fields of the envelope; raises `msgspec.MsgspecError` for
        a page that does not match this shape.
    """

    names: FieldNames
    decode: Callable[[bytes], tuple[list[Any], dict[str, Any]]]


class StructRow(msgspec.Struct, gc=False):  # JSON has no cycles
    """A JSON object in slots. Its own names are not possible field names."""

    def __halo_value__(self, name: str) -> Any:
        """Return one JSON value.

        :raises KeyError: it was not received.
        """
        value = getattr(self, name, msgspec.UNSET)
        if value is msgspec.UNSET:
            raise KeyError(name)
        return value

    def __halo_object__(self) -> dict[str, Any]:
        """Return the JSON object in the order of the shape, which may differ in a later page."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


@lru_cache(maxsize=64)
def shape_of(names: FieldNames) -> RowShape:
    """Return the shape of pages with these names; cached, as making its classes takes as long as a page."""
    is_bare = names.envelope is None
    row = _struct("Row", _types(names, names.rows, above=2 if is_bare else 3), (StructRow,), gc=False)
    if names.envelope is None:
        bare = decoder(array_of(row))
        return RowShape(names, lambda body: (bare(body), {}))
    key = names.key or ""
    fields = _types(names, names.envelope, above=1) | {key: array_of(row)}
    enveloped = decoder(_struct("Envelope", fields))

    def decode(body: bytes) -> tuple[list[Any], dict[str, Any]]:
        values = msgspec.structs.asdict(enveloped(body))
        rows = values.pop(key)
        if rows is msgspec.UNSET:
            raise msgspec.ValidationError("The response has no list of rows.")
        return rows, {name: value for name, value in values.items() if value is not msgspec.UNSET}

    return RowShape(names, decode)


def _types(names: FieldNames, fields: tuple[str, ...], above: int) -> dict[str, Any]:
    """Return a type for each field. One that may nest takes 0.1 ms to make, so that few have it."""
    below = nested(above)
    return {name: below if name in names.nested else SCALAR for name in fields}


def _struct(name: str, types: dict[str, Any], bases: tuple[type, ...] = (), *, gc: bool = True) -> Any:
    fields = [(field, kind, msgspec.UNSET) for field, kind in types.items()]
    return msgspec.defstruct(name, fields, bases=bases, forbid_unknown_fields=True, gc=gc)


def fit(names: Iterable[str]) -> bool:
    """Return whether slots may have these names: identifiers, not reserved by Python, and not too many."""
    known = tuple(names)
    return len(known) <= _MAX_FIELDS and all(name.isidentifier() and name[:2] != "__" for name in known)


def order_of(rows: list[dict[str, Any]], known: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """Return the common order of all rows' fields, starting from the known ones; None if there is none.

    Slots are searched from the previous one, so keys in a different order would make it slow.
    """
    different: set[tuple[str, ...]] = set()
    for start in range(0, len(rows), _AT_ONCE):
        different.update(map(tuple, rows[start : start + _AT_ONCE]))
    orders = sorted(different)  # very few in most lists
    longest: tuple[str, ...] = max(orders, key=len)
    names = list(known or longest)
    for order in orders:
        if not set(names).issuperset(order):
            _insert(names, order)
    ordered = all(tuple(filter(set(order).__contains__, names)) == order for order in orders)
    return tuple(names) if ordered else None


def nested_fields(rows: Iterable[dict[str, Any]]) -> frozenset[str]:
    """Return the fields that hold an array or an object in any row."""
    return frozenset(name for row in rows for name, value in row.items() if value.__class__ in (dict, list))


def _insert(names: list[str], row: Iterable[str]) -> None:
    """Insert each new name after the one that it follows in the row."""
    place = 0
    for name in row:
        if name in names:
            place = names.index(name) + 1
        else:
            names.insert(place, name)
            place += 1


# Reading rows: the fields of a record class whose records may stand over a row instead of a dict.

_MAX_NAMES = 4_000
"""Maximum attributes of a class before it learns no more: ever new names must not fill the memory."""


class PlainField:
    """A plain field that replaces a field's default on a record class when rows have that field.

    It is used only if `__dict__` has no such name: the row has it, or it has its default.
    """

    __slots__ = ("_of_row", "default", "name")

    def __init__(self, name: str, default: Any) -> None:
        self.name = name
        self.default = default
        self._of_row = attrgetter(name)  # in C: most of what a read costs is its Python

    def __get__(self, record: Any, owner: type) -> Any:
        try:
            value = self._of_row(record.__halo_row__)
        except AttributeError:  # it has no such field, or there is no row or no record
            return self._otherwise(record, owner)
        kind = value.__class__
        return self._otherwise(record, owner) if kind is list or kind is dict or value is UNSET else value

    def _otherwise(self, record: Any, owner: type) -> Any:
        """Return an unset field's default, or a value of `__dict__`.

        Lists and objects are changed in place: see `value_of`. Else another thread filled it meanwhile.
        """
        if record is None:
            return self._default(owner, None)
        row = getattr(record, "__halo_row__", None)
        if row is not None and getattr(row, self.name, UNSET) is UNSET:
            return self._default(owner, record)
        found = filled_dict(record)
        return found[self.name] if self.name in found else self._default(owner, record)

    def _default(self, owner: type, record: Any) -> Any:
        lacking = self.default if isinstance(self.default, LackingField) else None
        if self.default is not absent and lacking is None:
            return self.default
        found = attribute_behind(owner, self.name, record, (PlainField, LackingField))
        if found is not absent:
            return found
        if lacking is not None:
            lacking.refuse(owner)
        what = f"type object {owner.__name__!r}" if record is None else f"{owner.__name__!r} object"
        raise AttributeError(
            f"{what} has no attribute {self.name!r}", name=self.name, obj=owner if record is None else record
        )


@lru_cache(maxsize=64)
def let_read_rows(cls: type, names: tuple[str, ...]) -> bool:
    """Make the fields of a record class readable from rows that have fields of these names.

    False if one of the names means something else to the class, or if its records would be inspected past
    `Record.__dict__`.
    """
    plain = {name: _found(cls, name) for name in names}
    plain = {name: found for name, found in plain.items() if not isinstance(found, PlainField | Field)}
    if not isinstance(_found(cls, "__dict__"), property) or len(vars(cls)) + len(plain) > _MAX_NAMES:
        return False
    if any(
        hasattr(type(found), "__get__") for found in plain.values() if not isinstance(found, LackingField)
    ):
        return False
    for name, default in plain.items():
        type.__setattr__(cls, name, PlainField(name, default))
    return True


def _found(cls: type, name: str) -> Any:
    """Return what a class itself has under a name; attributes of metaclasses do not affect its records."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), absent)
