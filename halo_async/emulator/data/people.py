"""Clients, sites, users and agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async.emulator.data.custom_fields import entry
from halo_async.emulator.data.dataset import SINCE, TEAMS, UNTIL, Dataset
from halo_async.emulator.data.seeded_random import SeededRandom, fraction, guid, stamp
from halo_async.emulator.data.source import Row
from halo_async.emulator.data.words import COLOURS, SITES, STREETS, TOWNS


def _past(bits: int) -> str:
    return stamp(SINCE + bits % (UNTIL - SINCE), fraction(bits >> 32))


class Clients:
    """Rows of /Client (schema Area)."""

    def __init__(self, desk: Dataset) -> None:
        self._desk = desk
        self._dice = SeededRandom(desk.seed, "client")
        self.count = desk.clients

    def core(self, id: int) -> Mapping[str, Any]:
        """Return name and parent."""
        return {"id": id, "name": self._desk.client_name(id), "inactive": False, "toplevel_id": 1}

    def row(self, id: int) -> Row:
        """Return about twenty of Area's fields."""
        bits = self._dice(id)
        name = self._desk.client_name(id)
        row: Row = {
            "id": id,
            "name": name,
            "toplevel_id": 1,
            "toplevel_name": "Customers",
            "inactive": False,
            "colour": COLOURS[bits % len(COLOURS)],
            "confirmemail": 0,
            "actionemail": 0,
            "clearemail": 0,
            "messagegroup_id": -1,
            "mailbox_override": 0,
            "default_mailbox_id": 0,
            "item_tax_code": 0,
            "service_tax_code": 0,
            "prepay_tax_code": 0,
            "contract_tax_code": 0,
            "pritech": bits % self._desk.agents + 1,
            "sectech": 0,
            "accountmanagertech": (bits >> 8) % self._desk.agents + 1,
            "key": id,
            "use": "Client",
            "client_to_invoice": 0,
            "itglue_id": "",
            "is_vip": bits % 9 == 0,
            "stopped": 0,
            "datecreated": _past(bits),
            "alastupdate": _past(bits >> 3),
            "crm_score_band": "ABCD"[bits % 4],
        }
        if bits & 64:
            row["website"] = f"https://www.{self._desk.client_domain(id)}"
        if bits & 128:
            row["notes"] = f"Prefers calls before noon. Account {bits % 9000 + 1000}."
        return row

    def full(self, id: int) -> Row:
        """Return the row with the main site and its nested records."""
        desk = self._desk
        return {
            **self.row(id),
            "guid": guid(self._dice(-id)),
            "main_site_id": id,
            "main_site_name": SITES[0],
            "domain": desk.client_domain(id),
            "customfields": [entry(101, "Gold")],
        }


class Sites:
    """Rows of /Site."""

    def __init__(self, desk: Dataset) -> None:
        self._desk = desk
        self._dice = SeededRandom(desk.seed, "site")
        self.count = desk.sites

    def core(self, id: int) -> Mapping[str, Any]:
        """Return name and client."""
        client = self._desk.client_of_site(id)
        lap = (id - 1) // self._desk.clients
        return {
            "id": id,
            "name": SITES[lap % len(SITES)],
            "client_id": client,
            "client_name": self._desk.client_name(client),
            "inactive": False,
        }

    def row(self, id: int) -> Row:
        """Return about twenty of Site's fields."""
        bits = self._dice(id)
        core = self.core(id)
        row: Row = {
            **core,
            "clientsite_name": f"{core['client_name']}/{core['name']}",
            "sla_id": 1,
            "phonenumber": f"01632 960{bits % 1000:03d}",
            "colour": COLOURS[bits % len(COLOURS)],
            "timezone": "",
            "invoice_address_isdelivery": True,
            "isstocklocation": False,
            "messagegroup_id": -1,
            "maincontact_id": id,
            "maincontact_name": self._desk.user_name(id),
            "key": id,
            "use": "Site",
            "stopped": 0,
            "geofence_radius_m": bits % 400,
        }
        if bits & 32:
            row["notes"] = "Deliveries at the back door."
        return row

    def full(self, id: int) -> Row:
        """Return the row with its address."""
        bits = self._dice(-id)
        return {
            **self.row(id),
            "slastupdate": _past(bits >> 5),
            "delivery_address": {
                "id": id,
                "line1": f"{bits % 180 + 1} {STREETS[bits % len(STREETS)]}",
                "line3": TOWNS[bits % len(TOWNS)],
                "postcode": f"ZZ{bits % 90 + 1} {bits % 9}AA",
                "country": "",
            },
            "customfields": [],
        }


