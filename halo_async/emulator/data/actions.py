"""Actions of a ticket: 1 to 6 notes, mails and status changes. Their ids count from 1 in each ticket."""

from __future__ import annotations

from halo_async.emulator.data.dataset import Dataset
from halo_async.emulator.data.seeded_random import SeededRandom, fraction, guid, stamp
from halo_async.emulator.data.source import DataSource, Row
from halo_async.emulator.data.words import COLOURS, NOTES

OUTCOMES = ("Logged", "Private note", "Email user", "Change status", "Reassign", "Resolve")
_HOUR = 3600


class Actions:
    """Seeded actions, by ticket and number."""

    def __init__(self, desk: Dataset, tickets: DataSource) -> None:
        self._desk = desk
        self._tickets = tickets
        self._dice = SeededRandom(desk.seed, "action")

    def count(self, ticket: int) -> int:
        """Return the number of actions of a seeded ticket."""
        return self._dice(ticket) % 6 + 1

    def row(self, ticket: int, number: int) -> Row:
        """Return about thirty of the fields of an action."""
        bits = self._dice(ticket * 16 + number)
        logged = number == 1
        agent = bits % self._desk.agents + 1
        when = _parse_moment(str(self._tickets.core(ticket)["dateoccurred"])) + (number - 1) * 5 * _HOUR
        note = NOTES[(bits >> 8) % len(NOTES)]
        return {
            "ticket_id": ticket,
            "id": number,
            "outcome": OUTCOMES[0] if logged else OUTCOMES[(bits >> 12) % 5 + 1],
            "outcome_id": 1 if logged else (bits >> 12) % 5 + 2,
            "who": self._desk.agent_name(agent),
            "who_type": 1,
            "who_agentid": agent,
            "who_initials": "AP" if agent == 1 else self._desk.agent_name(agent)[:2].upper(),
            "who_colour": COLOURS[agent % len(COLOURS)],
            "who_onlinestatus": 0,
            "datetime": stamp(when, fraction(bits >> 16)),
            "last_updated": stamp(when, fraction(bits >> 16)),
            "actiondatecreated": stamp(when, fraction(bits >> 20)),
            "note": note,
            "note_html": f"<p>{note}</p>",
            "timetaken": (bits >> 24) % 100 / 100,
            "hiddenfromuser": bool(bits & 1),
            "important": bits & 31 == 0,
            "replied_to_ticket_id": 0,
            "replied_to_action_id": 0,
            "created_from_ticket_id": 0,
            "created_from_action_id": 0,
            "action_contract_id": 0,
            "project_id": 0,
            "reactions": [],
            "attachment_count": 0,
            "old_status": 1,
            "new_status": (bits >> 30) % 7 + 1,
            "guid": guid(bits),
            "ai_drafted": bits & 15 == 3,
            "tone_score": (bits >> 36) % 100 / 100,
        }


def _parse_moment(text: str) -> int:
    from calendar import timegm
    from time import strptime

    return timegm(strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
