from __future__ import annotations

import asyncio
import gzip
import socket

import pytest

from halo_async.errors import (
    AttemptTimeoutError,
    AuthenticationError,
    ConnectionFailedError,
    DeadlineExceededError,
    DecodeError,
    DiscoveryError,
    HaloError,
    TransportError,
    UnexpectedContentTypeError,
    UnknownOutcomeError,
)
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from tests.support.loop_time import LoopTime
from tests.support.scripted_server import hang_up, reset, respond, stall_past, then_close, then_reset

GET = Request("GET", "/Tickets", query=(("search", "canary-query"),))
POST = Request("POST", "/Tickets", body=b"[{}]")
DELETE = Request("DELETE", "/Tickets/7")
OK = respond(200, {"ok": 1})


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


async def test_f01_a_refused_connection_is_tried_again_and_then_told(make, clock) -> None:
    port = unused_port()
    transport = make(f"http://127.0.0.1:{port}", auth_url=f"http://127.0.0.1:{port}/auth")
    with pytest.raises(AuthenticationError, match=rf"refused \(127\.0\.0\.1:{port}\)"):
        await transport.send(GET, decode_json)
    assert clock.monotonic() > 0


async def test_f01_refused_after_the_login_even_a_write_is_tried_again(server, make) -> None:
    transport = make()
    await transport.token()
    server.on("/api/Tickets", OK)
    original = transport._shared.instance
    object.__setattr__(transport._shared, "instance", type(original)("http", "127.0.0.1", unused_port()))
    with pytest.raises(ConnectionFailedError, match=r"POST /Tickets: .*refused") as caught:
        await transport.send(POST, decode_json)
    assert len(caught.value.history) == 5
    assert isinstance(caught.value.__cause__, OSError)
    assert transport.statistics().retries == 4


async def test_f01_an_unknown_host_is_a_discovery_error_without_the_query(make) -> None:
    transport = make("https://no-such-host.invalid")
    with pytest.raises(DiscoveryError, match=r"No such host name \(no-such-host\.invalid\)") as caught:
        await transport.send(GET, decode_json)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        reset,
        hang_up,
        then_reset(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        then_close(b"HTTP/1.1 200 OK\r\nX-Partial: canary-header"),
        then_close(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"ok": 1}'),
        then_reset(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"ok": 1}'),
        then_close(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"ok": 1}\r\n'),
        then_close(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"ok"'),
        then_close(b"SSH-2.0-OpenSSH_9.7\r\n"),
    ],
    ids=[
        "F02 reset before headers",
        "F02 closed before headers",
        "F04 reset in the headers",
        "F04 closed in the headers",
        "F05 short body",
        "F05 reset in the body",
        "F06 chunks without an end",
        "F06 cut in a chunk",
        "no HTTP at all",
    ],
)
class TestLostResponses:
    async def test_a_read_is_tried_again(self, server, transport, fault) -> None:
        server.on("/api/Tickets", fault, fault, OK)
        assert await transport.send(GET, decode_json) == {"ok": 1}
        assert server.count("/api/Tickets") == 3

    async def test_a_read_gives_up_in_the_end(self, server, transport, fault) -> None:
        server.on("/api/Tickets", fault)
        with pytest.raises(ConnectionFailedError) as caught:
            await transport.send(GET, decode_json)
        assert server.count("/api/Tickets") == 5
        assert [attempt.number for attempt in caught.value.history] == [1, 2, 3, 4, 5]
        assert "canary" not in f"{caught.value} {caught.value.__cause__}"
        assert caught.value.__cause__ is not None

    async def test_a_write_is_sent_once_and_its_outcome_is_unknown(self, server, transport, fault) -> None:
        server.on("/api/Tickets", fault)
        with pytest.raises(UnknownOutcomeError, match=r"POST /Tickets: .*Read it back") as caught:
            await transport.send(POST, decode_json)
        assert server.count("/api/Tickets") == 1
        assert isinstance(caught.value.__cause__, TransportError)

    async def test_a_write_that_may_be_repeated_is(self, server, transport, fault) -> None:
        server.on("/api/Tickets", fault, OK)
        request = Request("POST", "/Tickets", body=b"[{}]", retry="always")
        assert await transport.send(request, decode_json) == {"ok": 1}

    async def test_nothing_is_repeated_when_the_caller_says_so(self, server, transport, fault) -> None:
        server.on("/api/Tickets", fault)
        with pytest.raises(ConnectionFailedError):
            await transport.send(Request("GET", "/Tickets", retry="never"), decode_json)
        assert server.count("/api/Tickets") == 1

    async def test_a_delete_that_finds_nothing_the_second_time_has_worked(
        self, server, transport, fault
    ) -> None:
        server.on("/api/Tickets/7", fault, respond(404))
        gone = await transport.send(DELETE, lambda response: (response.already_gone, response.body))
        assert gone == (True, b"")


