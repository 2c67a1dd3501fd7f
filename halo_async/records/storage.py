"""Storage of a record's JSON object: in its `__dict__`, or in a row until the dict is needed.

The pages of a long list are decoded into rows, objects with slots of one shape, in two thirds of the time
that dicts take (see `struct_rows`). Plain fields and dates are read from the row, or from a `__dict__` that has
the few fields which are read of every row (see `read_fields`). Whatever needs the dict itself (setting, nested
records, lists and objects, names in JSON, copying) fills `__dict__` from the row first, once, and discards the
row. Only what bypasses `Record.__dict__` to the slot, as `object.__setattr__` does, does not find all of it there
before that, and what it sets then replaces the whole record.

A row returns one JSON value by `__halo_value__`, and its JSON object by `__halo_object__`.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any


class StoredFields:
    """The slots of a record.

    `__halo_row__` is the row that stands in for the dict; None, or not set, if the dict is used.
    `__halo_dict__` is the dict in its current state: without most fields, or all, while a row stands in for it.
    """

    __slots__ = ("__dict__", "__halo_changes__", "__halo_row__", "__weakref__")
    if TYPE_CHECKING:  # a visible annotation would make it a field of the record
        __halo_dict__: dict[str, Any]


put_dict = vars(StoredFields)["__dict__"].__set__
put_row = vars(StoredFields)["__halo_row__"].__set__
put_changes = vars(StoredFields)["__halo_changes__"].__set__
# Under another name too, since `Record.__dict__` hides its own.
type.__setattr__(StoredFields, "__halo_dict__", vars(StoredFields)["__dict__"])
_IN_PLACE = frozenset({list, dict})
_filling = RLock()
"""Reentrant, since a finalizer that runs meanwhile may read records too."""


def filled_dict(record: Any) -> dict[str, Any]:
    """Return the JSON object of a record, filled from its row if that stands in for it."""
    if getattr(record, "__halo_row__", None) is not None:
        with _filling:  # otherwise two threads would fill it, and changes by one of them would be lost
            row = record.__halo_row__
            if row is not None:
                put_dict(record, row.__halo_object__())
                put_row(record, None)
    return record.__halo_dict__  # type: ignore[no-any-return]


def value_of(record: Any, wire: str) -> Any:
    """Return the JSON value of one field, without filling `__dict__` for it.

    For a list or an object `__dict__` is filled, so that a change in place is a change to the record; a row
    would also hide what is put in from the garbage collector.

    :raises KeyError: the field is not set.
    """
    row = getattr(record, "__halo_row__", None)
    value = filled_dict(record)[wire] if row is None else row.__halo_value__(wire)
    return filled_dict(record)[wire] if type(value) in _IN_PLACE else value


class DataclassGuard:
    """`__dataclass_fields__`, which records do not have.

    msgspec requests it from a record before it encodes the content of the slot of `__dict__`, past the
    property: then the dict must be filled.
    """

    __slots__ = ()

    def __get__(self, record: Any, owner: type) -> Any:
        if record is not None:
            filled_dict(record)
        raise AttributeError(
            f"{owner.__name__!r} is not a dataclass.", name="__dataclass_fields__", obj=owner
        )
