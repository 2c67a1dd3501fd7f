"""What the text of a field's annotation says about its value: a date, a record, a list of them.

Annotations are never evaluated: 629 classes name each other in circles, and evaluating them would import
them all. Most texts (`int | None`) say "as JSON has it" and have no kind at all.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from halo_async._utils.dates import format_date, parse_date
from halo_async.records.storage import put_dict

DATES = frozenset({"DateTime", "datetime"})
_PLAIN_NAMES = frozenset(
    {"int", "float", "bool", "str", "bytes", "Any", "object", "None", "dict", "list", "tuple", "set"}
)
_LISTS = frozenset({"Sequence", "list", "List", "tuple", "Tuple", "Iterable"})
_MAPPINGS = frozenset({"Mapping", "dict", "Dict", "MutableMapping"})


def is_record(value: Any) -> bool:
    """Whether a value is a record; told by its slot, since records stand above this module."""
    return hasattr(type(value), "__halo_changes__")


class Converter(Protocol):
    """How one kind of value is read out of JSON and put back.

    `in_place` says that the value read takes the JSON value's place in the record, so that a change to
    it is a change to the record.
    """

    in_place: bool
    says: str

    def read(self, value: Any, owner: type) -> Any:
        """The Python value; `owner` is the class whose module names the records.

        :raises TypeError: the JSON value has another type.
        :raises ValueError: the JSON value has the type but not the form.
        """
        ...

    def write(self, value: Any) -> Any:
        """What a record keeps for a value that a user set."""
        ...


class DateConverter:
    """A moment, kept as the text that came."""

    in_place = False
    says = "a date"

    def read(self, value: Any, owner: type) -> Any:  # noqa: D102
        return parse_date(value)

    def write(self, value: Any) -> Any:  # noqa: D102
        return format_date(value) if isinstance(value, date) else value


class RecordConverter:
    """A nested record, known by the name of its class."""

    in_place = True
    says = "an object"

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, value: Any, owner: type) -> Any:  # noqa: D102
        if type(value) is dict:
            cls = record_class(owner, self.name)
            record: Any = object.__new__(cls)
            put_dict(record, value)
            return record
        if is_record(value):
            return value
        raise TypeError(f"{self.name} or a mapping is wanted, not {type(value).__name__}")

    def write(self, value: Any) -> Any:  # noqa: D102
        return dict(value) if isinstance(value, Mapping) else value


class ListConverter:
    """A list of dates, of records or of lists of them: read as a tuple.

    A tuple, since `ticket.actions.append(...)` on a list would be a change that nobody notices.
    """

    def __init__(self, item: Converter) -> None:
        self.item = item
        self.says = f"a list, each item {item.says}"
        self.in_place = item.in_place

    def read(self, value: Any, owner: type) -> Any:  # noqa: D102
        if type(value) not in (list, tuple):
            raise TypeError(f"a list is wanted, not {type(value).__name__}")
        read = self.item.read
        return tuple([None if item is None else read(item, owner) for item in value])

    def write(self, value: Any) -> Any:  # noqa: D102
        if value is None or isinstance(value, str | Mapping) or is_record(value):
            return value
        return tuple([self.item.write(item) for item in value])


class MappingConverter:
    """An object whose values are dates or records."""

    says = "an object"

    def __init__(self, item: Converter) -> None:
        self.item = item
        self.in_place = item.in_place

    def read(self, value: Any, owner: type) -> Any:  # noqa: D102
        if type(value) is not dict:
            raise TypeError(f"a mapping is wanted, not {type(value).__name__}")
        read = self.item.read
        return {key: None if item is None else read(item, owner) for key, item in value.items()}

    def write(self, value: Any) -> Any:  # noqa: D102
        return value if value is None else {key: self.item.write(item) for key, item in value.items()}


_KINDS: dict[str, Converter | None] = {}


def converter_for(text: str) -> Converter | None:
    """The kind that an annotation's text names; None: the value is used as JSON has it."""
    try:
        return _KINDS[text]
    except KeyError:
        kind = _KINDS[text] = _parse(text)
        return kind


def _parse(text: str) -> Converter | None:
    text = text.strip().removesuffix("| None").removeprefix("None |").strip()
    if text.startswith(("ClassVar", "typing.ClassVar")):
        return None
    head, bracket, rest = text.partition("[")
    name = head.rpartition(".")[2]
    if not bracket:
        return _named(name)
    arguments = rest.removesuffix("]").removesuffix(", ...")
    if name == "Optional":
        return converter_for(arguments)
    if name in _LISTS:
        item = converter_for(arguments)
        return item and ListConverter(item)
    if name in _MAPPINGS:
        item = converter_for(arguments.partition(",")[2])
        return item and MappingConverter(item)
    return None


def _named(name: str) -> Converter | None:
    if name in DATES:
        return DateConverter()
    return RecordConverter(name) if name.isidentifier() and name not in _PLAIN_NAMES else None


def record_class(owner: type, name: str) -> type:
    """The record class that `owner`'s module means by `name`: its own, or its package's.

    :raises NameError: there is none.
    """
    module = owner.__module__
    found = vars(sys.modules[module]).get(name)
    if found is None:
        package = sys.modules.get(module.rpartition(".")[0])
        found = getattr(package, name, None)
    if isinstance(found, type):
        return found
    raise NameError(f"{module} and its package have no record class {name!r}")