async def test_a_delete_that_finds_nothing_at_first_is_an_error(server, transport) -> None:
    server.on("/api/Tickets/7", respond(404))
    with pytest.raises(HaloError, match="404"):
        await transport.send(DELETE, decode_json)


@pytest.mark.parametrize("request_", [GET, DELETE], ids=["GET", "DELETE"])
async def test_f03_aiohttps_own_resend_is_off(server, transport, request_) -> None:
    path = f"/api{request_.path}"
    server.on(path, OK, hang_up)
    await transport.send(request_, decode_json)  # leaves a connection to be used again
    once = Request(request_.method, request_.path, retry="never")
    with pytest.raises(ConnectionFailedError):
        await transport.send(once, decode_json)
    assert server.count(path) == 2


def test_f03_the_private_switches_of_the_resend_and_of_cookies_still_exist() -> None:
    import inspect

    import aiohttp

    assert "_retry_connection" in inspect.getsource(aiohttp.ClientSession._request)
    assert "_retry_connection" in aiohttp.ClientSession.ATTRS
    assert "self._cookie_jar" in inspect.getsource(aiohttp.ClientSession._request)
    assert "_cookie_jar" in aiohttp.ClientSession.ATTRS


async def test_f03_a_connection_closed_while_idle_harms_nobody(server, transport) -> None:
    server.on("/api/Tickets", respond(200, {"ok": 1}, close=True))
    for _ in range(3):
        assert await transport.send(POST, decode_json) == {"ok": 1}
        await asyncio.sleep(0.01)
    assert server.count("/api/Tickets") == 3


async def test_f12_a_server_that_says_nothing_is_given_up(server, make) -> None:
    clock = LoopTime()
    transport = make()
    server.on("/api/Tickets", stall_past(61, clock))
    with pytest.raises(AttemptTimeoutError, match=r"GET /Tickets: No response in time \(127\.0\.0\.1:\d+\)"):
        await transport.send(GET, decode_json)
    assert server.count("/api/Tickets") == 5


