"""Loading of names for a record whose custom fields were received without them."""

from __future__ import annotations

from typing import Any

from halo_async._utils.validation import article
from halo_async.custom_fields.definitions import CustomFieldDefinition, custom_fields_of, fields_of_type
from halo_async.custom_fields.entries import CustomFieldEntry, entries, is_asset
from halo_async.custom_fields.record import RecordWithCustomFields
from halo_async.custom_fields.view import CustomFields
from halo_async.records.record import Record


async def with_names(sender: Any, record: Record) -> CustomFields:
    """Return the view with the names that the record lacks; request only lists with a nameless field."""
    if not isinstance(record, RecordWithCustomFields):
        raise TypeError(
            f"custom_fields() takes a record with custom fields, for example a Ticket, not {article(record)}."
        )
    nameless = {entry.where for entry in entries(record) if not _is_named(entry)}
    known = {}
    if "customfields" in nameless:
        known["customfields"] = await custom_fields_of(sender, type(record))
    if "fields" in nameless:
        known["fields"] = await _type_fields(sender, record)
    names = {
        (where, str(definition.id)): definition.handles()[:-1]
        for where, definitions in known.items()
        for definition in definitions
    }
    return CustomFields(record, names)


def _is_named(entry: CustomFieldEntry) -> bool:
    return bool(entry.json.get("name") or entry.json.get("label"))


async def _type_fields(sender: Any, record: Record) -> list[CustomFieldDefinition]:
    type_id = record.__dict__.get("assettype_id")
    if not is_asset(type(record)) or type_id is None:
        return []
    return await fields_of_type(sender, type_id)
