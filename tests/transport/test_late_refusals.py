"""401s of tokens that are not the newest, and of what Halo's login did not give."""

from __future__ import annotations

import asyncio

import pytest

from halo_async.auth.credentials import ApiKeyCredentials, CallableCredentials
from halo_async.errors import PermissionDeniedError
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Request
from tests.support.scripted_server import respond


async def test_f17_a_late_401_is_no_refusal_though_a_record_beside_it_is_refused(server, transport) -> None:
    """Ticket 7 is forbidden; ticket 8's 401 was about a token that has been replaced since."""
    await transport.token()
    late = asyncio.Event()

    async def expired_first(wire) -> None:
        if wire.hit.headers["authorization"].endswith("-1"):
            await late.wait()
            await wire.send(respond(401))
        else:
            await wire.send(respond(200, {"id": 8}))

    server.on("/api/Tickets/7", respond(401))
    server.on("/api/Tickets/8", expired_first)
    waiting = asyncio.create_task(transport.send(Request("GET", "/Tickets/8"), decode_json))
    while server.count("/api/Tickets/8") == 0:
        await asyncio.sleep(0)
    with pytest.raises(PermissionDeniedError):
        await transport.send(Request("GET", "/Tickets/7"), decode_json)
    late.set()
    assert await waiting == {"id": 8}
    assert server.tokens == 2


async def test_a_refused_api_key_is_not_said_to_be_fine(server, make) -> None:
    transport = make(credentials=ApiKeyCredentials("canary-key"))
    server.on("/api/Tickets", respond(401))
    with pytest.raises(
        PermissionDeniedError, match=r"The response is empty. Either the API key is wrong"
    ) as caught:
        await transport.send(Request("GET", "/Tickets"), decode_json)
    assert "although the token is valid" not in str(caught.value)
    assert "canary" not in str(caught.value)


async def test_a_refused_token_of_the_callers_own_is_not_said_to_be_fine(server, make) -> None:
    async def source() -> str:
        return "canary-own"

    transport = make(credentials=CallableCredentials(source))
    server.on("/api/Tickets", respond(401))
    with pytest.raises(
        PermissionDeniedError, match=r"The response is empty. Either the given token is invalid"
    ) as caught:
        await transport.send(Request("GET", "/Tickets"), decode_json)
    assert "the API application lacks the scope read:tickets" in str(caught.value)
    assert "canary" not in str(caught.value)
