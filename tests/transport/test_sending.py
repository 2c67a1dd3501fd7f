from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from halo_async.errors import BadRequestError, NotFoundError, PermissionDeniedError, ServerError
from halo_async.transport import Request, Response, Transport
from halo_async.transport.decode import decode_json
from halo_async.transport.decompression import accepted
from halo_async.transport.session import Session
from tests.support.scripted_server import ScriptedServer, respond

GET = Request("GET", "/Tickets")


async def test_a_call_logs_in_and_carries_the_token(server: ScriptedServer, transport: Transport) -> None:
    server.on("/api/Tickets", respond(200, {"tickets": []}))
    request = Request("GET", "/Tickets", query=(("search", "a b&c=d"), ("open_only", "true")))

    assert await transport.send(request, decode_json) == {"tickets": []}

    info, login, call = server.hits
    assert info.target == "/api/authinfo"
    assert login.target == "/auth/token?tenant=acme"
    assert login.body == b"grant_type=client_credentials&client_id=id&client_secret=canary-secret&scope=all"
    assert call.target == "/api/Tickets?search=a%20b%26c%3Dd&open_only=true"
    assert call.headers["authorization"] == "Bearer canary-token-1"
    assert "authorization" not in info.headers


async def test_the_token_is_fetched_once_for_many_calls(server: ScriptedServer, transport: Transport) -> None:
    server.on("/api/Tickets", respond(200, []))
    await asyncio.gather(*(transport.send(GET, decode_json) for _ in range(50)))
    assert (server.tokens, server.count("/api/Tickets")) == (1, 50)


async def test_responses_that_arrive_together_are_decoded_in_a_turn_of_the_loop_each(
    server: ScriptedServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("/api/Tickets", respond(200, []))
    await transport.send(GET, decode_json)

    async def at_once(self: Session, outgoing: object) -> Response:
        return Response(200, {}, b"[" + b" " * 2**15 + b"]", "application/json", None)

    monkeypatch.setattr(Session, "exchange", at_once)
    decoded: list[int] = []
    tasks = [
        asyncio.ensure_future(transport.send(GET, lambda response, at=at: decoded.append(at)))
        for at in range(8)
    ]
    for number, task in enumerate(tasks):
        await task
        assert decoded[: number + 1] == list(range(number + 1))
        assert len(decoded) <= number + 2  # the others are not decoded before this one is used


async def test_a_body_goes_out_as_json(server: ScriptedServer, transport: Transport) -> None:
    server.on("/api/Tickets", respond(201, {"id": 7}))
    assert await transport.send(Request("POST", "/Tickets", body=b'[{"id":7}]'), decode_json) == {"id": 7}
    assert server.hits[-1].body == b'[{"id":7}]'
    assert server.hits[-1].headers["content-type"] == "application/json"


async def test_a_large_body_goes_out_whole(server: ScriptedServer, transport: Transport) -> None:
    server.on("/api/Attachment", respond(201, {}))
    body = b'["' + b"x" * 3_000_000 + b'"]'
    await transport.send(Request("POST", "/Attachment", body=body), decode_json)
    assert server.hits[-1].body == body


async def test_a_form_goes_out_as_multipart(server: ScriptedServer, transport: Transport) -> None:
    server.on("/api/Upload", respond(200, {}))
    form = (("note", "hello"), ("file", ("a.txt", b"\x00data", "text/plain")))
    await transport.send(Request("POST", "/Upload", form=form), decode_json)
    hit = server.hits[-1]
    assert hit.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="a.txt"' in hit.body
    assert b"\x00data" in hit.body
    assert b"hello" in hit.body


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
        ("identity", bytes),
    ],
    ids=["gzip", "deflate", "bare deflate", "two gzip members", "none"],
)
async def test_compressed_responses_are_read(server, transport, encoding, pack) -> None:
    server.on(
        "/api/Tickets",
        respond(200, pack(b'{"summary":"' + b"x" * 700_000 + b'"}'), Content_Encoding=encoding),
    )
    assert len((await transport.send(GET, decode_json))["summary"]) == 700_000
    assert server.hits[-1].headers["accept-encoding"] == accepted()


async def test_a_response_tells_its_type_and_headers_in_any_case(server, transport) -> None:
    server.on("/api/Tickets", respond(200, b"x", Content_Type='Text/HTML; Charset="UTF-8"', X_Thing="1"))

    def keep(response: Response) -> Response:
        return response

    response = await transport.send(GET, keep)
    assert (response.content_type, response.charset, response.headers["x-THING"]) == (
        "text/html",
        "utf-8",
        "1",
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, BadRequestError), (404, NotFoundError), (403, PermissionDeniedError), (599, ServerError)],
)
async def test_a_status_becomes_its_error_without_a_repeat(server, transport, status, expected) -> None:
    server.on("/api/Tickets", respond(status, "said Halo", X_Request_Id="r-1"))
    with pytest.raises(expected) as caught:
        await transport.send(GET, decode_json)
    assert (caught.value.status, caught.value.message, caught.value.request_id) == (
        status,
        "said Halo",
        "r-1",
    )
    assert (caught.value.method, caught.value.path) == ("GET", "/Tickets")
    assert server.count("/api/Tickets") == 1


@pytest.mark.parametrize("status", [204, 299])
async def test_other_successes_are_successes(server, transport, status) -> None:
    body = b"" if status == 204 else b"1"
    server.on("/api/Tickets", respond(status, body, Content_Length="" if status == 204 else "1"))
    assert await transport.send(GET, decode_json) == (None if status == 204 else 1)


async def test_statistics_count_requests_and_tokens(server, limited) -> None:
    server.on("/api/Tickets", respond(200, []))
    for _ in range(3):
        await limited.send(GET, decode_json)
    statistics = limited.statistics()
    assert (statistics.requests, statistics.retries, statistics.tokens) == (3, 0, 1)
    assert statistics.remaining == 300 - 3 - 1  # asking for the login address is a call of the API too


async def test_token_logs_in_without_a_call(server, transport) -> None:
    await transport.token()
    assert (server.tokens, transport.statistics().requests) == (1, 0)
