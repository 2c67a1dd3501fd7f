"""Fixtures: an emulator and a logged-in client of it, with no limit and no real waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator

Start = Callable[..., Any]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start an emulator and a client of it; `client` are options of the client."""
    async with AsyncExitStack() as stack:

        async def started(*, client: dict[str, Any] | None = None, **options: Any) -> tuple[Emulator, Halo]:
            emulator = await stack.enter_async_context(
                Emulator(**{"tickets": 20, "rate_limit": None, **options})
            )
            credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
            settings = {"rate_limit": None, "clock": VirtualClock(auto_advance=True), **(client or {})}
            halo = await stack.enter_async_context(Halo(emulator.url, credentials, **settings))
            return emulator, halo

        yield started


@pytest.fixture
async def emulator_and_halo(start: Start) -> tuple[Emulator, Halo]:
    return await start()


@pytest.fixture
def emulator(emulator_and_halo: tuple[Emulator, Halo]) -> Emulator:
    return emulator_and_halo[0]


@pytest.fixture
def halo(emulator_and_halo: tuple[Emulator, Halo]) -> Halo:
    return emulator_and_halo[1]
