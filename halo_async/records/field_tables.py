"""Field tables of a record class, made on first access and cached on the class.

Made for all 629 classes at import, this would cost 850 ms.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from halo_async.records.converters import DATES, find_record_class
from halo_async.records.fields import Field, absent, declared

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class _ClassTable(Generic[T]):
    """A class attribute computed on first access and then cached by that class.

    Not by the class that all others inherit it from: they would find that class's own.
    """

    def __init__(self) -> None:
        self.name = ""
        self.home: type | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.home, self.name = owner, name

    def __get__(self, record: Any, owner: type) -> T:
        table = self.build(owner)
        if owner is not self.home:
            type.__setattr__(owner, self.name, table)
        return table

    def build(self, cls: type) -> T:
        raise NotImplementedError


class FieldTable(_ClassTable["dict[str, Field | None]"]):
    """Python name -> descriptor, or None for a plain field."""

    def build(self, cls: type) -> dict[str, Field | None]:
        """Read the annotations of the class and its bases."""
        return {name: field for name, field, _ in declared(cls)}


class NameTable(_ClassTable["dict[str, str]"]):
    """Name in JSON -> Python name, of the fields that have descriptors."""

    def build(self, cls: type) -> dict[str, str]:
        """Read the annotations of the class and its bases."""
        return {field.wire: name for name, field, _ in declared(cls) if field is not None}


class AttrsTable(_ClassTable[Any]):
    """Metadata that attrs makes for a class: a tuple of `attrs.Attribute`."""

    def build(self, cls: type) -> Any:
        """Let attrs itself make the attributes, from a twin class that is then discarded."""
        import attrs

        make_class: Callable[..., Any] = attrs.make_class
        types: dict[tuple[type, str], Any] = {}
        fields = {name: _attribute(cls, name, field, text, types) for name, field, text in declared(cls)}
        twin = make_class(cls.__name__, fields, init=False, repr=False, eq=False, slots=False)
        return twin.__attrs_attrs__


def _attribute(
    cls: type, name: str, field: Field | None, text: str, types: dict[tuple[type, str], Any]
) -> Any:
    import attrs

    from halo_async._utils.secret import is_secret

    owner = cls if field is None else field.owner
    if (owner, text) not in types:
        types[owner, text] = _resolve_type(owner, text)
    return attrs.field(
        default=getattr(cls, name, absent) if field is None else field.default,
        type=types[owner, text],
        kw_only=True,
        alias=name,  # attrs would strip a leading underscore: `_novalidate` is Halo's own spelling
        repr=not is_secret(name),
        metadata={} if field is None or field.wire == name else {"wire": field.wire},
    )


class _Names(dict[str, Any]):
    """Names that annotations of a class may use, records imported on demand."""

    def __init__(self, owner: type) -> None:
        from collections.abc import Mapping, Sequence
        from datetime import datetime

        super().__init__(vars(sys.modules[owner.__module__]))
        self.update(Any=Any, Mapping=Mapping, Sequence=Sequence, **dict.fromkeys(DATES, datetime))
        self.owner = owner

    def __missing__(self, name: str) -> Any:
        builtin = vars(builtins).get(name)
        return find_record_class(self.owner, name) if builtin is None else builtin


def _resolve_type(owner: type, text: str) -> Any:
    """Return the type named by an annotation; the string itself if it does not name a known one."""
    try:
        return eval(text, {"__builtins__": {}}, _Names(owner))  # noqa: S307 - source code of a loaded module
    except (NameError, TypeError, SyntaxError, AttributeError):
        return text
