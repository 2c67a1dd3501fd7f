"""Assets: laptops, printers and servers at the clients' sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async.emulator.data.asset_types import TYPES
from halo_async.emulator.data.custom_fields import entry
from halo_async.emulator.data.dataset import SINCE, Dataset
from halo_async.emulator.data.seeded_random import SeededRandom, stamp
from halo_async.emulator.data.source import Row
from halo_async.emulator.data.words import COLOURS, SITES

STATES = ("In use", "In stock", "In repair", "Retired")
_DAY = 86_400


class Assets:
    """Rows of /Asset (schema Device)."""

    def __init__(self, desk: Dataset) -> None:
        self._desk = desk
        self._dice = SeededRandom(desk.seed, "asset")
        self.count = desk.assets

    def core(self, id: int) -> Mapping[str, Any]:
        """Return number, owner, type and state."""
        bits = self._dice(id)
        user = bits % self._desk.users + 1
        site = self._desk.site_of_user(user)
        client = self._desk.client_of_site(site)
        kind = (bits >> 16) % len(TYPES)
        return {
            "id": id,
            "inventory_number": f"{TYPES[kind][:2].upper()}-{id:06d}",
            "client_id": client,
            "client_name": self._desk.client_name(client),
            "site_id": site,
            "site_name": SITES[(site - 1) // self._desk.clients % len(SITES)],
            "user_id": user,
            "assettype_id": kind + 1,
            "assettype_name": TYPES[kind],
            "status_id": (bits >> 20) % 11 // 3 + 1,
            "inactive": False,
        }

    def row(self, id: int) -> Row:
        """Return about forty of Device's fields."""
        bits = self._dice(-id)
        core = dict(self.core(id))
        user = core.pop("user_id")
        model = f"{('Corvid', 'Tern', 'Plover', 'Heron')[bits % 4]} {bits % 9 + 1}00"
        start = SINCE + bits % 900 * _DAY
        row: Row = {
            **core,
            "key_field": f"{core['assettype_name']} {model}",
            "key_field2": f"SN{bits % 10**10:010d}",
            "key_field3": "",
            "business_owner_id": 0,
            "business_owner_cab_id": 0,
            "technical_owner_id": 0,
            "technical_owner_cab_id": 0,
            "username": self._desk.user_name(user),
            "colour": COLOURS[bits % len(COLOURS)],
            "icon": "fas fa-laptop",
            "warranty_start": stamp(start),
            "warranty_end": stamp(start + 3 * 365 * _DAY),
            "status_name": STATES[core["status_id"] - 1],
            "contract_value": 0.0,
            "contract_id": 0,
            "supplier_id": bits % 4,
            "supplier_contract_id": 0,
            "supplier_sla_id": 0,
            "supplier_priority_id": 0,
            "itemstock_id": 0,
            "item_id": bits % 30,
            "non_consignable": False,
            "reserved_salesorder_id": 0,
            "reserved_salesorder_line_id": 0,
            "device42_id": 0,
            "criticality": bits % 4,
            "use": "device",
            "device_number": id,
            "third_party_id": 0,
            "sla_id": 0,
            "priority_id": 0,
            "stale_agent_days": bits % 30,
            "energy_rating": "ABCDE"[bits % 5],
        }
        if bits & 1024:
            row["supplier_purchasedate"] = stamp(start - 20 * _DAY)
        return row

    def full(self, id: int) -> Row:
        """Return the row with its fields (``{id, value}``), notes and users."""
        bits = self._dice(-id)
        user = self.core(id)["user_id"]
        return {
            **self.row(id),
            "notes": "Handed over with charger and bag." if bits & 1 else "",
            "fields": [
                {"id": 31, "name": "Serial number", "value": f"SN{bits % 10**10:010d}"},
                {"id": 32, "name": "Memory", "value": f"{(8, 16, 32, 64)[bits % 4]} GB"},
            ],
            "dlastupdate": stamp(SINCE + bits % (1000 * _DAY)),
            "users": [{"id": user, "name": self._desk.user_name(user)}],
            "customfields": [entry(301, "")],
        }
