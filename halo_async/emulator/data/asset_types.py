"""Asset types, and the fields that assets of a type have."""

from __future__ import annotations

from halo_async.emulator.data.dataset import Dataset
from halo_async.emulator.data.seeded_random import SeededRandom, guid
from halo_async.emulator.data.source import Row

TYPES = ("Laptop", "Desktop", "Printer", "Server", "Switch", "Telephone")
# By number: these every type has, plus one of its own per type, which assets do not show before it is set.
_SHARED = {31: "Serial number", 32: "Memory"}
_OWN = {33 + number: f"{name} notes" for number, name in enumerate(TYPES)}
FIELDS = {**_SHARED, **_OWN}


def fields_of_type(number: int) -> dict[int, str]:
    """Return the names of a type's fields by id."""
    return {**_SHARED, 32 + number: _OWN[32 + number]}


def asset_types(desk: Dataset) -> list[Row]:
    """Rows of /AssetType."""
    dice = SeededRandom(desk.seed, "assettype")
    return [
        {
            "id": number,
            "guid": guid(dice(number)),
            "name": name,
            "assetgroup_id": 1,
            "assetgroup_name": "Hardware",
            "fields": [
                {"typeinfo_id": number, "field_id": field, "field_name": label, "sequence": place}
                for place, (field, label) in enumerate(fields_of_type(number).items(), 1)
            ],
        }
        for number, name in enumerate(TYPES, 1)
    ]


def fields(desk: Dataset) -> dict[int, Row]:
    """Rows of /Field by id: the fields of all asset types."""
    dice = SeededRandom(desk.seed, "field")
    return {
        number: {"id": number, "guid": guid(dice(number)), "name": name, "kind": "T", "mandatory": False}
        for number, name in FIELDS.items()
    }
