"""Reading rows: the fields of a record class whose records may stand over a row instead of a dict."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import UNSET

from halo_async.fields import Field, absent
from halo_async.record_store import filled_dict
from halo_async.row_shapes import Row

_MAX_NAMES = 4_000
"""Attributes of a class above which it learns no more: a list whose names are ever new must not fill the memory."""


class PlainField:
    """A plain field, put on a record class in the place of the field's default when rows have that field.

    It is asked only where `__dict__` has no such name: the row has it, or it has its default.
    """

    __slots__ = ("default", "name")

    def __init__(self, name: str, default: Any) -> None:
        self.name = name
        self.default = default

    def __get__(self, record: Any, owner: type) -> Any:
        if record is None:
            return self._default(owner, None)
        row = getattr(record, "__halo_row__", None)
        value = UNSET if row is None else getattr(row, self.name, UNSET)
        kind = value.__class__
        if row is not None and kind is not list and kind is not dict:
            return self._default(owner, record) if value is UNSET else value
        # Lists and objects are changed in place: see `value_of`. Else another thread has filled it since Python looked.
        found = filled_dict(record)
        return found[self.name] if self.name in found else self._default(owner, record)

    def _default(self, owner: type, record: Any) -> Any:
        if self.default is not absent:
            return self.default
        behind = (vars(base)[self.name] for base in owner.__mro__ if self.name in vars(base))
        found = next((value for value in behind if not isinstance(value, PlainField)), absent)
        if found is not absent:  # of a mixin, which would have been found without this field
            return found.__get__(record, owner) if hasattr(type(found), "__get__") else found
        what = f"type object {owner.__name__!r}" if record is None else f"{owner.__name__!r} object"
        raise AttributeError(
            f"{what} has no attribute {self.name!r}", name=self.name, obj=owner if record is None else record
        )


@lru_cache(maxsize=64)
def let_read_rows(cls: type, names: tuple[str, ...]) -> bool:
    """Make the fields of a record class readable from rows that have fields of these names.

    False where one of the names means something else to the class, and where its records would be looked into past
    `Record.__dict__`.
    """
    plain = {name: _found(cls, name) for name in names}
    plain = {name: found for name, found in plain.items() if not isinstance(found, PlainField | Field)}
    if not isinstance(_found(cls, "__dict__"), property) or len(vars(cls)) + len(plain) > _MAX_NAMES:
        return False
    if any(hasattr(type(default), "__get__") for default in plain.values()):
        return False
    for name, default in plain.items():
        type.__setattr__(cls, name, PlainField(name, default))
    return True


def _found(cls: type, name: str) -> Any:
    """What a class has under a name, itself; what classes of classes have is nothing to its records."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), absent)


class WatchedRow:
    """Stands for one row, and counts how often fields of it are read. Its own names are none that a field may have."""

    __slots__ = ("__halo_reads__", "__halo_watched__")

    def __init__(self, row: Row) -> None:
        self.__halo_watched__ = row
        self.__halo_reads__ = 0

    def __getattr__(self, name: str) -> Any:
        self.__halo_reads__ += 1
        return getattr(self.__halo_watched__, name)

    def __halo_value__(self, name: str) -> Any:
        """As `Row` does it."""
        self.__halo_reads__ += 1
        return self.__halo_watched__.__halo_value__(name)

    def __halo_object__(self) -> dict[str, Any]:
        """As `Row` does it; it counts as every field read."""
        self.__halo_reads__ += len(self.__halo_watched__.__struct_fields__)
        return self.__halo_watched__.__halo_object__()
