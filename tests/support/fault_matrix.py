"""A walk through a list of an instance that misbehaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import attrs

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator, Fault
from halo_async.errors import HaloError
from halo_async.settings import Timeouts
from tests.support.leftovers import nothing_held

LIST = "GET /Tickets"
LOGIN = "POST /auth/token"
ROWS = 250
PAGES = 3
_SMALL: dict[str, dict[str, Any]] = {
    "F42": {"bytes": 4_000_000},
    "F43": {"bytes": 4_000_000},
    "F12": {"seconds": 0.02},
    "F17": {"seconds": 60},
}
_CAP = 2_000_000
_SHORT = Timeouts(read=0.4, attempt=0.6)
_SLOW = {"F12", "F13", "F17", "F19"}
"""They are waited out in real time, so with short timeouts; the others must never meet one."""


@attrs.frozen
class Outcome:
    """How one walk ended."""

    ids: tuple[int, ...]
    requests: int
    error: HaloError | None = None

    @property
    def name(self) -> str:
        """The error's, or `whole`."""
        return type(self.error).__name__ if self.error else "whole"


def fault(number: str, variant: str, seed: int, *, once: bool) -> Fault:
    """One fault that strikes once, where the seed says, or always."""
    on = LOGIN if number in {"F19", "F21"} else LIST
    after = seed % PAGES if once and on == LIST else 0
    return Fault(number, on, variant, times=1 if once else None, after=after, options=_SMALL.get(number, {}))


@asynccontextmanager
async def walked(seed: int, *faults: Fault) -> AsyncIterator[tuple[Emulator, Halo, VirtualClock]]:
    """An instance with these faults armed, and its client on a clock of its own."""
    clock = VirtualClock(auto_advance=True)
    async with Emulator(seed=seed, tickets=ROWS, rate_limit=None, faults=faults) as running:
        halo = Halo(
            running.url,
            ClientCredentials(running.client_id, running.client_secret),
            tenant=running.tenant,
            clock=clock,
            timeouts=_SHORT if any(fault.number in _SLOW for fault in faults) else None,
            max_bytes=_CAP,
        )
        halo.transport._shared.random = Random(seed).random
        try:
            yield running, halo, clock
            await nothing_held(halo.transport)
        finally:
            await halo.aclose()


async def walk(running: Emulator, halo: Halo) -> Outcome:
    """Read the whole list."""
    before = len(running.requests(LIST))
    ids: list[int] = []
    error = None
    try:
        async for ticket in halo.tickets.list(order="id"):
            ids.append(ticket.id)
    except HaloError as raised:
        error = raised.with_traceback(None)
    return Outcome(tuple(ids), len(running.requests(LIST)) - before, error)
