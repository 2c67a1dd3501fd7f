"""The custom fields of an instance: requested once per client, then cached.

`GET /FieldInfo?typeid=` lists them; 1 is tickets, 2 clients, 3 sites, 5 assets (two public clients agree).
For other records all are requested. The fields of an asset's type are part of the type:
`GET /AssetType/{id}`, `fields`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from halo_async._operations.list_envelope import PageData, envelope_reader
from halo_async._operations.serialization import path_text
from halo_async._utils.single_flight import cache_of
from halo_async.errors import ApiError
from halo_async.records.record import Record
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Request, Response

_TYPES = {"Ticket": 1, "Client": 2, "Site": 3, "Asset": 5}


class CustomFieldDefinition(NamedTuple):
    """One custom field of an instance."""

    id: int
    name: str | None
    label: str | None = None
    usage: int | None = None

    def handles(self) -> list[str]:
        """Names that the field may be called by: label, name, its id as a string."""
        named = (self.label, self.name)
        return [*(name for name in named if isinstance(name, str) and name), str(self.id)]


async def custom_fields_of(sender: Any, cls: type[Record]) -> list[CustomFieldDefinition]:
    """Return the fields of `customfields` that records of a class can have.

    :raises ApiError: the login may not read them; its notes name the workaround.
    """
    number = _TYPES.get(cls.__name__.removesuffix("Summary"))
    query = () if number is None else (("typeid", str(number)),)
    found: list[CustomFieldDefinition] = await cache_of(sender).get(
        ("custom fields", number), lambda: _asked(sender, Request("GET", "/FieldInfo", query), _field_infos)
    )
    return found


async def fields_of_type(sender: Any, type_id: int | str) -> list[CustomFieldDefinition]:
    """Return the fields of an asset type.

    :raises ApiError: the type does not exist, or the login may not read it.
    """
    path = f"/AssetType/{path_text('assettype_id', type_id)}"
    request = Request("GET", path, (("includedetails", "true"),))
    found: list[CustomFieldDefinition] = await cache_of(sender).get(
        ("asset type", str(type_id)), lambda: _asked(sender, request, _type_fields)
    )
    return found


async def _asked(sender: Any, request: Request, decode: Any) -> Any:
    try:
        return await sender.send(request, decode)
    except ApiError as error:
        error.add_note("The names of custom fields had to be looked up. Give ids to avoid that.")
        raise


_read = envelope_reader(None)


def _field_infos(response: Response) -> list[CustomFieldDefinition]:
    page: PageData = _read(response)
    return [
        CustomFieldDefinition(row["id"], row.get("name"), row.get("label"), row.get("usage"))
        for row in page.rows
        if isinstance(row, Mapping) and isinstance(row.get("id"), int)
    ]


def _type_fields(response: Response) -> list[CustomFieldDefinition]:
    value = decode_json(response)
    rows = value.get("fields") if isinstance(value, dict) else None
    return [
        CustomFieldDefinition(int(row["field_id"]), row.get("field_name"))
        for row in rows or ()
        if isinstance(row, Mapping) and isinstance(row.get("field_id"), int | float)
    ]
