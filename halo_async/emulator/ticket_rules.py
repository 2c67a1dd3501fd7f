"""Fields that the server sets when a ticket is written: names next to ids, dates, open or closed."""

from __future__ import annotations

from typing import Any

from halo_async.emulator.data.dataset import (
    CLOSED_STATUSES,
    OPPORTUNITY_TYPES,
    PRIORITIES,
    PROJECT_TYPES,
    STATUSES,
    TEAMS,
    TICKET_TYPES,
)
from halo_async.emulator.data.source import Row
from halo_async.emulator.state import EmulatorState

_TYPES = TICKET_TYPES + PROJECT_TYPES + OPPORTUNITY_TYPES


def settled(world: EmulatorState, fields: Row, *, new: bool) -> Row:
    """Return the fields to store: those given and those derived from them."""
    now = world.now()
    base = _defaults(now) if new else {}
    row = {**base, **fields, "last_update": now, "lastactiondate": now}
    row.update(_add_names(world, row))
    if "status_id" in row:
        row.update(_state(row, now))
    return row


def _defaults(now: str) -> Row:
    return {
        "dateoccurred": now,
        "datecreated": now,
        "status_id": 1,
        "tickettype_id": 1,
        "priority_id": 3,
        "sla_id": 1,
        "agent_id": 1,
        "client_id": 1,
        "site_id": 1,
        "user_id": 1,
        "source": 0,
        "inactive": False,
        "customfields": [],
    }


def _state(row: Row, now: str) -> Row:
    closed = row["status_id"] in CLOSED_STATUSES
    return {"hasbeenclosed": closed, "dateclosed": row.get("dateclosed", now) if closed else None}


def _add_names(world: EmulatorState, row: Row) -> Row:
    found: Row = {}
    for field, path in (
        ("client_id", "/Client"),
        ("site_id", "/Site"),
        ("user_id", "/Users"),
        ("agent_id", "/Agent"),
    ):
        table, id = world.table(path), _positive(row.get(field))
        if id in table.ids:
            found[field.replace("_id", "_name")] = table.core(id).get("name")
    agent = _positive(row.get("agent_id"))
    if agent and "team" not in row:
        found["team"] = TEAMS[world.desk.team_of_agent(agent) - 1]
    for field, names in (("tickettype_id", _TYPES), ("priority_id", PRIORITIES)):
        found.update(_from_list(row, field, names))
    found.update(_from_list(row, "status_id", tuple(name for name, _ in STATUSES)))
    return found


def _from_list(row: Row, field: str, names: tuple[str, ...]) -> Row:
    id = _positive(row.get(field))
    return {field.replace("_id", "_name"): names[id - 1]} if id and id <= len(names) else {}


def _positive(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
