"""Rows of a list that has fewer fields than the whole record: reading one that only that has says how to get it.

`__getattr__` would say it too, but a class that has one pays for it at every read of any field. So each such
name has a descriptor, which a value in the record's `__dict__` goes before; it is never looked at otherwise.
"""

from __future__ import annotations

from typing import Any, NoReturn

from halo_async.records.fields import absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal


class LackingField(str):
    """The name of a field that the whole record has and the rows of its list have not."""

    __slots__ = ()

    def __get__(self, record: Any, owner: type) -> Any:
        found = attribute_behind(owner, self, record, (LackingField,))
        return self.refuse(owner) if found is absent else found

    def refuse(self, owner: Any) -> NoReturn:
        """Raise AttributeError. It has no `obj`: Python would add the most similar name to the sentence."""
        raise AttributeError(lacking(owner, str(self)), name=str(self))


class SummaryType(type):
    """Class of the classes of such rows. `dir()` lists only what they have."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> SummaryType:
        """Make a class; `__halo_full__` in it has the names of the fields that it lacks as its last item."""
        *_, names = namespace.get("__halo_full__", ("",))
        fields = dict(zip(found := names.split(), map(LackingField, found), strict=True))
        return super().__new__(cls, name, bases, {**fields, **namespace}, **options)

    def __dir__(cls) -> Iterable[str]:
        return [name for name in super().__dir__() if not _is_lacking(cls, name)]


class SummaryRecord(metaclass=SummaryType):
    """Base of the rows of a list that has fewer fields than the whole record.

    `__halo_full__` of a class holds what the error says, as generated: the class of the whole record, the call
    that reads it and the one that updates it (empty if there is none), and the names of the fields, in one
    text with blanks between, which costs nothing to load.
    """

    __slots__ = ()

    def __dir__(self) -> Iterable[str]:
        there, cls = self.__dict__, type(self)
        return [name for name in super().__dir__() if name in there or not _is_lacking(cls, name)]


def attribute_behind(owner: type, name: str, record: Any, stopgaps: tuple[type, ...]) -> Any:
    """Return the attribute that would have been found, of a mixin say, without stopgaps; `absent` if none."""
    for base in owner.__mro__:
        value = vars(base).get(name, absent)
        if value is not absent and not isinstance(value, stopgaps):
            return value.__get__(record, owner) if hasattr(type(value), "__get__") else value
    return absent


def lacking(cls: Any, name: str, wanted: Literal["read", "set", "make"] = "read") -> str:
    """Return the sentence on a field that only the whole record has, with the mend; empty if it is none."""
    full, read, update, names = getattr(cls, "__halo_full__", ("", "", "", ""))
    if name not in names.split():
        return ""
    if wanted == "read":
        mend = f"Read the whole record: await {read}" if read else f"Only {full} has it"
    elif wanted == "set" and update:
        mend = f"Set it by itself: await {update}(row.id, {name}=…)"
    else:
        mend = f"Use {full}({name}=…)"
    return f"{cls.__name__} has no field {name!r}. List rows lack it. {mend}."


def _is_lacking(cls: type, name: str) -> bool:
    found = [vars(base)[name] for base in cls.__mro__ if name in vars(base)]
    return bool(found) and all(isinstance(getattr(each, "default", each), LackingField) for each in found)
