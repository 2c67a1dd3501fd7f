"""Custom fields of the seeded instance, and their values in rows.

`/FieldInfo` lists every field that a row can have; a single object has some of its kind's, not all, as an
instance shows only those that its type has. Assets also have the fields of their type: see `asset_types`.
"""

from __future__ import annotations

from typing import Any

import attrs

from halo_async.emulator.data.dataset import Dataset
from halo_async.emulator.data.seeded_random import SeededRandom, guid
from halo_async.emulator.data.source import Row

TEXT, SINGLE, MULTIPLE, DATE = 0, 2, 3, 4
TICKETS, CLIENTS, SITES, USERS, ASSETS = 1, 2, 3, 4, 5


@attrs.frozen
class CustomField:
    """Custom field of the instance: its number, its record class, its two names, its type."""

    id: int
    usage: int
    name: str
    label: str
    type: int = TEXT


FIELDS = (
    CustomField(101, CLIENTS, "CFSupportTier", "Support tier"),
    CustomField(102, CLIENTS, "CFAccountNumber", "Account number"),
    CustomField(103, CLIENTS, "CFReviewOn", "Review on", DATE),
    CustomField(157, TICKETS, "CFRootCause", "Root cause"),
    CustomField(158, TICKETS, "CFAssetTag", "Asset tag"),
    CustomField(159, TICKETS, "CFGoLive", "Go live", DATE),
    CustomField(160, TICKETS, "CFChannels", "Channels", MULTIPLE),
    CustomField(161, TICKETS, "CFSupplierRef", "Reference"),
    CustomField(162, TICKETS, "CFCustomerRef", "Reference"),
    CustomField(201, SITES, "CFParking", "Parking"),
    CustomField(251, USERS, "CFBadge", "Badge number"),
    CustomField(301, ASSETS, "CFLoanedTo", "Loaned to"),
    CustomField(302, ASSETS, "CFDisposal", "Disposal", SINGLE),
)
BY_ID = {field.id: field for field in FIELDS}
# Collections by their number in FieldInfo's `usage` and in its filter `typeid`.
OF_PATH = {
    "/Tickets": TICKETS,
    "/Projects": TICKETS,
    "/Opportunities": TICKETS,
    "/Client": CLIENTS,
    "/Site": SITES,
    "/Users": USERS,
    "/Asset": ASSETS,
}


def entry(number: int, value: Any, display: str | None = None) -> Row:
    """One element of a row's `customfields`."""
    field = BY_ID[number]
    made: Row = {"id": field.id, "name": field.name, "label": field.label, "type": field.type, "value": value}
    return {**made, "usage": field.usage, **({} if display is None else {"display": display})}


def field_infos(desk: Dataset) -> dict[int, Row]:
    """Rows of /FieldInfo by id."""
    dice = SeededRandom(desk.seed, "fieldinfo")
    return {
        field.id: {
            "id": field.id,
            "guid": guid(dice(field.id)),
            "name": field.name,
            "label": field.label,
            "type": field.type,
            "usage": field.usage,
            "custom": 1,
            "searchable": field.type == TEXT,
            "mandatory": False,
            "readonly": False,
        }
        for field in FIELDS
    }
