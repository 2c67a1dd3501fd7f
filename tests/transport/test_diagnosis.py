from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from halo_async._utils.secret import Secret
from halo_async.auth.tokens import Token
from halo_async.settings import Instance
from halo_async.transport.diagnosis import DiagnosisStep, diagnose, granted_scopes
from tests.support.loop_time import LoopTime
from tests.support.scripted_server import hang_up, respond, stall_past


async def steps(transport, url: str) -> list[DiagnosisStep]:
    return [step async for step in diagnose(transport, Instance.parse(url))]


async def test_a_good_connection_is_told_step_by_step(server, transport) -> None:
    server.on("/api/Tickets", respond(200, {"tickets": []}))
    found = await steps(transport, server.url)
    assert [(step.name, step.ok) for step in found] == [
        ("name", True),
        ("tls", True),
        ("instance", True),
        ("login", True),
        ("call", True),
    ]
    assert found[1].said == "plain http, which only this machine may have"
    assert found[2].said == f"a Halo instance whose login is at {server.url}/auth, tenant acme"
    assert found[3].said == "logged in with the scopes: all"
    assert found[4].said.startswith("GET /Tickets responds in ")


@pytest.mark.parametrize(
    ("path", "reply", "failed", "words"),
    [
        ("/api/authinfo", respond(404), "instance", "does not look like a Halo instance"),
        ("/api/authinfo", hang_up, "instance", "connection was closed"),
        (
            "/auth/token",
            respond(401, {"error": "invalid_client"}),
            "login",
            "Check the client id and the client secret",
        ),
        ("/api/Tickets", respond(401), "call", "The login works. GET /Tickets: 401"),
        ("/api/Tickets", respond(500), "call", "GET /Tickets: 500"),
    ],
)
async def test_the_first_thing_that_is_wrong_is_the_last_that_is_looked_at(
    server, transport, path, reply, failed, words
) -> None:
    server.on(path, reply)
    found = await steps(transport, server.url)
    assert [step.ok for step in found[:-1]] == [True] * (len(found) - 1)
    assert (found[-1].name, found[-1].ok) == (failed, False)
    assert words in found[-1].said


@pytest.mark.parametrize(
    ("path", "failed", "words"),
    [
        ("/api/authinfo", "instance", "127.0.0.1 did not return the address of its login within 30 s"),
        ("/auth/token", "login", "did not respond within 30 s. Retry later"),
    ],
)
async def test_a_service_that_says_nothing_is_told_before_anybody_gives_up(
    server, transport, path, failed, words
) -> None:
    server.on(path, stall_past(31, LoopTime()))
    last = (await steps(transport, server.url))[-1]
    assert server.count(path) == 1
    assert (last.name, last.ok) == (failed, False)
    assert words in last.said


async def test_a_name_that_is_none_is_told_first(make) -> None:
    transport = make("https://no-such-host.invalid")
    (step,) = await steps(transport, "https://no-such-host.invalid")
    assert (step.name, step.ok) == ("name", False)
    assert "Check its spelling" in step.said


def token(text: str, scope: str = "") -> Token:
    return Token(Secret(text), 3600, 1, 0, 0, scope)


def jwt(claims: str) -> str:
    return "e30." + urlsafe_b64encode(claims.encode()).rstrip(b"=").decode() + ".sig"


@pytest.mark.parametrize(
    ("given", "scopes"),
    [
        (token("opaque", "b a a"), ("a", "b")),
        (token(jwt('{"scope":"read:tickets all"}')), ("all", "read:tickets")),
        (token(jwt('{"scope":"read:tickets"}'), "all"), ("read:tickets",)),
        (token(jwt('{"sub":"x"}'), "all"), ("all",)),
        (token(jwt('{"scope":["x","y"]}')), ("x", "y")),
        (token("opaque"), ()),
        (token("a.!.c"), ()),
        (token(jwt("[1]")), ()),
        (token(jwt('{"scope":null}'), "all"), ("all",)),
        (token(jwt('{"scope":[]}'), "all"), ("all",)),
        (token(jwt("[" * 100_000)), ()),
        (token(jwt("nonsense")), ()),
    ],
)
def test_scopes_come_from_the_token_itself_or_from_the_login(given, scopes) -> None:
    assert granted_scopes(given) == scopes
