"""Several emulated instances, and a fleet of clients for them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any

from halo_async import ClientCredentials, Fleet, Halo
from halo_async.emulator import Emulator


def client(emulator: Emulator, *, secret: str | None = None, **options: Any) -> Halo:
    credentials = ClientCredentials(emulator.client_id, secret or emulator.client_secret)
    return Halo(emulator.url, credentials, **{"rate_limit": None} | options)


async def started(stack: AsyncExitStack, names: Iterable[str], **options: Any) -> dict[str, Emulator]:
    """An emulator a name, each with other data."""
    settings = {"tickets": 20, "rate_limit": None} | options
    return {
        name: await stack.enter_async_context(Emulator(seed=number, **settings))
        for number, name in enumerate(names, 1)
    }


def fleet_of(emulators: dict[str, Emulator], **options: Any) -> Fleet[Halo]:
    return Fleet({name: client(emulator, **options) for name, emulator in emulators.items()})
