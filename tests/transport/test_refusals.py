"""Responses that say no: 401, 429, 5xx, redirects."""

from __future__ import annotations

import asyncio
import random

import pytest

from halo_async.errors import (
    AuthenticationError,
    BadRequestError,
    HaloError,
    LoginUnavailableError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    UnexpectedRedirectError,
    UnknownOutcomeError,
)
from halo_async.settings import RateLimit
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from tests.support.scripted_server import respond

GET = Request("GET", "/Tickets")
POST = Request("POST", "/Tickets", body=b"[{}]")
OK = respond(200, {"ok": 1})


def needs_token(server, number: int):
    """Reply that accepts tokens from this number on and returns 401 to older ones."""

    async def reply(wire) -> None:
        sent = int(wire.hit.headers["authorization"].rpartition("-")[2])
        await wire.send(OK if sent >= number else respond(401))

    return reply


# 401 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [GET, POST], ids=["GET", "POST"])
async def test_f14_an_expired_token_costs_one_login_and_one_replay(server, transport, request_) -> None:
    server.on("/api/Tickets", needs_token(server, 2))
    assert await transport.send(request_, decode_json) == {"ok": 1}
    assert (server.tokens, server.count("/api/Tickets")) == (2, 2)


@pytest.mark.parametrize("cancel_first", [False, True], ids=["F15", "F16"])
async def test_two_hundred_401s_make_one_login(server, transport, cancel_first) -> None:
    await transport.token()
    server.on("/api/Tickets", needs_token(server, 2))
    calls = [asyncio.create_task(transport.send(GET, decode_json)) for _ in range(200)]
    if cancel_first:
        while server.tokens < 2 and not any(hit.path == "/auth/token" for hit in server.hits[2:]):
            await asyncio.sleep(0)
        calls[0].cancel()
    got = await asyncio.gather(*calls, return_exceptions=True)
    assert server.tokens == 2
    assert got[cancel_first:] == [{"ok": 1}] * (200 - cancel_first)


async def test_f18_a_missing_permission_is_told_after_one_login(server, transport) -> None:
    server.on("/api/Invoice", respond(401))
    with pytest.raises(
        PermissionDeniedError, match=r"GET /Invoice: 401\. .*read:invoices.*role of its agent"
    ):
        await transport.send(Request("GET", "/Invoice"), decode_json)
    assert (server.tokens, server.count("/api/Invoice")) == (2, 2)


async def test_f18_a_missing_permission_is_remembered(server, transport) -> None:
    for path in ("/api/Invoice", "/api/Invoice/7", "/api/Invoice/8"):
        server.on(path, respond(401))
    for path in ("/Invoice", "/Invoice", "/Invoice/7", "/Invoice/8"):
        with pytest.raises(PermissionDeniedError):
            await transport.send(Request("GET", path), decode_json)
    assert server.tokens == 3  # the first login, one for the list, one for the records


async def test_f18_alternating_forbidden_paths_do_not_hammer_the_login(server, transport) -> None:
    for path in ("/api/Invoice", "/api/Quotation"):
        server.on(path, respond(401))
    for path in ("/Invoice", "/Quotation") * 10:
        with pytest.raises(PermissionDeniedError):
            await transport.send(Request("GET", path), decode_json)
    assert server.tokens == 3


async def test_a_permission_that_was_granted_since_is_noticed(server, transport) -> None:
    server.on("/api/Invoice", respond(401), respond(401), OK, needs_token(server, 3))
    request = Request("GET", "/Invoice")
    with pytest.raises(PermissionDeniedError):
        await transport.send(request, decode_json)
    assert await transport.send(request, decode_json) == {"ok": 1}
    assert await transport.send(request, decode_json) == {"ok": 1}  # expired meanwhile: renewed again
    assert server.tokens == 3


async def test_f19_a_login_service_that_is_down_is_told(server, transport) -> None:
    server.on("/auth/token", respond(503))
    got = await asyncio.gather(*(transport.send(GET, decode_json) for _ in range(50)), return_exceptions=True)
    assert {type(error) for error in got} == {LoginUnavailableError}
    assert server.count("/auth/token") == 4
    assert server.count("/api/Tickets") == 0


async def test_f20_a_wrong_secret_is_asked_about_once(server, transport) -> None:
    server.on("/auth/token", respond(401, {"error": "invalid_client"}))
    for _ in range(3):
        with pytest.raises(AuthenticationError, match="Check the client id and the client secret"):
            await transport.send(GET, decode_json)
    assert server.count("/auth/token") == 1


