"""Columns that a record class declares: a type for each field, before any row is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from halo_async.records.converters import (
    Converter,
    DateConverter,
    ListConverter,
    MappingConverter,
    RecordConverter,
    converter_for,
    find_record_class,
)
from halo_async.records.fields import declared
from halo_async.tables.column_types import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    LIST,
    NULL,
    STRUCT,
    TEXT,
    TIMESTAMP,
    ColumnType,
    list_of,
)

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation

_SIMPLE = {"int": INT, "float": FLOAT, "bool": BOOL, "str": TEXT}
_LISTS = ("Sequence[", "list[", "tuple[")


def _no_fields() -> DeclaredColumns:
    return {}


@attrs.frozen
class DeclaredType:
    """Type that a record class gives a field."""

    type: ColumnType = NULL
    item: DeclaredType | None = None
    """Of a list: what it says of an element."""
    fields: Callable[[], DeclaredColumns] = _no_fields
    """Of an object: what its record class says; called when an object is seen, since classes refer to each other."""


DeclaredColumns = Mapping[str, DeclaredType]
"""Declared types by the names in JSON, in the order of the class."""
UNDECLARED = DeclaredType()


def declared_columns(record: type | None) -> DeclaredColumns:
    """Return the columns that a record class declares; none without a class."""
    return {} if record is None else _declare_columns(record)


@cache
def _declare_columns(record: type) -> DeclaredColumns:
    return {
        name if field is None else field.wire: _declare_field(text, record if field is None else field.owner)
        for name, field, text in declared(record)
    }


def _declare_field(annotation: str, owner: type) -> DeclaredType:
    text = annotation.removesuffix(" | None")
    if text in _SIMPLE:
        return DeclaredType(_SIMPLE[text])
    if text.startswith(("dict[", "Mapping[")):
        return DeclaredType(JSON)  # its keys are data
    start = next((start for start in _LISTS if text.startswith(start)), None)
    if start is not None:
        item = _SIMPLE.get(text.removeprefix(start).removesuffix("]").removesuffix(", ..."))
        if item is not None:
            return DeclaredType(list_of(item), item=DeclaredType(item))
    return _declare_type(converter_for(annotation), owner)


def _declare_type(converter: Converter | None, owner: type) -> DeclaredType:
    if isinstance(converter, DateConverter):
        return DeclaredType(TIMESTAMP)
    if isinstance(converter, RecordConverter):
        return DeclaredType(STRUCT, fields=partial(_declare_fields, owner, converter.name))
    if isinstance(converter, ListConverter):
        item = _declare_type(converter.item, owner)
        return DeclaredType(LIST if item.type is STRUCT else list_of(item.type), item=item)
    return DeclaredType(JSON) if isinstance(converter, MappingConverter) else UNDECLARED


def _declare_fields(owner: type, name: str) -> DeclaredColumns:
    return _declare_columns(find_record_class(owner, name))


def record_of(operation: Operation) -> Any:
    """Return the record class of a list's rows; None if this release does not know it."""
    text = operation.result.removeprefix("Pages[").removesuffix("]")
    if not text.startswith("models."):
        return None
    package, _, _ = operation.stub.__module__.rpartition(".api.")
    return getattr(import_module(f"{package}.models"), text.removeprefix("models."))