class Users:
    """Rows of /Users: the people at the clients."""

    def __init__(self, desk: Dataset) -> None:
        self._desk = desk
        self._dice = SeededRandom(desk.seed, "user")
        self.count = desk.users

    def core(self, id: int) -> Mapping[str, Any]:
        """Return name, address, site and client of the person."""
        desk = self._desk
        site = desk.site_of_user(id)
        client = desk.client_of_site(site)
        return {
            "id": id,
            "name": desk.user_name(id),
            "emailaddress": desk.user_email(id),
            "site_id": site,
            "client_id": client,
            "client_name": desk.client_name(client),
            "inactive": False,
        }

    def row(self, id: int) -> Row:
        """Return about thirty of the user's fields."""
        bits = self._dice(id)
        core = self.core(id)
        first, last = core["name"].split(" ", 1)
        site_name = SITES[(core["site_id"] - 1) // self._desk.clients % len(SITES)]
        row: Row = {
            **core,
            "site_id": float(core["site_id"]),
            "site_name": site_name,
            "firstname": first,
            "surname": last,
            "initials": first[0] + last[0],
            "colour": COLOURS[bits % len(COLOURS)],
            "isserviceaccount": False,
            "isimportantcontact": bits % 12 == 0,
            "neversendemails": False,
            "sla_id": 0,
            "priority_id": 0,
            "linked_agent_id": 0,
            "messagegroup_id": -1,
            "use": "user",
            "key": id,
            "table": 1,
            "contractvalue": 0.0,
            "relationship_id": -1,
            "user_id_mapping": id,
            "last_login_region": "eu-west",
        }
        if bits & 16:
            row["phonenumber"] = f"01632 961{bits % 1000:03d}"
        if bits & 32:
            row["title"] = ("Manager", "Bookkeeper", "Foreman", "Receptionist")[bits % 4]
        return row

    def full(self, id: int) -> Row:
        """Return the row and the fields that only the single object has."""
        return {
            **self.row(id),
            "guid": guid(self._dice(-id)),
            "datecreated": _past(self._dice(-id)),
            "ulastupdate": _past(self._dice(-id)),
            "customfields": [],
        }


class Agents:
    """Rows of /Agent (schema Uname)."""

    def __init__(self, desk: Dataset) -> None:
        self._desk = desk
        self._dice = SeededRandom(desk.seed, "agent")
        self.count = desk.agents + 2
        self.dormant = {desk.agents + 1: "isdisabled", desk.agents + 2: "isapiagent"}
        """One agent who has left, and one that is only an application's."""

    def core(self, id: int) -> Mapping[str, Any]:
        """Return name and team."""
        return {
            "id": id,
            "name": self._desk.agent_name(id),
            "team": TEAMS[self._desk.team_of_agent(id) - 1],
            "isdisabled": self.dormant.get(id) == "isdisabled",
        }

    def row(self, id: int) -> Row:
        """Return about fifteen of the agent's fields."""
        bits = self._dice(id)
        core = self.core(id)
        first, _, last = core["name"].partition(" ")
        return {
            **core,
            "guid": guid(bits),
            "email": f"{first}.{last}@desk.example".lower(),
            "firstname": first,
            "surname": last,
            "initials": first[:1] + last[:1],
            "colour": COLOURS[bits % len(COLOURS)],
            "jobtitle": ("Engineer", "Senior engineer", "Team leader", "Dispatcher")[bits % 4],
            "onlinestatus": bits % 3,
            "is_agent": True,
            "isapiagent": id == 1 or self.dormant.get(id) == "isapiagent",
            "use": "agent",
            "shift_pattern_code": f"S{bits % 5}",
        }

    def full(self, id: int) -> Row:
        """Return the row with teams and roles."""
        team = self._desk.team_of_agent(id)
        return {
            **self.row(id),
            "teams": [{"team_id": team, "team_name": TEAMS[team - 1], "forrequests": True}],
            "roles": [{"role_id": guid(self._dice(-1)), "role_name": "Technician"}],
            "datecreated": _past(self._dice(-id)),
        }
