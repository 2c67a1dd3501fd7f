"""Value converters named by a field's annotation: a date, a record, a list of them.

Annotations are never evaluated: 629 classes refer to each other in cycles, and evaluating them would import
them all. Most annotations (`int | None`) mean "as in JSON" and need no converter.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from halo_async._utils.dates import format_date, moment_of, parse_date
from halo_async._utils.validation import article
from halo_async.records.storage import put_dict

DATES = frozenset({"DateTime", "datetime"})
_PLAIN_NAMES = frozenset(
    {"int", "float", "bool", "str", "bytes", "Any", "object", "None", "dict", "list", "tuple", "set"}
)
_LISTS = frozenset({"Sequence", "list", "List", "tuple", "Tuple", "Iterable"})
_MAPPINGS = frozenset({"Mapping", "dict", "Dict", "MutableMapping"})


def is_record(value: Any) -> bool:
    """Return whether a value is a record; detected by its slot, since records are above this module."""
    return hasattr(type(value), "__halo_changes__")


class Converter(Protocol):
    """Conversion of one kind of value from and to JSON.

    `in_place` means that the value read replaces the JSON value in the record, so that a change to it is a
    change to the record.
    """

    in_place: bool
    description: str

    def from_json(self, value: Any, owner: type) -> Any:
        """Return the Python value; `owner` is the class whose module names the records.

        :raises TypeError: the JSON value has another type.
        :raises ValueError: the JSON value has the right type but not a valid format.
        """
        ...

    def to_json(self, value: Any) -> Any:
        """Return the JSON value to store for a value set by a user."""
        ...


class DateConverter:
    """A point in time, stored as the string that was received."""

    in_place = False
    description = "a date"

    def from_json(self, value: Any, owner: type) -> Any:  # noqa: D102
        return moment_of(value) if value.__class__ is str else parse_date(value)

    def to_json(self, value: Any) -> Any:  # noqa: D102
        return format_date(value) if isinstance(value, date) else value


class RecordConverter:
    """A nested record, referred to by the name of its class."""

    in_place = True
    description = "an object"

    def __init__(self, name: str) -> None:
        self.name = name

    def from_json(self, value: Any, owner: type) -> Any:  # noqa: D102
        if type(value) is dict:
            cls = find_record_class(owner, self.name)
            record: Any = object.__new__(cls)
            put_dict(record, value)
            return record
        if is_record(value):
            return value
        raise TypeError(f"takes {self.name} or a mapping, not {article(value)}.")

    def to_json(self, value: Any) -> Any:  # noqa: D102
        return dict(value) if isinstance(value, Mapping) else value


class ListConverter:
    """A list of dates, of records or of lists of them: read as a tuple.

    A tuple, since `ticket.actions.append(...)` on a list would be a change that is not detected.
    """

    def __init__(self, item: Converter) -> None:
        self.item = item
        self.description = f"a list, each item {item.description}"
        self.in_place = item.in_place

    def from_json(self, value: Any, owner: type) -> Any:  # noqa: D102
        if type(value) not in (list, tuple):
            raise TypeError(f"takes a list, not {article(value)}.")
        convert = self.item.from_json
        return tuple([None if item is None else convert(item, owner) for item in value])

    def to_json(self, value: Any) -> Any:  # noqa: D102
        if value is None or isinstance(value, str | Mapping) or is_record(value):
            return value
        return tuple([self.item.to_json(item) for item in value])


class MappingConverter:
    """An object whose values are dates or records."""

    description = "an object"

    def __init__(self, item: Converter) -> None:
        self.item = item
        self.in_place = item.in_place

    def from_json(self, value: Any, owner: type) -> Any:  # noqa: D102
        if type(value) is not dict:
            raise TypeError(f"takes a mapping, not {article(value)}.")
        convert = self.item.from_json
        return {key: None if item is None else convert(item, owner) for key, item in value.items()}

    def to_json(self, value: Any) -> Any:  # noqa: D102
        return value if value is None else {key: self.item.to_json(item) for key, item in value.items()}


_KINDS: dict[str, Converter | None] = {}


def converter_for(text: str) -> Converter | None:
    """Return the converter named by an annotation; None: the value is used as in JSON."""
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


def find_record_class(owner: type, name: str) -> type:
    """Return the record class that `name` refers to in `owner`'s module: its own, or its package's.

    :raises NameError: there is none.
    """
    module = owner.__module__
    found = vars(sys.modules[module]).get(name)
    if found is None:
        package = sys.modules.get(module.rpartition(".")[0])
        found = getattr(package, name, None)
    if isinstance(found, type):
        return found
    raise NameError(f"{module} and its package have no record class {name!r}.")
