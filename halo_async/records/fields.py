"""Descriptors of record fields that are not plain JSON values under their own name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from halo_async._utils.dates import known_moment, moment_of
from halo_async._utils.validation import article
from halo_async.records.converters import Converter, DateConverter, converter_for, is_record
from halo_async.records.storage import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

absent: Any = type("Absent", (), {"__slots__": (), "__repr__": lambda self: "absent"})()
"""Default of a field that Halo never sends as null: if not received, the attribute does not exist."""

# Strings that need no parsing: five of six fields end here, and all classes are made in 15 ms.
_PLAIN = frozenset(
    name + suffix for name in ("int", "float", "bool", "str", "Any") for suffix in ("", " | None")
)


class Field:
    """A field that stores its JSON value under `wire` in the record's dict.

    :ivar wire: the name in JSON.
    :ivar name: the name in Python.
    :ivar default: the value of an absent field; `absent` if it has none.
    """

    __slots__ = ("default", "kind", "name", "owner", "wire")

    def __init__(
        self, wire: str, kind: Converter | None = None, default: Any = absent, owner: type = object
    ) -> None:
        self.wire = self.name = wire
        self.kind = kind
        self.default = default
        self.owner = owner

    def __get__(self, record: Any, owner: type | None = None) -> Any:
        if record is None:
            return self
        value = record.__halo_dict__.get(self.wire, absent)
        if value is absent:
            return self.otherwise(record)
        return value if value is None else self.read(record, value)

    def otherwise(self, record: Any) -> Any:
        """Return the field if `__dict__` has none: of the record's row, if one stands in for the dict."""
        try:
            value = value_of(record, self.wire)
        except KeyError:
            return self.unset(record)
        return value if value is None else self.read(record, value)

    def __set__(self, record: Any, value: Any) -> None:
        self.put(record, value)

    def __delete__(self, record: Any) -> None:
        try:
            del record.__dict__[self.wire]
        except KeyError:
            raise AttributeError(self.name, name=self.name, obj=record) from None

    def read(self, record: Any, value: Any) -> Any:
        """Return the Python value of a JSON value that is not null."""
        return value

    def item(self, record: Any, value: Any) -> Any:
        """Return the value of `record[wire]`: the JSON value unchanged."""
        return value

    def put(self, record: Any, value: Any) -> None:
        """Store a value set by the user."""
        record.__dict__[self.wire] = self.kind.to_json(value) if self.kind else value

    def unset(self, record: Any) -> Any:
        """Return the value of a field that is not there."""
        if self.default is absent:
            raise AttributeError(
                f"{type(record).__name__}.{self.name} is not set.", name=self.name, obj=record
            )
        return self.default

    def spoiled(self, record: Any, value: Any, cause: Exception) -> NoReturn:
        """Raise for a value of the wrong type, on reading that field only."""
        from halo_async.errors import DecodeError

        kind = self.kind.description if self.kind else "of the expected type"
        raise DecodeError(
            f"{type(record).__name__}.{self.name} contains {article(value)} that is not {kind}. "
            f"Read the received value as record[{self.wire!r}]."
        ) from cause


class ConvertedField(Field):
    """A field converted on every read: the record stores the JSON value."""

    __slots__ = ()

    def read(self, record: Any, value: Any) -> Any:  # noqa: D102
        try:
            return self.kind.from_json(value, self.owner)  # type: ignore[union-attr]
        except (TypeError, ValueError) as cause:
            self.spoiled(record, value, cause)


class DateField(ConvertedField):
    """A date. The descriptor is one function, since most of what a read costs is its calls."""

    __slots__ = ()

    def __get__(self, record: Any, owner: type | None = None) -> Any:
        if record is None:
            return self
        text = record.__halo_dict__.get(self.wire, absent)
        if text.__class__ is str:
            moment = known_moment(text)
            if moment is not None:
                return moment
            try:
                return moment_of(text)
            except ValueError as cause:
                self.spoiled(record, text, cause)
        if text is absent:
            return self.otherwise(record)
        return text if text is None else self.read(record, text)


class NestedField(Field):
    """A field of records, wrapped in place on the first read."""

    __slots__ = ()

    def read(self, record: Any, value: Any) -> Any:  # noqa: D102
        if type(value) is tuple or is_record(value):
            return value
        try:
            return self._wrap(record, value)
        except (TypeError, ValueError) as cause:
            self.spoiled(record, value, cause)

    def item(self, record: Any, value: Any) -> Any:
        """Return the records, whatever was read before; a value of the wrong type is unchanged."""
        if type(value) is not dict and type(value) is not list:
            return value
        try:
            return self._wrap(record, value)
        except (TypeError, ValueError):
            return value

    def _wrap(self, record: Any, value: Any) -> Any:
        wrapped = record.__dict__[self.wire] = self.kind.from_json(value, self.owner)  # type: ignore[union-attr]
        return wrapped

    def put(self, record: Any, value: Any) -> None:
        """Store records, wrapping mappings among them.

        :raises TypeError: the value is neither null nor of the field's kind.
        """
        if value is not None and not is_record(value):
            value = self._convert_value(record, value)
        record.__dict__[self.wire] = value

    def _convert_value(self, record: Any, value: Any) -> Any:
        kind: Any = self.kind
        try:
            return kind.from_json(kind.to_json(value), self.owner)
        except TypeError as error:
            raise TypeError(f"{type(record).__name__}.{self.name} {error}") from None


def prepare(cls: type) -> None:
    """Give a new record class its descriptors; called once per class, so plain fields are handled fast."""
    own = vars(cls)
    annotations = cls.__annotations__
    kinded = [name for name, annotation in annotations.items() if annotation not in _PLAIN]
    others = [name for name, value in own.items() if value is absent or value.__class__ is Field]
    for name in {*kinded, *others} if others else kinded:
        if name in annotations:
            _prepare_field(cls, name, annotations[name], own.get(name, absent))


def _prepare_field(cls: type, name: str, annotation: Any, default: Any) -> None:
    kind = converter_for(annotation if annotation.__class__ is str else text_of(annotation))
    if default.__class__ is Field:
        _rename(cls, name, default.wire, kind, None if _nullable(text_of(annotation)) else absent)
    elif kind is not None:
        _set_on_class(cls, name, _made_by(kind)(name, kind, default, cls))
    elif default is absent and name in vars(cls):
        type.__delattr__(cls, name)


def _rename(cls: type, name: str, wire: str, kind: Converter | None, default: Any) -> None:
    field = (Field if kind is None else _made_by(kind))(wire, kind, default, cls)
    field.name = name
    _set_on_class(cls, name, field)


def _made_by(kind: Converter) -> type[Field]:
    if kind.in_place:
        return NestedField
    return DateField if isinstance(kind, DateConverter) else ConvertedField


_set_on_class = type.__setattr__


def _nullable(text: str) -> bool:
    return text == "Any" or text.endswith("| None") or "Optional[" in text


def text_of(annotation: Any) -> str:
    """Return the source of an annotation, also if its module evaluates annotations."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation)


def declared(cls: type) -> Iterator[tuple[str, Field | None, str]]:
    """Yield every field of a record class, bases first: Python name, descriptor if any, annotation."""
    seen: dict[str, tuple[Field | None, str]] = {}
    for base in reversed(cls.__mro__[:-1]):
        for name, annotation in getattr(base, "__annotations__", {}).items():
            text = text_of(annotation)
            if not text.startswith(("ClassVar", "typing.ClassVar")):
                found = vars(base).get(name)
                seen[name] = (found if isinstance(found, Field) else None, text)
    for name, (field, text) in seen.items():
        yield name, field, text
