from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest.mock import Mock

import aiohttp
import aioresponses.core
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.settings import ClientCredentials, Instance, RateLimit
from halo_async.transport import Transport
from halo_async.transport.client_options import ClientOptions
from tests.support.leftovers import nothing_held, nothing_left
from tests.support.scripted_server import SECRET, ScriptedServer


class _Response(aiohttp.ClientResponse):
    """aioresponses 0.7.9 does not know this argument of aiohttp 3.14's."""

    def __init__(self, *args: Any, stream_writer: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, stream_writer=stream_writer or Mock(output_size=0), **kwargs)


aioresponses.core.ClientResponse = _Response  # type: ignore[misc]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(auto_advance=True)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """A server that must be free of connections once the clients are closed; no task or file may be left."""
    server = ScriptedServer()
    async with nothing_left():
        await server.start()
        yield server
        for _ in range(10_000):
            if not server.connections:
                break
            await asyncio.sleep(0.001)
        left = server.connections
        await server.stop()
        assert left == 0, f"{left} connections leaked"


@pytest.fixture
async def make(server: ScriptedServer, clock: VirtualClock) -> AsyncIterator[Callable[..., Transport]]:
    """Clients of the scripted server, closed at the end."""
    made: list[Transport] = []

    def make(url: str | None = None, **options: Any) -> Transport:
        credentials = options.pop("credentials", ClientCredentials("id", SECRET))
        random = options.pop("random", lambda: 0.5)
        settings = ClientOptions(**({"clock": clock, "rate_limit": None} | options))
        transport = Transport(Instance.parse(url or server.url), credentials, settings, random=random)
        made.append(transport)
        return transport

    yield make
    for transport in made:
        try:
            await nothing_held(transport)
        finally:
            await transport.aclose()


@pytest.fixture
def transport(make: Callable[..., Transport]) -> Transport:
    return make()


@pytest.fixture
def limited(make: Callable[..., Transport]) -> Transport:
    return make(rate_limit=RateLimit(300, 300))