async def test_f20_a_wrong_tenant_is_named(server, make) -> None:
    transport = make(tenant="acmee")
    server.on("/auth/token", respond(500))
    with pytest.raises(AuthenticationError, match="tenant 'acmee'"):
        await transport.token()
    assert server.count("/auth/token") == 1


# 429 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [GET, POST], ids=["GET", "POST"])
async def test_f23_a_429_is_waited_for_whatever_the_call(server, limited, clock, request_) -> None:
    server.on("/api/Tickets", respond(429, Retry_After="3"), OK)
    assert await limited.send(request_, decode_json) == {"ok": 1}
    assert 3.0 <= clock.monotonic() <= 3.4
    assert limited.statistics().throttled == 1
    assert limited.statistics().waited >= 3.0


async def test_f23_a_429_holds_every_call_back(server, limited, clock) -> None:
    server.on("/api/Tickets", respond(429, Retry_After="3"), OK)
    await asyncio.gather(limited.send(GET, decode_json))
    began = clock.monotonic()
    server.on("/api/Tickets", respond(429, Retry_After="5"), OK)
    await asyncio.gather(*(limited.send(GET, decode_json) for _ in range(30)))
    assert clock.monotonic() - began >= 5.0
    assert server.count("/api/Tickets") == 2 + 31


async def test_f23_a_burst_of_429s_is_survived_by_all(server, limited) -> None:
    await limited.token()
    server.on("/api/Tickets", *[respond(429, Retry_After="3")] * 150, OK)
    assert await asyncio.gather(*(limited.send(GET, decode_json) for _ in range(200))) == [{"ok": 1}] * 200


@pytest.mark.parametrize("text", ["0", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_f24_a_time_that_is_over_still_means_a_pause(server, limited, clock, text) -> None:
    server.on("/api/Tickets", respond(429, Retry_After=text), respond(429, Retry_After=text), OK)
    await limited.send(GET, decode_json)
    assert clock.monotonic() >= 2.0


@pytest.mark.parametrize("text", ["31536000", "Fri, 31 Dec 2100 00:00:00 GMT"])
async def test_f24_a_wait_that_is_too_long_is_reported_at_once(server, limited, clock, text) -> None:
    server.on("/api/Tickets", respond(429, Retry_After=text))
    with pytest.raises(RateLimitError) as caught:
        await limited.send(GET, decode_json)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 330
    assert clock.monotonic() == 0.0


@pytest.mark.parametrize("text", ["soon", "-3", "nan", "inf"])
async def test_f24_a_senseless_time_counts_as_none(server, limited, clock, text) -> None:
    server.on("/api/Tickets", respond(429, Retry_After=text), OK)
    assert await limited.send(GET, decode_json) == {"ok": 1}
    assert clock.monotonic() == 300.0


async def test_f25_without_a_time_the_window_is_waited_for(server, limited, clock) -> None:
    server.on("/api/Tickets", OK, OK, respond(429), OK)
    for _ in range(2):
        await limited.send(GET, decode_json)
        clock.advance(50)
    assert await limited.send(GET, decode_json) == {"ok": 1}
    assert clock.monotonic() == 300.0
    assert limited.statistics().throttled == 1


async def test_f25_a_thousand_pages_meet_no_429(server, make, clock) -> None:
    transport = make(rate_limit=RateLimit(300, 300))
    server.on("/api/Tickets", OK)
    for _ in range(20):
        await asyncio.gather(*(transport.send(GET, decode_json) for _ in range(50)))
    assert server.count("/api/Tickets") == 1000
    assert transport.statistics().throttled == 0
    assert 900 <= clock.monotonic() <= 900 / 0.97


async def test_a_429_is_reported_when_the_time_is_over(server, make, clock) -> None:
    transport = make(deadline=100.0, rate_limit=RateLimit(300, 300))
    server.on("/api/Tickets", respond(429))
    with pytest.raises(RateLimitError):
        await transport.send(GET, decode_json)
    assert clock.monotonic() < 100


# 5xx ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reads"), [(500, 3), (502, 7), (503, 7), (504, 2), (408, 7), (425, 7), (501, 1), (599, 1)]
)
async def test_f27_a_read_is_tried_again_by_the_table(server, transport, status, reads) -> None:
    server.on("/api/Tickets", respond(status))
    with pytest.raises(HaloError) as caught:
        await transport.send(GET, decode_json)
    assert server.count("/api/Tickets") == reads
    assert len(caught.value.history) == (reads if reads > 1 else 0)


@pytest.mark.parametrize("status", [408, 425, 500, 503])
async def test_f27_a_write_is_not(server, transport, status) -> None:
    server.on("/api/Tickets", respond(status))
    with pytest.raises((ServerError, BadRequestError)):
        await transport.send(POST, decode_json)
    assert server.count("/api/Tickets") == 1


@pytest.mark.parametrize("status", [502, 504])
async def test_f27_a_write_that_a_gateway_gave_up_on_may_have_happened(server, transport, status) -> None:
    server.on("/api/Tickets", respond(status))
    with pytest.raises(UnknownOutcomeError, match=rf"^POST /Tickets: {status}\b.*may or may not") as caught:
        await transport.send(POST, decode_json)
    assert server.count("/api/Tickets") == 1
    assert isinstance(caught.value.__cause__, ServerError)
    assert caught.value.__cause__.status == status


@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateways_response_to_a_write_that_does_no_harm_twice_is_itself(
    server, transport, status
) -> None:
    server.on("/api/Tickets", respond(status))
    with pytest.raises(ServerError):
        await transport.send(Request("POST", "/Tickets", body=b"[{}]", retry="always"), decode_json)


async def test_a_write_is_repeated_after_503_when_asked_for(server, transport, clock) -> None:
    server.on("/api/Tickets", respond(503, Retry_After="2"), OK)
    assert await transport.send(POST, decode_json) == {"ok": 1}
    assert clock.monotonic() >= 2.0


async def test_a_report_that_the_gateway_cut_is_not_run_again(server, transport) -> None:
    server.on("/api/Report/3", respond(504))
    with pytest.raises(ServerError):
        await transport.send(Request("GET", "/Report/3"), decode_json)
    assert server.count("/api/Report/3") == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_f27_random_trouble_costs_no_call(server, make, seed) -> None:
    dice = random.Random(seed)

    async def sometimes(wire) -> None:
        await wire.send(respond(dice.choice([502, 503])) if dice.random() < 0.3 else OK)

    transport = make(random=dice.random)
    server.on("/api/Tickets", sometimes)
    got = [await transport.send(GET, decode_json) for _ in range(200)]
    assert got == [{"ok": 1}] * 200
    assert server.count("/api/Tickets") <= 200 * 1.6


async def test_f27_a_total_outage_costs_35_repeats_and_no_more(server, transport) -> None:
    server.on("/api/Tickets", respond(503))
    got = await asyncio.gather(*(transport.send(GET, decode_json) for _ in range(60)), return_exceptions=True)
    assert {type(error) for error in got} == {ServerError}
    assert server.count("/api/Tickets") <= 60 + 35
    assert any("retry budget" in note for error in got for note in getattr(error, "__notes__", []))


# 3xx ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["{url}/api/Other", "http://localhost:1/steal", "https://evil.example/?a=canary"]
)
async def test_f40_a_redirect_is_never_followed(server, transport, status, target) -> None:
    server.on(
        "/api/Tickets", respond(status, Location=target.format(url=server.url), Set_Cookie="session=canary")
    )
    with pytest.raises(UnexpectedRedirectError) as caught:
        await transport.send(GET, decode_json)
    assert "canary" not in str(caught.value)
    assert [hit.path for hit in server.hits] == ["/api/authinfo", "/auth/token", "/api/Tickets"]


