"""Rows of one shape: how a page is decoded once it is known which fields its rows have, and in which order.

msgspec decodes an object of known fields into slots in two thirds of the time that a dict takes, since nothing is
hashed and no table grows (measured: 513 against 752 µs for 100 rows of 80 fields; orjson's dicts take 667). The fields
are learned from the rows themselves, never from a schema: an instance sends fields newer than any, and leaves out most
of those that a schema has. Every value is decoded as it would be in a dict, integers of any size included. A page with
a field that was never seen is no page of the shape, and is decoded into dicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec
from attr import frozen

_MAX_FIELDS = 400


@frozen
class Names:
    """The fields of a page, in the order in which they come.

    :ivar rows: those of its rows.
    :ivar envelope: those beside the rows; None where a bare array holds the rows.
    :ivar key: the envelope's field that holds the rows.
    """

    rows: tuple[str, ...]
    envelope: tuple[str, ...] | None = None
    key: str | None = None


@frozen(eq=False)
class Shape:
    """What decodes pages of these names.

    :ivar decode: gives the rows, and what the envelope holds beside them; raises `msgspec.MsgspecError` for
        whatever is no page of this shape.
    """

    names: Names
    decode: Callable[[bytes], tuple[list[Any], dict[str, Any]]]


class Row(msgspec.Struct, gc=False):  # JSON has no cycles
    """A JSON object in slots. Its own names are none that a field may have."""

    def __halo_value__(self, name: str) -> Any:
        """One JSON value.

        :raises KeyError: it did not come.
        """
        value = getattr(self, name, msgspec.UNSET)
        if value is msgspec.UNSET:
            raise KeyError(name)
        return value

    def __halo_object__(self) -> dict[str, Any]:
        """The JSON object: what came, in the order of the shape, which a later page may have in another."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


@lru_cache(maxsize=64)
def shape_of(names: Names) -> Shape:
    """The shape of pages with these names; made once, since making its classes takes as long as a page."""
    row = _struct("Row", dict.fromkeys(names.rows, Any), (Row,), gc=False)
    if names.envelope is None:
        bare = msgspec.json.Decoder(list[row]).decode  # type: ignore[valid-type]
        return Shape(names, lambda body: (bare(body), {}))
    key = names.key or ""
    fields = {name: list[row] if name == key else Any for name in (*names.envelope, key)}  # type: ignore[valid-type]
    enveloped = msgspec.json.Decoder(_struct("Envelope", fields)).decode

    def decode(body: bytes) -> tuple[list[Any], dict[str, Any]]:
        values = msgspec.structs.asdict(enveloped(body))
        rows = values.pop(key)
        if rows is msgspec.UNSET:
            raise msgspec.ValidationError("no rows")
        return rows, {name: value for name, value in values.items() if value is not msgspec.UNSET}

    return Shape(names, decode)


def _struct(name: str, types: dict[str, Any], bases: tuple[type, ...] = (), *, gc: bool = True) -> Any:
    fields = [(field, kind, msgspec.UNSET) for field, kind in types.items()]
    return msgspec.defstruct(name, fields, bases=bases, forbid_unknown_fields=True, gc=gc)


def fit(names: Iterable[str]) -> bool:
    """Whether slots may have these names: identifiers, none of them Python's own, and not too many."""
    known = tuple(names)
    return len(known) <= _MAX_FIELDS and all(name.isidentifier() and name[:2] != "__" for name in known)


def order_of(rows: list[dict[str, Any]], known: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """The one order in which the fields of all rows come, beginning from those known; None if there is none.

    Slots are found by going on from the one before, so keys in an order of their own would make it slow.
    """
    orders: list[tuple[str, ...]] = sorted(set(map(tuple, rows)))  # in most lists very few
    longest: tuple[str, ...] = max(orders, key=len)
    names = list(known or longest)
    for order in orders:
        if not set(names).issuperset(order):
            _insert(names, order)
    ordered = all(tuple(filter(set(order).__contains__, names)) == order for order in orders)
    return tuple(names) if ordered else None


def _insert(names: list[str], row: Iterable[str]) -> None:
    """Put each new name behind the one that it follows in the row."""
    place = 0
    for name in row:
        if name in names:
            place = names.index(name) + 1
        else:
            names.insert(place, name)
            place += 1
