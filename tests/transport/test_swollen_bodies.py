"""A body that expands hundreds of times is not asked for again: wherever it comes, one request is made for it."""

from __future__ import annotations

import zlib

import pytest

from halo_async.errors import DecodeError, HaloError, ResponseTooLargeError
from halo_async.transport.body import EXPANSION, is_swollen
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Request
from tests.support.scripted_server import respond

MEGABYTE = 2**20
CAP = 4 * MEGABYTE


def bomb(megabytes: int, status: int = 200) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()
    return respond(status, body, Content_Encoding="gzip")


@pytest.mark.parametrize("status", [200, 201, 401, 408, 429, 500, 502, 503, 504])
async def test_a_response_past_the_cap_is_asked_for_once_whatever_its_status(server, make, status) -> None:
    server.on("/api/Tickets", bomb(16, status))
    with pytest.raises(HaloError) as caught:
        await make(max_bytes=CAP).send(Request("GET", "/Tickets"), decode_json)
    assert isinstance(caught.value, ResponseTooLargeError) is (status < 300)
    assert server.count("/api/Tickets") == 1
    assert server.count("/auth/token") == 1


async def test_a_body_below_the_cap_that_expands_a_thousandfold_and_is_no_json_is_asked_for_once(
    server, make
) -> None:
    server.on("/api/Tickets", bomb(16))
    with pytest.raises(DecodeError):
        await make().send(Request("GET", "/Tickets"), decode_json)
    assert server.count("/api/Tickets") == 1


async def test_a_list_that_packs_well_is_read_all_the_same(server, make) -> None:
    rows = zlib.compress(b"[" + b",".join([b'{"a":null}'] * 200_000) + b"]", 9)
    server.on("/api/Tickets", respond(200, rows, Content_Encoding="deflate"))
    found = await make().send(Request("GET", "/Tickets"), decode_json)
    assert len(found) == 200_000


@pytest.mark.parametrize("status", [200, 500, 503])
@pytest.mark.parametrize("path", ["/auth/token", "/api/authinfo"], ids=["login", "discovery"])
async def test_a_login_that_expands_is_asked_for_once(server, make, path, status) -> None:
    server.on(path, bomb(16, status))
    transport = make(max_bytes=CAP)
    for _ in range(2):  # the second time it is believed
        with pytest.raises(HaloError, match="larger than"):
            await transport.token()
    assert server.count(path) == 1


def test_what_is_swollen_is_told_by_how_much_came_of_how_little() -> None:
    assert is_swollen(1000, 1000 * EXPANSION + MEGABYTE)
    assert not is_swollen(MEGABYTE, MEGABYTE * EXPANSION)
    assert not is_swollen(10, 10 * EXPANSION + 1)  # so little does no harm
