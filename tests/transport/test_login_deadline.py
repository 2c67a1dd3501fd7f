"""A call's time includes the login that it waits for."""

from __future__ import annotations

import asyncio

import pytest

from halo_async.auth.credentials import AuthorizationCodeCredentials, CallableCredentials
from halo_async.errors import AuthenticationError, DeadlineExceededError
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Request
from tests.support.loop_time import LoopTime
from tests.support.scripted_server import respond, stall_past

OK = respond(200, {"ok": 1})


@pytest.mark.parametrize("timeout", [None, 30], ids=["of the client", "of the call"])
@pytest.mark.parametrize("refused", [False, True], ids=["first login", "after a 401"])
async def test_a_login_that_says_nothing_ends_with_the_deadline(server, make, timeout, refused) -> None:
    clock = LoopTime()
    transport = make(clock=clock, deadline=900 if timeout else 30)
    if refused:
        await transport.token()
        server.on("/api/Tickets", respond(401))
    server.on("/auth/token", stall_past(31, clock))
    with pytest.raises(DeadlineExceededError, match="GET /Tickets: The login took all of the call's time"):
        await transport.send(Request("GET", "/Tickets", timeout=timeout), decode_json)
    assert server.count("/auth/token") == (2 if refused else 1)


async def test_a_login_goes_on_for_the_next_call(server, make) -> None:
    clock = LoopTime()
    transport = make(clock=clock, deadline=30)
    over = asyncio.Event()

    async def slow(wire) -> None:
        clock.jump(31)
        await over.wait()
        await wire.send(respond(200, {"access_token": "canary-token", "expires_in": 3600}))

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
        clock.jump(31)
        await asyncio.Event().wait()
        return "never"

    clock = LoopTime()
    transport = make(credentials=CallableCredentials(source), clock=clock, deadline=30)
    with pytest.raises(DeadlineExceededError):
        await transport.send(Request("GET", "/Tickets"), decode_json)


async def test_the_time_that_a_person_has_at_a_browser_comes_on_top_of_the_deadline(server, make) -> None:
    visited = []

    def visit(address: str) -> None:
        visited.append(address)
        # Once it is waited for: later than a person may be by himself, sooner than with the deadline on top.
        asyncio.get_running_loop().call_soon(clock.jump, 405)

    clock = LoopTime()
    credentials = AuthorizationCodeCredentials("app", visit, wait=400)
    transport = make(credentials=credentials, clock=clock, deadline=20)
    with pytest.raises(AuthenticationError, match="waiting for the browser login"):
        await transport.token()
    assert len(visited) == 1