async def test_f12_headers_that_trickle_in_end_with_the_attempt(server, make) -> None:
    clock, sent = LoopTime(), []

    async def trickle(wire) -> None:
        await wire.send(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            await wire.send(b"X-%d: y\r\n" % number)
            sent.append(number)
            clock.jump(5)  # of 60 seconds without a byte, and 120 in total
            await asyncio.sleep(0.001)

    transport = make()
    server.on("/api/Tickets", trickle)
    with pytest.raises(AttemptTimeoutError):
        await transport.send(Request("GET", "/Tickets", retry="never"), decode_json)
    assert 120 // 5 - 1 <= len(sent) < 1000


async def test_f12_a_body_that_trickles_in_is_given_up(server, make) -> None:
    async def drip(wire) -> None:
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            await wire.send(b" ")
            clock.jump(5)
            await asyncio.sleep(0.001)

    clock = LoopTime()
    transport = make()
    server.on("/api/Tickets", drip, OK)
    assert await transport.send(GET, decode_json) == {"ok": 1}


async def test_f13_a_stall_in_the_body_is_tried_again(server, make) -> None:
    clock = LoopTime()
    transport = make()
    server.on("/api/Tickets", stall_past(61, clock, b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"ok'), OK)
    assert await transport.send(GET, decode_json) == {"ok": 1}


async def test_f12_the_callers_timeout_covers_the_whole_call(server, make) -> None:
    clock = LoopTime()
    transport = make(clock=clock)
    await transport.token()
    server.on("/api/Tickets", stall_past(31, clock))
    with pytest.raises(AttemptTimeoutError):
        await transport.send(Request("GET", "/Tickets", timeout=30), decode_json)
    assert server.count("/api/Tickets") == 1


async def test_the_callers_timeout_covers_the_login_too(server, make) -> None:
    clock = LoopTime()
    transport = make(clock=clock)
    server.on("/auth/token", stall_past(31, clock))
    with pytest.raises(DeadlineExceededError, match="login"):
        await transport.send(Request("GET", "/Tickets", timeout=30), decode_json)


async def test_no_sleep_goes_beyond_the_deadline(server, make, clock) -> None:
    transport = make(deadline=2.0, random=lambda: 1.0)
    server.on("/api/Tickets", respond(503))
    with pytest.raises(HaloError):
        await transport.send(GET, decode_json)
    assert clock.monotonic() <= 2.0


@pytest.mark.parametrize("body", [b'{"ok":', b"[1] x", b"{}{}"])
async def test_f08_malformed_json_is_read_again_twice(server, transport, body) -> None:
    server.on("/api/Tickets", respond(200, body))
    with pytest.raises(DecodeError, match=r"GET /Tickets: The response .* is not valid JSON"):
        await transport.send(GET, decode_json)
    assert server.count("/api/Tickets") == 3


async def test_f08_a_response_that_makes_sense_the_second_time_is_taken(server, transport) -> None:
    server.on("/api/Tickets", respond(200, b'{"ok":'), OK)
    assert await transport.send(GET, decode_json) == {"ok": 1}


async def test_f08_a_write_is_not_repeated_for_a_senseless_response(server, transport) -> None:
    server.on("/api/Tickets", respond(201, b'{"ok":'))
    with pytest.raises(UnknownOutcomeError, match="may or may not have happened") as caught:
        await transport.send(POST, decode_json)
    assert isinstance(caught.value.__cause__, DecodeError)
    assert server.count("/api/Tickets") == 1


async def test_f09_a_login_page_is_no_response(server, transport) -> None:
    server.on("/api/Tickets", respond(200, b"<html><body>Sign in</body></html>", Content_Type="text/html"))
    with pytest.raises(UnexpectedContentTypeError, match="Sign in"):
        await transport.send(GET, decode_json)
    assert server.count("/api/Tickets") == 3


async def test_f52_a_part_of_a_document_is_no_response(server, transport) -> None:
    server.on("/api/Tickets", respond(206, {"ok": 1}), OK)
    assert await transport.send(GET, decode_json) == {"ok": 1}


async def test_f52_an_interim_response_is_passed_over(server, transport) -> None:
    server.on("/api/Tickets", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK)
    assert await transport.send(GET, decode_json) == {"ok": 1}


async def test_f52_a_204_with_a_body_counts_as_a_broken_response(server, transport) -> None:
    server.on("/api/Tickets", respond(204, b"stray"), OK)
    assert await transport.send(GET, decode_json) == {"ok": 1}
    server.on("/api/Tickets", respond(204, b"stray"), OK)
    with pytest.raises(UnknownOutcomeError):
        await transport.send(POST, decode_json)


async def test_f51_a_header_line_beyond_all_measure_is_a_typed_error(server, transport) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 65536 + b"\r\n"
    server.on("/api/Tickets", then_close(head + b'Content-Length: 9\r\n\r\n{"ok": 1}'))
    with pytest.raises(ConnectionFailedError, match="not valid HTTP") as caught:
        await transport.send(GET, decode_json)
    assert len(str(caught.value)) < 200


async def test_f51_many_large_headers_harm_nobody(server, transport) -> None:
    head = b"".join(b"X-%d: " % number + b"y" * 8000 + b"\r\n" for number in range(100))
    server.on("/api/Tickets", b"HTTP/1.1 200 OK\r\n" + head + b'Content-Length: 9\r\n\r\n{"ok": 1}')
    assert await transport.send(GET, decode_json) == {"ok": 1}


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b'{"ok":1}' * 1000)[:-12]),
        ("gzip", b"no gzip at all"),
        ("deflate", b"no deflate"),
        ("br", b'{"ok":1}'),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"1"))),
    ],
    ids=["truncated", "not gzip", "not deflate", "br", "zstd", "nested"],
)
async def test_f43_broken_compression_is_a_decode_error(server, transport, encoding, body) -> None:
    server.on("/api/Tickets", respond(200, body, Content_Encoding=encoding))
    with pytest.raises(DecodeError, match="compress"):
        await transport.send(GET, decode_json)
    assert server.count("/api/Tickets") == 3


@pytest.mark.parametrize("packed", [True, False], ids=["F43 bomb", "F42 plain"])
async def test_a_response_beyond_the_cap_is_dropped_at_once(server, make, packed) -> None:
    transport = make(max_bytes=1_000_000)
    body = b" " * 200_000_000 if packed else b" " * 5_000_000
    data = gzip.compress(body, 1) if packed else body
    server.on("/api/Tickets", respond(200, data, Content_Encoding="gzip" if packed else ""))
    with pytest.raises(DecodeError, match=r"larger than 1000000 bytes\. Raise max_bytes="):
        await transport.send(GET, decode_json)
    assert server.count("/api/Tickets") == 1
