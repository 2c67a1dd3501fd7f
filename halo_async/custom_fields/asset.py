"""The fields of an asset's type by name: `fields: [{id, value}]`.

All of them are sent when one is set, since an instance was seen to clear those that were not (HaloAPI,
issue 13). An update by id therefore reads the asset first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async._operations.serialization import path_text
from halo_async._utils.names import match_names
from halo_async.custom_fields.definitions import CustomFieldDefinition, fields_of_type
from halo_async.custom_fields.wording import ambiguous, nowhere, take_back
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Request


async def set_fields(
    sender: Any,
    fields: dict[str, Any],
    wanted: Sequence[Mapping[str, Any]],
    others: Sequence[CustomFieldDefinition],
) -> None:
    """Insert the wanted entries, each with a name and a value, into the data sent for an asset.

    :param others: the custom fields of assets, none of which has such a name.
    :raises UnknownNameError: no field of the asset's type has the name.
    :raises AmbiguousNameError: several have it.
    """
    held = await _held(sender, fields)
    known = _read_definitions(held.get("fields"))
    type_id = fields.get("assettype_id", held.get("assettype_id"))
    if type_id is not None and not all(_find_definition(known, entry["name"]) for entry in wanted):
        known = {**known, **{found.id: found for found in await fields_of_type(sender, type_id)}}
    values = _read_values(fields.get("fields", held.get("fields")))
    for entry in wanted:
        definition = _find_definition(known, entry["name"])
        if definition is None:
            name = str(entry["name"])
            raise nowhere(name, _whose(type_id), _handles([*known.values(), *others]), take_back(name))
        values[definition.id] = entry.get("value")
    fields["fields"] = [{"id": id, "value": value} for id, value in values.items()]


async def _held(sender: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the current asset, or an empty one if it is to be created."""
    if fields.get("id") is None:
        return {}
    request = Request("GET", f"/Asset/{path_text('id', fields['id'])}", (("includedetails", "true"),))
    asset = await sender.send(request, decode_json)
    return asset if isinstance(asset, Mapping) else {}


def _read_definitions(held: Any) -> dict[int, CustomFieldDefinition]:
    """Return the fields of an asset that were received with their names."""
    return {
        item["id"]: CustomFieldDefinition(item["id"], item["name"])
        for item in _items(held)
        if item.get("name")
    }


def _read_values(held: Any) -> dict[int, Any]:
    return {item["id"]: item["value"] for item in _items(held) if "value" in item}


def _items(held: Any) -> list[Mapping[str, Any]]:
    items = held if isinstance(held, list | tuple) else ()
    return [item for item in items if isinstance(item, Mapping) and isinstance(item.get("id"), int)]


def _find_definition(known: Mapping[int, CustomFieldDefinition], name: str) -> CustomFieldDefinition | None:
    found = match_names(name, known.values(), CustomFieldDefinition.handles)
    if len(found) > 1:
        raise ambiguous(
            str(name), "The asset's type", [definition._asdict() for definition in found], take_back(name)
        )
    return found[0] if found else None


def _whose(type_id: object) -> str:
    return "Asset (without assettype_id its own fields are not known)" if type_id is None else "Asset"


def _handles(known: Sequence[CustomFieldDefinition]) -> list[list[str]]:
    return [definition.handles() for definition in known]