async def test_f40_a_login_that_redirects_is_not_followed(server, transport) -> None:
    server.on("/auth/token", respond(307, Location=f"{server.url}/elsewhere"))
    with pytest.raises(AuthenticationError):
        await transport.token()
    assert server.count("/elsewhere") == 0


async def test_cookies_are_not_kept(server, transport) -> None:
    server.on("/api/Tickets", respond(200, {"ok": 1}, Set_Cookie="session=x; Path=/"))
    await transport.send(GET, decode_json)
    await transport.send(GET, decode_json)
    assert "cookie" not in server.hits[-1].headers


async def test_field_errors_arrive_at_the_caller(server, transport) -> None:
    server.on("/api/Tickets", respond(400, {"[1].outcome_id": ["The value 'x' is not valid."]}))
    with pytest.raises(BadRequestError, match="element 1, outcome_id: The value 'x' is not valid") as caught:
        await transport.send(POST, decode_json)
    assert [(item.index, item.field) for item in caught.value.fields] == [(1, "outcome_id")]


async def test_an_api_key_goes_out_in_its_own_header_and_is_never_renewed(server, make) -> None:
    from halo_async.auth.credentials import ApiKeyCredentials

    transport = make(credentials=ApiKeyCredentials("canary-key"))
    server.on("/api/Tickets", OK, respond(401))
    await transport.send(GET, decode_json)
    assert server.hits[0].headers["x-halo-api-key"] == "canary-key"
    assert "authorization" not in server.hits[0].headers
    with pytest.raises(PermissionDeniedError):
        await transport.send(GET, decode_json)
    assert [hit.path for hit in server.hits] == ["/api/Tickets"] * 2
