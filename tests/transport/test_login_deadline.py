"""A call's time includes the login that it waits for."""

from __future__ import annotations

import asyncio
import time

import pytest

from halo_async._utils.clock import SystemClock
from halo_async.auth.credentials import AuthorizationCodeCredentials, CallableCredentials
from halo_async.errors import AuthenticationError, DeadlineExceededError
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Request
from tests.support.scripted_server import answer, stall

OK = answer(200, {"ok": 1})


@pytest.mark.parametrize("timeout", [None, 0.3], ids=["of the client", "of the call"])
@pytest.mark.parametrize("refused", [False, True], ids=["first login", "after a 401"])
async def test_a_login_that_says_nothing_ends_with_the_deadline(server, make, timeout, refused) -> None:
    transport = make(clock=SystemClock(), deadline=900 if timeout else 0.3)
    if refused:
        await transport.token()
        server.on("/api/Tickets", answer(401))
    server.on("/auth/token", stall)
    began = time.monotonic()
    with pytest.raises(DeadlineExceededError, match="GET /Tickets: the login took all of the call's time"):
        await transport.send(Request("GET", "/Tickets", timeout=timeout), decode_json)
    assert time.monotonic() - began < 5


async def test_a_login_goes_on_for_the_next_call(server, make) -> None:
    transport = make(clock=SystemClock(), deadline=0.2)
    over = asyncio.Event()

    async def slow(wire) -> None:
        await over.wait()
        await wire.send(answer(200, {"access_token": "canary-token", "expires_in": 3600}))

    server.on("/auth/token", slow)
    server.on("/api/Tickets", OK)
    with pytest.raises(DeadlineExceededError):
        await transport.send(Request("GET", "/Tickets"), decode_json)
    over.set()
    assert (await transport.token()).generation == 1
    assert await transport.send(Request("GET", "/Tickets"), decode_json) == {"ok": 1}
    assert server.count("/auth/token") == 1


async def test_a_source_of_tokens_that_hangs_ends_with_the_deadline(server, make) -> None:
    async def source() -> str:
        await SystemClock().sleep(60)
        return "never"

    transport = make(credentials=CallableCredentials(source), clock=SystemClock(), deadline=0.2)
    with pytest.raises(DeadlineExceededError):
        await transport.send(Request("GET", "/Tickets"), decode_json)


async def test_the_time_that_a_person_has_at_a_browser_comes_on_top_of_the_deadline(server, make) -> None:
    visited = []
    credentials = AuthorizationCodeCredentials("app", visited.append, wait=0.4)
    transport = make(credentials=credentials, clock=SystemClock(), deadline=0.2)
    with pytest.raises(AuthenticationError, match="nobody came back from the browser"):
        await transport.token()
    assert len(visited) == 1
