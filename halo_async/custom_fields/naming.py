"""Resolution of custom field names to ids, just before records are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async._utils.names import match_names
from halo_async.custom_fields.asset import set_fields
from halo_async.custom_fields.definitions import CustomFieldDefinition, custom_fields_of
from halo_async.custom_fields.entries import PendingName, is_asset
from halo_async.custom_fields.record import RecordWithCustomFields
from halo_async.custom_fields.wording import ambiguous, nowhere, take_back
from halo_async.errors import InvalidRequestError
from halo_async.records.change_log import plain_json
from halo_async.records.converters import is_record
from halo_async.records.record import Record, asdict


async def with_ids(sender: Any, cls: type[Record], rows: list[Any]) -> list[Any]:
    """Return the records and mappings, with ids for those custom fields that have a name and no id yet.

    A mapping may have them under `custom`, as `update(id, custom={…})` does. Records inside the rows count
    too, such as the lines of an invoice.

    :raises UnknownNameError: no custom field has the name.
    :raises AmbiguousNameError: several have it.
    """
    customized = issubclass(cls, RecordWithCustomFields) and "custom" not in cls.__halo_fields__
    return [
        await _renamed(sender, cls, _row_to_json(cls, row) if customized else row)
        if _unnamed(row, customized)
        else row
        for row in rows
    ]


def by_name(row: Any) -> Any:
    """Return a row with fields without an id under `custom`, where a file can hold them for a later run."""
    if not (is_record(row) or isinstance(row, Mapping)) or not _holds_pending(plain_json(row)):
        return row
    fields = dict(plain_json(row))
    held = fields.pop("customfields")
    named = {str(entry["name"]): entry.get("value") for entry in held if _is_pending(entry)}
    others = [entry for entry in held if not _is_pending(entry)]
    return {**fields, **({"customfields": others} if others else {}), "custom": named}


def _unnamed(row: Any, customized: bool) -> bool:
    return _pending_in(row) or (customized and isinstance(row, Mapping) and "custom" in row)


_SCALARS = frozenset((str, int, float, bool, type(None)))


def _pending_in(value: Any) -> bool:
    """Return whether a name is pending. Every written record passes here, so most are skipped by type."""
    if is_record(value):
        value = value.__dict__
    if isinstance(value, dict | Mapping):  # a dict is recognised much faster
        value = value.values()
    elif not isinstance(value, list | tuple):
        return isinstance(value, PendingName)
    return any(type(item) not in _SCALARS and _pending_in(item) for item in value)


def _holds_pending(fields: Mapping[str, Any]) -> bool:
    held = fields.get("customfields")
    return isinstance(held, list | tuple) and any(map(_is_pending, held))


def _is_pending(entry: Any) -> bool:
    fields = entry.__dict__ if is_record(entry) else entry
    return isinstance(fields, Mapping) and isinstance(fields.get("name"), PendingName)


def _row_to_json(cls: type[Any], row: Any) -> dict[str, Any]:
    if is_record(row):
        return asdict(row)
    fields = dict(row)
    given = fields.pop("custom", None)
    made = asdict(cls(custom=given)).get("customfields")
    return {**fields, "customfields": [*(fields.get("customfields") or ()), *made]} if made else fields


async def _renamed(sender: Any, cls: type[Record], value: Any) -> Any:
    """Resolve pending names in a value; a nested record may have any of the instance's custom fields."""
    if not _pending_in(value):
        return value
    if isinstance(value, list | tuple):
        return [await _renamed(sender, Record, item) for item in value]
    fields = asdict(value) if is_record(value) else plain_json(dict(value))
    if _holds_pending(fields):
        fields = await _resolve_names(sender, cls, fields)
    return {name: await _renamed(sender, Record, item) for name, item in fields.items()}


async def _resolve_names(sender: Any, cls: type[Record], fields: dict[str, Any]) -> dict[str, Any]:
    held = fields.pop("customfields")
    known = await custom_fields_of(sender, cls)
    sent = [entry for entry in held if not _is_pending(entry)]
    named: set[int] = set()
    elsewhere = []
    for entry in filter(_is_pending, held):
        definition = _find_definition(known, cls, entry["name"])
        if definition is None:
            elsewhere.append(entry)
        elif definition.id in named:
            raise InvalidRequestError(f"The custom field {entry['name']!r} was set by two of its names.")
        else:
            named.add(definition.id)
            _set(sent, definition, entry.get("value"))
    if sent:
        fields["customfields"] = sent
    if elsewhere:
        await _set_elsewhere(sender, cls, fields, elsewhere, known)
    return fields


async def _set_elsewhere(
    sender: Any,
    cls: type[Record],
    fields: dict[str, Any],
    entries: Sequence[Mapping[str, Any]],
    known: Sequence[CustomFieldDefinition],
) -> None:
    if not is_asset(cls):
        name = str(entries[0]["name"])
        raise nowhere(name, cls.__name__, [each.handles() for each in known], take_back(name))
    await set_fields(sender, fields, entries, known)


def _find_definition(
    known: Sequence[CustomFieldDefinition], cls: type[Record], name: str
) -> CustomFieldDefinition | None:
    found = match_names(name, known, CustomFieldDefinition.handles)
    if len({definition.id for definition in found}) > 1:
        raise ambiguous(
            str(name), cls.__name__, [definition._asdict() for definition in found], take_back(name)
        )
    return found[0] if found else None


def _set(sent: list[Any], definition: CustomFieldDefinition, value: Any) -> None:
    """Replace the entry with the same id, or append the value."""
    for index, entry in enumerate(sent):
        if isinstance(entry, Mapping) and entry.get("id") == definition.id:
            sent[index] = {**entry, "value": value}
            return
    named = {"name": definition.name} if definition.name else {}
    sent.append({"id": definition.id, **named, "value": value})
