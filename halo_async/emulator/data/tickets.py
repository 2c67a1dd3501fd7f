"""Tickets, projects and opportunities: one schema (Faults), three collections.

A page of 100 rows has to cost less than 5 ms, so a row is one dict literal over a few 64-bit numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from halo_async.emulator.data.custom_fields import entry
from halo_async.emulator.data.dataset import (
    CATEGORIES,
    CLOSED_STATUSES,
    PRIORITIES,
    SINCE,
    STATUSES,
    TEAMS,
    TICKET_TYPES,
    Dataset,
)
from halo_async.emulator.data.seeded_random import SeededRandom, fraction, guid, mix, stamp
from halo_async.emulator.data.source import Row
from halo_async.emulator.data.words import NOTES, PROBLEMS, REQUESTS, SITES, THINGS

_DAY = 86_400
_LIFE = 4 * _DAY

# A row is merged from parts: this one and that of the user cost no more than copying.
_SAME_IN_ALL: Row = {
    "sla_name": "Standard",
    "estimatedays": 0.0,
    "nonchargehours": 0.0,
    "travelhours": 0.0,
    "totalmileage": 0.0,
    "itemsprice": 0.0,
    "parent_id": 0,
    "child_count": 0,
    "child_count_open": 0,
    "enduserstatus": 0,
    "excludefromsla": False,
    "organisation_id": 1,
    "department_id": 1,
    "product_id": 0,
    "release_id": 0,
    "release2_id": 0,
    "release3_id": 0,
    "inactive": False,
    "third_party_id": 0,
    "supplier_id": 0,
    "supplier_status": 0,
    "appointment_type": -1,
    "connectedinstance_id": 0,
    "salesorder_id": 0,
    "impactlevel": 0,
    "branch_id": 0,
    "milestone_id": 0,
    "unread_child_action_count": 0,
    "use": "ticket",
    "merged_into_id": 0,
}


class Tickets:
    """Rows of /Tickets; with other sizes and types also of /Projects and /Opportunities.

    Ticket ``n`` was created after ticket ``n - 1``, and last updated after it too, so that the default
    order (newest update first) is that of descending ids until somebody writes.
    """

    def __init__(self, desk: Dataset, count: int, *, name: str = "ticket", first_type: int = 1,
                 types: Sequence[str] = TICKET_TYPES) -> None:  # fmt: skip
        self._desk = desk
        self._dice = SeededRandom(desk.seed, name)
        self._first_type = first_type
        self._types = types
        self._step = desk.step * desk.tickets / max(1, count)
        self._people: dict[int, Row] = {}
        self.count = count

    def _person(self, user: int) -> Row:
        """Return the fields copied from the ticket's user: the same for all their tickets, made once."""
        known = self._people.get(user)
        if known is None:
            desk = self._desk
            site = desk.site_of_user(user)
            name, address = desk.user_name(user), desk.user_email(user)
            known = self._people[user] = {
                "client_name": desk.client_name(desk.client_of_site(site)),
                "site_name": SITES[(site - 1) // desk.clients % len(SITES)],
                "user_name": name,
                "user_email": address,
                "reportedby": name,
                "emailtolist": address,
            }
        return known

    @property
    def quick(self) -> Mapping[str, Callable[[int], Any]]:
        """Fields available without the rest of a row: filters over a million rows need no more."""
        desk, dice = self._desk, self._dice
        return {
            "id": lambda id: id,
            "status_id": lambda id: self._choose_status(id, dice(id)),
            "agent_id": lambda id: (dice(id) >> 44) % desk.agents + 1,
            "user_id": lambda id: (dice(id) >> 20) % desk.users + 1,
            "client_id": lambda id: desk.client_of_site(desk.site_of_user((dice(id) >> 20) % desk.users + 1)),
        }

    def _occurred(self, id: int, bits: int) -> int:
        # Less than a whole step of jitter keeps the dates in the order of ids.
        return int(SINCE + self._step * (id - 1) + self._step * (bits & 0x3FF) / 1100)

    def _choose_status(self, id: int, bits: int) -> int:
        # Old tickets are nearly all closed; the newest tenth is mostly open.
        chance = 97 if id < self.count * 0.9 else 30
        if (bits >> 10) % 100 < chance:
            return 9 if (bits >> 17) % 4 else 8
        return (bits >> 17) % 7 + 1

    def _summary(self, bits: int) -> str:
        if bits & 3 == 0:
            return REQUESTS[(bits >> 2) % len(REQUESTS)]
        return f"{THINGS[(bits >> 2) % len(THINGS)]} {PROBLEMS[(bits >> 8) % len(PROBLEMS)]}"

    def core(self, id: int) -> Mapping[str, Any]:
        """Return the fields that filters and orders use."""
        desk = self._desk
        bits = self._dice(id)
        user = (bits >> 20) % desk.users + 1
        site = desk.site_of_user(user)
        agent = (bits >> 44) % desk.agents + 1
        status = self._choose_status(id, bits)
        occurred = self._occurred(id, bits)
        return {
            "id": id,
            "summary": self._summary(bits >> 24),
            "user_id": user,
            "site_id": site,
            "client_id": desk.client_of_site(site),
            "agent_id": agent,
            "team": TEAMS[desk.team_of_agent(agent) - 1],
            "status_id": status,
            "hasbeenclosed": status in CLOSED_STATUSES,
            "tickettype_id": self._first_type + (bits >> 52) % len(self._types),
            "priority_id": (3, 3, 3, 4, 4, 2, 2, 1)[bits >> 61],
            "sla_id": 1,
            "dateoccurred": stamp(occurred, fraction(bits >> 4)),
            "last_update": stamp(occurred + _LIFE, fraction(bits >> 9)),
        }

    def row(self, id: int) -> Row:
        """Return 60 to 100 of the 278 fields of a listed ticket, some newer than the schema; no nulls."""
        bits = self._dice(id)
        more = mix(bits)
        occurred = self._occurred(id, bits)
        core = self.core(id)
        closed = core["hasbeenclosed"]
        status = core["status_id"]
        kind = core["tickettype_id"] - self._first_type
        respond_by = stamp(occurred + core["priority_id"] * 3600)
        category = CATEGORIES[more % len(CATEGORIES)]
        row: Row = {
            **core,
            **self._person(core["user_id"]),
            **_SAME_IN_ALL,
            "details": f"{core['summary']}. It began this morning. Reference {bits % 100_000}.",
            "status_name": STATUSES[status - 1][0],
            "tickettype_name": self._types[kind],
            "priority_name": PRIORITIES[core["priority_id"] - 1],
            "agent_name": self._desk.agent_name(core["agent_id"]),
            "category_1": category,
            "category_1_display": category,
            "categoryid_1": more % len(CATEGORIES) + 1,
            "estimate": (more >> 4) % 16 / 4,
            "timetaken": (more >> 8) % 200 / 100,
            "chargehours": (more >> 8) % 200 / 200,
            "attachment_count": (more >> 16) % 3,
            "flagged": more & 63 == 0,
            "read": more & 7 != 0,
            "onhold": status in (3, 4, 6),
            "respondbydate": respond_by,
            "responsedate": stamp(occurred + (more >> 20) % 7200, fraction(more)),
            "responsestartdate": stamp(occurred),
            "slaresponsestate": "I" if more & 15 else "O",
            "slastate": "I" if more & 7 else "O",
            "fixbydate": stamp(occurred + core["priority_id"] * 8 * 3600),
            "dateassigned": stamp(occurred + 300),
            "slaholdtime": (more >> 24) % 50 / 10,
            "slapercused": float((more >> 30) % 120),
            "lastactiondate": core["last_update"],
            "lastincomingemaildate": stamp(occurred, fraction(more >> 6)),
            "workflow_id": kind + 1,
            "workflow_step": 1 + closed,
            "is_vip": more & 31 == 0,
            "impact": (more >> 36) % 3 + 1,
            "urgency": (more >> 38) % 3 + 1,
            "source": (more >> 40) % 6,
            "reviewed": bool(more & 2),
            "reassigncount": (more >> 44) % 3,
            "guid": guid(more),
            "customfields": [],
            # Newer than any document we have: a client must preserve unknown fields.
            "triage_model": f"m{more % 3 + 2}",
            "triage_confidence": (more >> 50) % 1000 / 1000,
            "sentiment_band": ("calm", "neutral", "tense")[(more >> 47) % 3],
        }
        if closed:
            row["dateclosed"] = stamp(occurred + (more >> 12) % _LIFE, fraction(more >> 3))
            row["closure_agent_id"] = core["agent_id"]
            row["slatimeleft"] = 0.0
        if more & 256:
            row["lastnote"] = NOTES[more % len(NOTES)]
        if more & 512:
            row["targetdate"] = stamp((occurred + 5 * _DAY) // _DAY * _DAY)
            row["targettime"] = "17:00"
        if more & 1024:
            row["deadlinedate"] = "1900-01-01T00:00:00"
        if more & 2048:
            row["inventory_number"] = f"LA-{(more >> 18) % self._desk.assets + 1:06d}"
        return row

    def full(self, id: int) -> Row:
        """Return the row with the fields that only the single ticket has."""
        row = self.row(id)
        return {
            **row,
            "details_html": f"<p>{row['details']}</p>",
            "datecreated": row["dateoccurred"],
            "takenby": row["agent_name"],
            "phonenumber": f"01632 961{id % 1000:03d}",
            "assets": [],
            "attachments": [],
            "customfields": [
                entry(157, NOTES[id % len(NOTES)]),
                entry(159, row["respondbydate"]),
                entry(160, [{"id": 1, "name": "Mail"}, {"id": 3, "name": "Telephone"}], "Mail, Telephone"),
            ],
        }
