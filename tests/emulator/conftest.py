"""A plain aiohttp client against an emulator: nothing of our own client is in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import attrs
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator

DEFAULTS: dict[str, Any] = {"rate_limit": None, "tickets": 300}
# After everything seeded, whatever the date of the machine.
LATER = 1_800_000_000.0


@attrs.frozen
class ReadResponse:
    """A response, read to its end."""

    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        import msgspec

        return msgspec.json.decode(self.body)


@attrs.define
class Wire:
    """One logged-in session."""

    emulator: Emulator
    session: aiohttp.ClientSession
    token: str | None = None

    async def call(self, method: str, path: str, **options: Any) -> ReadResponse:
        """Send to /api; what ``headers`` names replaces the bearer token's header."""
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        headers |= options.pop("headers", {})
        url = f"{self.emulator.url}/api{path}"
        async with self.session.request(
            method, url, headers=headers, allow_redirects=False, **options
        ) as response:
            return ReadResponse(response.status, response.headers, await response.read())

    async def get(self, path: str, **query: Any) -> ReadResponse:
        return await self.call("GET", path, params={name: str(value) for name, value in query.items()})

    async def post(self, path: str, body: Any, **query: Any) -> ReadResponse:
        return await self.call(
            "POST", path, json=body, params={name: str(value) for name, value in query.items()}
        )

    async def delete(self, path: str, **query: Any) -> ReadResponse:
        return await self.call("DELETE", path, params={name: str(value) for name, value in query.items()})

    async def log_in(self, *, tenant: str | None = None, **form: str) -> ReadResponse:
        """Ask for a token with client credentials; ``form`` overrides their fields."""
        fields = {
            "grant_type": "client_credentials",
            "client_id": self.emulator.client_id,
            "client_secret": self.emulator.client_secret,
            "scope": "all",
        } | form
        query = {"tenant": tenant or self.emulator.tenant or ""}
        url = f"{self.emulator.url}/auth/token"
        async with self.session.post(
            url, params=query, data={k: v for k, v in fields.items() if v}
        ) as response:
            read = ReadResponse(response.status, response.headers, await response.read())
        if read.status == 200 and "json" in read.headers["Content-Type"]:
            self.token = read.json()["access_token"]
        return read


Start = Callable[..., Awaitable[Wire]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start emulators with any options; each comes with a logged-in session."""
    async with AsyncExitStack() as stack:

        async def started(**options: Any) -> Wire:
            emulator = await stack.enter_async_context(
                Emulator(**DEFAULTS | {"clock": VirtualClock(LATER)} | options)
            )
            session = await stack.enter_async_context(aiohttp.ClientSession())
            wire = Wire(emulator, session)
            await wire.log_in()
            return wire

        yield started


@pytest.fixture
async def wire(start: Start) -> Wire:
    """A session with an emulator of 300 tickets and no rate limit."""
    return await start()
