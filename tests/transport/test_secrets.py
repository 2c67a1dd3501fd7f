"""F49: what a canary must never be seen in."""

from __future__ import annotations

import asyncio
import logging
import pickle

import attrs
import pytest

from halo_async._utils.secret import Secret
from halo_async.errors import HaloError
from halo_async.settings import ClientCredentials, Instance, Settings, Timeouts
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from tests.support.scripted_server import (
    SECRET,
    TOKEN,
    hang_up,
    reset,
    respond,
    stall,
    then_close,
    then_stall,
)
from tests.support.secrets_kit import assert_clean, everything_shown

CALL = Request(
    "POST",
    "/Tickets",
    query=(("q", "canary-query"),),
    body=b'["canary-body"]',
    headers=(("X-Extra", "canary-header"),),
    retry="always",
)


HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"o'
FAULTS = {
    "reset": [reset],
    "hang up": [hang_up],
    "no http": [then_close(b"nonsense\r\n\r\n")],
    "bad headers": [then_close(b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 65536 + b"\r\n\r\n")],
    "short body": [then_close(HALF)],
    "silence": [stall],
    "garbled": [respond(200, b"{")],
    "401": [respond(401)],
    "302": [respond(302, Location="https://evil.example/?canary-query")],
    "400": [respond(400, {"id": ["no"]})],
    "429": [respond(429, Retry_After="9999")],
    "500": [respond(500)],
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_f49_no_error_of_a_call_shows_a_secret(server, make, caplog, fault) -> None:
    caplog.set_level(logging.DEBUG)
    transport = make(timeouts=Timeouts(read=0.02))
    server.on("/api/Tickets", *FAULTS[fault])
    with pytest.raises(HaloError) as caught:
        await transport.send(CALL, decode_json)
    assert_clean(everything_shown(caught.value))
    assert_clean(caplog.text)
    assert_clean(repr(transport.__dict__))


LOGIN_FAULTS = {
    "refused": [respond(401, {"error": "invalid_client", "refresh_token": "canary-refresh"})],
    "down": [respond(503)],
    "reset": [reset],
    "silence": [stall],
    "html": [respond(200, b"<html>")],
    "odd": [respond(500, {"access_token": TOKEN, "refresh_token": "canary-refresh"})],
}


@pytest.mark.parametrize("fault", LOGIN_FAULTS)
async def test_f49_no_error_of_a_login_shows_a_secret(server, make, caplog, fault) -> None:
    caplog.set_level(logging.DEBUG)
    transport = make(timeouts=Timeouts(read=0.02), proxy=None)
    server.on("/auth/token", *LOGIN_FAULTS[fault])
    with pytest.raises(HaloError) as caught:
        await transport.send(CALL, decode_json)
    assert_clean(everything_shown(caught.value))
    assert_clean(caplog.text)


@pytest.mark.parametrize("where", [stall, then_stall(HALF)], ids=["before headers", "in the body"])
async def test_f49_a_cancelled_call_shows_no_secret(server, transport, where) -> None:
    await transport.token()
    server.on("/api/Tickets", where)
    call = asyncio.create_task(transport.send(CALL, decode_json))
    while server.count("/api/Tickets") == 0:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await call
    assert_clean(everything_shown(caught.value))


async def test_f53_a_proxy_that_refuses_shows_no_password(server, make) -> None:
    proxy = server.url.replace("http://", "http://user:canary-proxy@")
    transport = make("https://acme.halopsa.com", proxy=proxy)
    server.on(
        "acme.halopsa.com:443", b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    )
    with pytest.raises(
        HaloError, match=r"The proxy refused the connection \(407\) \(acme\.halopsa\.com\)"
    ) as caught:
        await transport.token()
    assert_clean(everything_shown(caught.value))
    assert_clean(repr(transport.__dict__))


async def test_f53_a_proxy_that_is_not_there_shows_no_password(make) -> None:
    transport = make("https://acme.halopsa.com", proxy="http://user:canary-proxy@127.0.0.1:1")
    words = r"The proxy cannot be reached \(acme\.halopsa\.com\)\. Check the proxy's address"
    with pytest.raises(HaloError, match=words) as caught:
        await transport.token()
    assert_clean(everything_shown(caught.value))


async def test_f53_a_proxy_of_the_environment_is_used_only_when_asked_for(server, make, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:canary-proxy@127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    server.on("/api/Tickets", respond(200, {}))
    await make().send(CALL, decode_json)
    with pytest.raises(HaloError, match="The proxy cannot be reached") as caught:
        await make(trust_env=True).send(CALL, decode_json)
    assert_clean(everything_shown(caught.value))


async def test_f53_a_login_in_a_netrc_does_not_get_in_the_way_of_the_token(
    server, make, monkeypatch, tmp_path
) -> None:
    (tmp_path / "netrc").write_text("default login someone password canary-netrc\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.on("/api/Tickets", respond(200, {"record_count": 0}))
    assert await make(trust_env=True).send(CALL, decode_json) == {"record_count": 0}


async def test_f53_a_proxy_that_hangs_up_is_told(server, make) -> None:
    transport = make(
        "https://acme.halopsa.com", proxy=server.url.replace("http://", "http://user:canary-proxy@")
    )
    server.on("acme.halopsa.com:443", hang_up)
    with pytest.raises(HaloError, match=r"\(acme\.halopsa\.com\)") as caught:
        await transport.token()
    assert_clean(everything_shown(caught.value))


async def test_f49_values_do_not_show_what_they_hold(server, transport) -> None:
    server.on("/api/Tickets", respond(200, {"secret": "canary-body"}, Set_Cookie="canary-header"))
    response = await transport.send(CALL, lambda response: response)
    token = await transport._tokens.get()
    settings = Settings(Instance.parse("acme.halopsa.com"), ClientCredentials("id", SECRET))
    for value in (CALL, response, token, settings, transport.statistics()):
        assert_clean(repr(value))
    for value in (settings, settings.credentials):
        assert_clean(repr(attrs.asdict(value)))
    for value in (token, settings, settings.credentials):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(value)


def test_f49_a_secret_can_be_compared_and_revealed_but_not_seen() -> None:
    assert Secret("canary-secret") == Secret(Secret("canary-secret"))
    assert Secret("a") != Secret("b")
    assert Secret("canary-secret").reveal() == "canary-secret"
    assert_clean(f"{Secret('canary-secret')} {Secret('canary-secret')!r} {[Secret('canary-secret')]}")
    assert not Secret("")
