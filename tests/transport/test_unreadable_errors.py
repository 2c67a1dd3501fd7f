"""Responses that say no with a body that cannot be read: the status says enough."""

from __future__ import annotations

import gzip

import pytest

from halo_async.errors import ApiError, BadRequestError, ServerError
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from tests.support.scripted_server import respond, then_close

GET = Request("GET", "/Tickets")
POST = Request("POST", "/Tickets", body=b"[{}]")
OK = respond(200, {"ok": 1})


def bodies(status: int) -> dict[str, object]:
    head = f"HTTP/1.1 {status} X\r\nContent-Length: 99\r\nRetry-After: 2\r\n\r\n".encode()
    return {
        "not gzip": respond(status, b"nonsense", Content_Encoding="gzip", Retry_After="2"),
        "unknown compression": respond(status, b"nonsense", Content_Encoding="br", Retry_After="2"),
        "cut": then_close(head + b'{"Message'),
        "too large": respond(status, b" " * 2_000_000, Retry_After="2"),
    }


def bomb(status: int) -> object:
    return respond(status, gzip.compress(b" " * 9_000_000), Content_Encoding="gzip", Retry_After="2")


@pytest.mark.parametrize("body", bodies(0))
class TestABodyThatCannotBeRead:
    async def test_a_refused_write_is_refused_and_not_of_unknown_outcome(self, server, make, body) -> None:
        server.on("/api/Tickets", bodies(400)[body])
        with pytest.raises(BadRequestError, match="POST /Tickets: 400") as caught:
            await make(max_bytes=1_000_000).send(POST, decode_json)
        assert caught.value.status == 400

    async def test_a_429_is_waited_for(self, server, make, clock, body) -> None:
        server.on("/api/Tickets", bodies(429)[body], OK)
        assert await make(max_bytes=1_000_000).send(POST, decode_json) == {"ok": 1}
        assert clock.monotonic() >= 2.0

    async def test_a_401_renews_the_token(self, server, make, body) -> None:
        server.on("/api/Tickets", bodies(401)[body], OK)
        assert await make(max_bytes=1_000_000).send(POST, decode_json) == {"ok": 1}
        assert server.tokens == 2

    async def test_a_500_is_tried_again_as_any_500(self, server, make, body) -> None:
        server.on("/api/Tickets", bodies(500)[body])
        with pytest.raises(ServerError):
            await make(max_bytes=1_000_000).send(GET, decode_json)
        assert server.count("/api/Tickets") == 3


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_an_error_whose_body_expands_a_thousandfold_is_not_requested_again(
    server, make, status
) -> None:
    server.on("/api/Tickets", bomb(status), OK)
    with pytest.raises(ApiError) as caught:
        await make(max_bytes=1_000_000).send(GET, decode_json)
    assert (caught.value.status, server.count("/api/Tickets")) == (status, 1)
