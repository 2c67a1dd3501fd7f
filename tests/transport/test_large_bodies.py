"""Large responses: put together and decoded in a thread, one at a time, so that the event loop goes on."""

from __future__ import annotations

import asyncio
import gzip
import threading
from typing import Any

import pytest

from halo_async.errors import DecodeError
from halo_async.transport import Request, Response, Transport
from halo_async.transport.decode import decode_json
from halo_async.transport.types import AT_ONCE
from tests.support.scripted_server import ScriptedServer, respond

GET = Request("GET", "/Tickets")
LARGE = ["x" * 1000] * (AT_ONCE // 1000 + 1)


def told_where(response: Response) -> tuple[threading.Thread, Any]:
    return threading.current_thread(), decode_json(response)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_large_body_is_decoded_in_a_thread(
    server: ScriptedServer, transport: Transport, packed: bool
) -> None:
    body = respond(200, LARGE)
    if packed:
        _, _, plain = body.partition(b"\r\n\r\n")
        server.on("/api/Tickets", respond(200, gzip.compress(plain), content_encoding="gzip"))
    else:
        server.on("/api/Tickets", body)
    thread, value = await transport.send(GET, told_where)
    assert thread is not threading.current_thread()
    assert value == LARGE


async def test_a_small_body_is_decoded_where_it_is(server: ScriptedServer, transport: Transport) -> None:
    server.on("/api/Tickets", respond(200, LARGE[:1000]))
    thread, value = await transport.send(GET, told_where)
    assert thread is threading.current_thread()
    assert value == LARGE[:1000]


async def test_the_event_loop_goes_on_while_a_large_body_is_decoded(
    server: ScriptedServer, transport: Transport
) -> None:
    server.on("/api/Tickets", respond(200, LARGE))
    loop, went_on = asyncio.get_running_loop(), threading.Event()

    def decode(response: Response) -> bool:
        loop.call_soon_threadsafe(went_on.set)
        return went_on.wait(10)

    assert await transport.send(GET, decode)


async def test_large_bodies_are_decoded_one_at_a_time(server: ScriptedServer, transport: Transport) -> None:
    server.on("/api/Tickets", respond(200, LARGE))
    at_work, most = 0, 0

    def decode(response: Response) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        decode_json(response)
        at_work -= 1

    await asyncio.gather(*(transport.send(GET, decode) for _ in range(4)))
    assert (at_work, most) == (0, 1)


async def test_a_large_body_that_is_not_json_is_refused_as_a_small_one(
    server: ScriptedServer, transport: Transport
) -> None:
    body = respond(200, LARGE)
    server.on("/api/Tickets", body[:-1] + b"x")
    with pytest.raises(DecodeError, match="is not valid JSON"):
        await transport.send(GET, decode_json)
