"""Actions: the only collection whose ids are unique only within their parent, the ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from halo_async.emulator.data.actions import Actions
from halo_async.emulator.data.source import Row
from halo_async.emulator.table import Table

Key = tuple[int, int]


class ActionTable:
    """Actions by ticket and number."""

    def __init__(self, source: Actions, tickets: Table) -> None:
        self._source = source
        self._tickets = tickets
        self._written: dict[Key, Row] = {}
        self._gone: set[Key] = set()
        self._last: dict[int, int] = {}

    def state(self) -> Any:
        """Return everything that was written."""
        return self._written, self._gone, self._last

    def restate(self, state: Any) -> None:
        """Restore the contents of another state."""
        self._written, self._gone, self._last = state

    def _seeded(self, ticket: int) -> int:
        return self._source.count(ticket) if 1 <= ticket <= self._tickets.source.count else 0

    def numbers(self, ticket: int) -> list[int]:
        """Return the ids of a ticket's actions, oldest first."""
        last = self._last.get(ticket, self._seeded(ticket))
        return [number for number in range(1, last + 1) if (ticket, number) not in self._gone]

    def exists(self, ticket: int, number: int) -> bool:
        """Return whether an existing ticket has this action."""
        return ticket in self._tickets.ids and number in self.numbers(ticket)

    def get(self, ticket: int, number: int) -> Mapping[str, Any]:
        """Return one existing action."""
        base = self._source.row(ticket, number) if number <= self._seeded(ticket) else {}
        return {**base, **self._written.get((ticket, number), {})}

    def of(self, ticket: int) -> list[Mapping[str, Any]]:
        """Return a ticket's actions, newest first as the server lists them."""
        if ticket not in self._tickets.ids:
            return []
        return [self.get(ticket, number) for number in reversed(self.numbers(ticket))]

    def newest(self) -> Iterator[Mapping[str, Any]]:
        """Return every action, the newest tickets first."""
        for rank in range(len(self._tickets.ids) - 1, -1, -1):
            yield from self.of(self._tickets.ids.at(rank))

    def insert(self, ticket: int, fields: Mapping[str, Any]) -> int:
        """Add an action to a ticket and return its number."""
        number = self._last.get(ticket, self._seeded(ticket)) + 1
        self._last[ticket] = number
        self._written[ticket, number] = {**fields, "ticket_id": ticket, "id": number}
        return number

    def change(self, ticket: int, number: int, fields: Mapping[str, Any]) -> None:
        """Update the fields of an action."""
        old = self._written.get((ticket, number), {})
        self._written[ticket, number] = {**old, **fields, "ticket_id": ticket, "id": number}

    def remove(self, ticket: int, number: int) -> Mapping[str, Any]:
        """Delete an action and return it."""
        gone = self.get(ticket, number)
        self._gone.add((ticket, number))
        return gone
