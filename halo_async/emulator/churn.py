"""Churn: rows deleted, inserted and changed during a read, and the ids of those that stayed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import attrs

from halo_async.emulator.config_fields import number, text
from halo_async.emulator.ids import Ids
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.table import Table


@attrs.frozen
class Churn:
    """Number of changes after each list request on a collection: 0.3 is a probability, 2.3 is two and 0.3.

    :param reenter: rows deleted before are reinserted in their old positions.
    """

    path: str = text("/Tickets")
    insert: float = number(0.0, 1000)
    delete: float = number(0.0, 1000)
    update: float = number(0.0, 1000)
    reenter: float = number(0.0, 1000)


class ChurnRunner:
    """Performs the churn and records which rows were ever absent."""

    def __init__(self, seed: int, churn: Churn | None = None) -> None:
        self._random = Random(seed)  # noqa: S311 - it has to be repeatable, not secret
        self.churn = churn
        self.done = 0
        self._lost: set[int] = set()
        self._away: list[int] = []
        self._start: Ids | None = None

    def watch(self, world: EmulatorState) -> None:
        """Take the current rows as the initial ones."""
        if self.churn is not None and self._start is None:
            self._start = world.table(self.churn.path).ids.without(set())

    def stir(self, world: EmulatorState, path: str) -> None:
        """Apply the changes after one request."""
        if self.churn is None or path != self.churn.path:
            return
        table = world.table(path)
        for _ in range(self._times(self.churn.delete)):
            self._delete(table)
        for _ in range(self._times(self.churn.insert)):
            table.insert(
                {"summary": "Came in meanwhile", "name": "Came in meanwhile", "status_id": 1, **_dates(world)}
            )
        for _ in range(self._times(self.churn.update)):
            if len(table.ids):
                table.change(table.ids.at(self._random.randrange(len(table.ids))), _dates(world))
        for _ in range(self._times(self.churn.reenter)):
            self._bring_back(table)

    def _times(self, rate: float) -> int:
        whole = int(rate)
        return whole + (self._random.random() < rate - whole)

    def _delete(self, table: Table) -> None:
        if not len(table.ids):
            return
        id = table.ids.at(self._random.randrange(len(table.ids)))
        table.remove(id)
        self._lost.add(id)
        self._away.append(id)
        self.done += 1

    def _bring_back(self, table: Table) -> None:
        if self._away:
            id = self._away.pop(self._random.randrange(len(self._away)))
            table.ids.restore(id)
            table.trash.pop(id, None)
            table.version += 1
            self.done += 1

    def truth(self, world: EmulatorState) -> Sequence[int]:
        """Return the ids of the rows that were present from the first request to now, without a gap."""
        self.watch(world)
        assert self._start is not None, "truth() requires a Churn."
        table = world.table(self.churn.path) if self.churn else None
        return [id for id in self._start if id not in self._lost and table is not None and id in table.ids]


def _dates(world: EmulatorState) -> dict[str, Any]:
    now = world.now()
    return {"last_update": now, "lastactiondate": now}
