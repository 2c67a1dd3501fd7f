"""Faults of connections, as they look through a raw socket."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Fault
from tests.support.raw_socket import STATUS, faulty, raw


async def test_f02_reset_before_headers(start):
    response = await raw(await faulty(start, "F02"))
    assert (response.data, response.reset) == (b"", True)


async def test_f02_close_before_headers(start):
    response = await raw(await faulty(start, "F02", "close"))
    assert (response.data, response.reset) == (b"", False)


async def test_f02_what_was_asked_is_done_all_the_same(start):
    wire = await faulty(start, "F02", on="POST /Tickets", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await wire.post("/Tickets", [{"summary": "lost response"}])
    assert (await wire.get("/Tickets/301")).json()["summary"] == "lost response"


async def test_f03_a_kept_alive_connection_is_reset_when_it_is_used_again(start):
    wire = await faulty(start, "F03", times=1)
    host, port = wire.emulator.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET {STATUS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {wire.token}\r\n\r\n".encode()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    await reader.readexactly(length)
    writer.write(request)
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)
    writer.close()


async def test_f04_reset_in_the_middle_of_the_headers(start):
    response = await raw(await faulty(start, "F04", at=20))
    assert (len(response.data), response.reset) == (20, True)


async def test_f05_the_body_is_shorter_than_its_length(start):
    response = await raw(await faulty(start, "F05", at=10))
    assert b"Content-Length: " in response.head
    assert b"Content-Length: 10" not in response.head
    assert len(response.body) == 10


async def test_f06_a_chunked_body_ends_without_its_last_chunk(start):
    response = await raw(await faulty(start, "F06", at=10))
    assert b"Transfer-Encoding: chunked" in response.head
    assert response.body.startswith(b"a\r\n")
    assert not response.body.endswith(b"0\r\n\r\n")


async def test_f06_a_chunk_size_that_is_no_number(start):
    assert (await raw(await faulty(start, "F06", "bad_size"))).body.startswith(b"zz\r\n")


async def test_f07_a_body_without_length_is_cut_where_the_json_is_whole(start):
    wire = await faulty(start, "F07")
    whole = (await wire.post("/Status", [])).status
    response = await raw(wire)
    assert whole == 201
    assert b"Content-Length" not in response.head
    assert len(msgspec.json.decode(response.body)) == 8


@pytest.mark.parametrize(("variant", "least"), [("headers", 1), ("body", 40)])
async def test_f12_a_byte_at_a_time(start, variant, least):
    clock = VirtualClock()
    wire = await start(clock=clock, faults=[Fault("F12", "GET /Status", variant)])
    task = asyncio.create_task(raw(wire))
    for _ in range(5):
        await asyncio.sleep(0.02)
        clock.advance(1)
    await wire.emulator.stop()
    response = await task
    assert least <= len(response.data) < 400


async def test_f13_half_a_body_and_then_nothing(start):
    wire = await faulty(start, "F13")
    with pytest.raises(TimeoutError):
        await raw(wire, timeout=0.2)
    wire.emulator.faults.clear()
    assert (await raw(wire)).status == 200


async def test_f17_a_response_that_comes_late(start):
    clock = VirtualClock()
    wire = await start(clock=clock, faults=[Fault("F17", "GET /Status", options={"seconds": 30})])
    task = asyncio.create_task(raw(wire))
    while clock.sleepers == 0:
        await asyncio.sleep(0.01)
    clock.advance(30)
    assert (await task).status == 200


async def test_f51_a_hundred_headers_and_one_of_64_kb(start):
    many = await raw(await faulty(start, "F51", bytes=800))
    long = await raw(await faulty(start, "F51", "long"))
    assert many.head.count(b"X-Filler-") == 100
    assert len(long.head) > 65_536


@pytest.mark.parametrize(
    ("variant", "start_line"), [("299", b"HTTP/1.1 299"), ("599", b"HTTP/1.1 599"), ("103", b"HTTP/1.1 103")]
)
async def test_f52_unusual_statuses(start, variant, start_line):
    assert (await raw(await faulty(start, "F52", variant))).data.startswith(start_line)


async def test_f52_a_204_with_a_body(start):
    response = await raw(await faulty(start, "F52", "204_with_body"))
    assert response.status == 204
    assert response.body
