"""Storage of custom fields in a record, and what is sent of them.

Two lists hold them: `customfields` (`{id, name, label, value, …}`) and, on assets, `fields` of the asset's
type (`{id, value, …}`, often with a `name`). Both shapes were seen on live instances.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from halo_async.records.change_log import changed_fields, plain_json, was_touched
from halo_async.records.converters import ListConverter, RecordConverter, find_record_class, is_record
from halo_async.records.record import Record

_RECORDS = {"customfields": "CustomField", "fields": "FieldHelper"}
_LISTS: dict[type[Any], tuple[str, ...]] = {}


class PendingName(str):
    """Name of an entry whose id is not yet known: it is looked up when the record is written."""

    __slots__ = ()


class CustomFieldEntry(NamedTuple):
    """One custom field of a record: the list it is in, its index there, its JSON object."""

    where: str
    place: int
    json: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """Key of the entry: the list and the id, since both lists number their entries independently."""
        return self.where, str(self.json.get("id"))

    @property
    def pending(self) -> int | None:
        """Return the number that it was set by, if it has to be looked up."""
        name = self.json.get("name")
        return int(name) if isinstance(name, PendingName) and name.isdecimal() and len(name) < 20 else None

    def handles(self) -> list[str]:
        """Names that the field may be called by: label, name, its id as a string."""
        named = [self.json.get("label"), self.json.get("name")]
        handles = [name for name in named if isinstance(name, str) and name]
        return handles if self.json.get("id") is None else [*handles, str(self.json["id"])]


def lists_of(cls: type[Record]) -> tuple[str, ...]:
    """Return the fields of a record class with custom fields: `customfields`, on assets `fields` too."""
    known: type[Any] = cls
    if known not in _LISTS:
        _LISTS[known] = tuple(name for name, item in _RECORDS.items() if _name_item(cls, name) == item)
    return _LISTS[known]


def is_asset(cls: type[Record]) -> bool:
    """Return whether records of a class have the fields of a type."""
    return cls.__name__ in ("Asset", "AssetSummary")


def item_class(cls: type[Record], name: str) -> type[Any]:
    """Return the record class of the entries of one such list."""
    field = cls.__halo_fields__[name]
    return find_record_class(cls if field is None else field.owner, _RECORDS[name])


def entries(record: Record) -> Iterator[CustomFieldEntry]:
    """Return the custom fields of a record; skip elements of those lists that are not objects."""
    for name in lists_of(type(record)):
        held = record.__dict__.get(name)
        for place, item in enumerate(held if isinstance(held, list | tuple) else ()):
            json = item.__dict__ if is_record(item) else item
            if isinstance(json, Mapping):
                yield CustomFieldEntry(name, place, json)


def part(cls: type[Record], name: str, value: Any) -> Any:
    """Return what is sent of a list in which something was set.

    Of `customfields` only what was set, as two public clients do. Of an asset's `fields` all, as
    `{id, value}`: an instance was seen to clear those that were not sent (the client HaloAPI, issue 13).
    """
    if name not in lists_of(cls) or not isinstance(value, list | tuple):
        return plain_json(value)
    whole = name == "fields"
    return _reduce_items(value) if whole else _only_set(value)


def _reduce_items(items: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [reduced for item in items if "value" in (reduced := _reduced(item, ("id", "value")))]


def _only_set(items: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [_reduced(item, ("id", "name", "value")) for item in items if was_touched(item)]


def _reduced(item: Any, always: tuple[str, ...]) -> dict[str, Any]:
    if not is_record(item):
        return {name: item[name] for name in always if name in item} if isinstance(item, dict) else {}
    names = {*changed_fields(item), *always}
    return {name: plain_json(value) for name, value in item.__dict__.items() if name in names}


def _name_item(cls: type[Record], name: str) -> str | None:
    field = cls.__halo_fields__.get(name)
    kind = None if field is None else field.kind
    item = kind.item if isinstance(kind, ListConverter) else None
    return item.name if isinstance(item, RecordConverter) else None
