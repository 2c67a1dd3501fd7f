"""Events and their JSON.

The fields of an event and the name "ticket status changed" were seen on a live instance; the names "new
ticket logged" and "ticket deleted" are Halo's own. The other names, the position of an action and the
fields of a small ticket are guesses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import msgspec

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.data.seeded_random import SeededRandom, guid, stamp
from halo_async.emulator.lists import without_nulls
from halo_async.emulator.reply import Reply
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.webhooks.hook import WebhookSubscription
from halo_async.emulator.writes import has_id

LOGGED, STATUS, DELETED = "new ticket logged", "ticket status changed", "ticket deleted"
UPDATED, ACTION = "ticket updated", "action added"
_SENTENCES = {
    LOGGED: "A new ticket has been logged with ID: {id:07d}.",
    STATUS: "The status has been changed for Ticket ID: {id:07d}.",
    DELETED: "Ticket ID: {id:07d} has been deleted.",
    UPDATED: "Ticket ID: {id:07d} has been updated.",
    ACTION: "An action has been added to Ticket ID: {id:07d}.",
}
_SMALL = ("id", "summary", "status_id", "tickettype_id", "client_id", "team_id", "agent_id", "hasbeenclosed")
_KEPT = 10_000


@attrs.frozen
class WebhookOccurrence:
    """One event of a ticket, with its objects as of that moment."""

    name: str
    at: float
    ticket: Mapping[str, Any] = attrs.field(repr=False)
    action: Mapping[str, Any] | None = attrs.field(default=None, repr=False)


class Writes:
    """Latest writes of tickets and actions; events are derived from them on reading."""

    def __init__(self) -> None:
        self._seen: deque[tuple[EmulatorState, EmulatorCall, bytes, float]] = deque(maxlen=_KEPT)

    def note(self, world: EmulatorState, call: EmulatorCall, reply: Reply, at: float) -> None:
        """Record a completed write."""
        path = call.operation.collection
        if path in ("/Tickets", "/Actions") and call.operation.method != "GET" and reply.status in (200, 201):
            self._seen.append((world, call, reply.body, at))

    def taken(self) -> Iterator[WebhookOccurrence]:
        """Yield the events since the last call, in order."""
        while self._seen:
            yield from _occurrences(*self._seen.popleft())

    def clear(self) -> None:
        """Discard all recorded writes."""
        self._seen.clear()


def _occurrences(
    world: EmulatorState, call: EmulatorCall, response: bytes, at: float
) -> Iterator[WebhookOccurrence]:
    rows = _list(msgspec.json.decode(response))
    if call.operation.collection == "/Actions":
        for row in rows if call.operation.method == "POST" else ():
            yield WebhookOccurrence(ACTION, at, ticket_of(world, row["ticket_id"]), row)
        return
    elements = (
        [None] * len(rows) if call.operation.method == "DELETE" else _list(msgspec.json.decode(call.body))
    )
    for element, row in zip(elements, rows, strict=False):
        yield WebhookOccurrence(_name_event(element), at, row)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _name_event(element: Any) -> str:
    if element is None:
        return DELETED
    if not has_id(element):
        return LOGGED
    return STATUS if "status_id" in element else UPDATED


def ticket_of(world: EmulatorState, id: int) -> Mapping[str, Any]:
    """Return a ticket in the form that an event contains."""
    return without_nulls(world.table("/Tickets").full(id))


def seeded(world: EmulatorState, seed: int, count: int) -> Iterator[WebhookOccurrence]:
    """Yield possible events of the existing tickets, the same for the same seed."""
    tickets = world.table("/Tickets").ids
    dice = SeededRandom(seed, "occurrence")
    at = world.clock.time()
    for number in range(count if len(tickets) else 0):
        bits = dice(number)
        ticket = ticket_of(world, tickets.at(bits % len(tickets)))
        actions = world.actions.of(int(ticket["id"]))
        if bits >> 32 & 1 and actions:
            yield WebhookOccurrence(ACTION, at + number, ticket, without_nulls(actions[0]))
        else:
            yield WebhookOccurrence((LOGGED, STATUS, UPDATED)[(bits >> 33) % 3], at + number, ticket)


def event(hook: WebhookSubscription, occurrence: WebhookOccurrence, bits: int) -> dict[str, Any]:
    """Return the JSON object of one event; the same ``bits`` give the same ids."""
    ticket = occurrence.ticket
    told: dict[str, Any] = {
        "id": guid(bits),
        "webhook_id": hook.id,
        "notification_id": bits % 90 + 1,
        "escmsg_id": guid(bits ^ 0xFFFF),
        "event": occurrence.name,
        "message": _SENTENCES[occurrence.name].format(id=int(ticket["id"])),
        "object_id": ticket["id"],
        "agent_id": ticket.get("agent_id", 1),
        "timestamp": f"{stamp(int(occurrence.at), int(occurrence.at % 1 * 10_000_000))}Z",
    }
    if hook.payload == "event":
        return told
    told["ticket"] = (
        ticket if hook.payload == "full" else {name: ticket[name] for name in _SMALL if name in ticket}
    )
    return told if occurrence.action is None else {**told, "action": occurrence.action}
