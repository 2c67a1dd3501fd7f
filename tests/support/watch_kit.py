"""An emulator and a client on one virtual clock, and what a watch told of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import attrs

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator

START = 1_780_000_000.0


@attrs.define
class World:
    """An instance whose time is the client's; `halo` watches, `hand` makes the changes."""

    emulator: Emulator
    halo: Halo
    hand: Halo
    clock: VirtualClock

    watches: int = 0
    """Watches that run, between whose looks alone time passes."""

    async def passes(self, seconds: float) -> None:
        """Let time pass: it stands still while a watch looks."""
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 0:
            await self.idle()
            self.clock.advance(min(left, 1.0))
        await self.idle()

    async def idle(self) -> None:
        """Wait until each watch sleeps."""
        while self.clock.sleepers < self.watches:
            await asyncio.sleep(0)


@asynccontextmanager
async def world(*, client: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[World]:
    """An instance of 20 tickets, none of which changed lately."""
    clock = VirtualClock(START, auto_advance=True)
    settings = {"rate_limit": None, "clock": clock, "deadline": None}
    async with Emulator(**{"tickets": 20, "rate_limit": None, "clock": clock, **options}) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with (
            Halo(emulator.url, credentials, **{**settings, **(client or {})}) as halo,
            Halo(emulator.url, credentials, **settings) as hand,
        ):
            yield World(emulator, halo, hand, clock)
            clock.auto_advance = True  # nothing that ends has to wait


async def told_now(resource: Any, **options: Any) -> list[Any]:
    """The changes that a watch tells that looks once."""
    return [change async for change in resource.watch(once=True, **options)]


async def told_first(resource: Any, count: int, **options: Any) -> list[Any]:
    """The first changes of a watch, whose loop is left as by a crash: the last one is not handled."""
    told: list[Any] = []
    async with aclosing(aiter(resource.watch(once=True, **options))) as changes:
        async for change in changes:
            told.append(change)
            if len(told) == count:
                break
    return told


def brief(changes: list[Any]) -> list[tuple[str | None, int]]:
    """Kinds and ids."""
    return [(change.kind, change.id) for change in changes]


EVERY = timedelta(seconds=30)


class Watching:
    """A watch that runs beside the test, and what it told."""

    def __init__(self, here: World, name: str = "tickets", **options: Any) -> None:
        self.told: list[Any] = []
        self.watch = getattr(here.halo, name).watch(**{"every": EVERY, **options})
        self._here = here

    async def _run(self) -> None:
        async for change in self.watch:
            self.told.append(change)

    async def __aenter__(self) -> Watching:
        self._here.watches += 1
        self._here.clock.auto_advance = False
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._here.watches -= 1
        self._here.clock.auto_advance = not self._here.watches
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
