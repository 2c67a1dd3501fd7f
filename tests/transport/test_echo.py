"""Servers that send back what they got: no error quotes the login out of their responses."""

from __future__ import annotations

import pytest

from halo_async._utils.secret import Secret
from halo_async.auth.credentials import PasswordCredentials, RefreshTokenCredentials
from halo_async.errors import AuthenticationError, HaloError, ServerError, UnexpectedContentTypeError
from halo_async.settings import ClientCredentials
from halo_async.transport import Request, Response
from halo_async.transport.decode import decode_json
from halo_async.transport.redaction import contains_secret, redact
from tests.support.scripted_server import SECRET, TOKEN, respond
from tests.support.secrets_kit import assert_clean, everything_shown

GET = Request("GET", "/Tickets")
SENT = f"{TOKEN}-1"
PAGE = b"<html><body>Bad day. Authorization: Bearer " + SENT.encode() + b"</body></html>"

RESPONSES = {
    "text": respond(400, f"Bearer {SENT} is not welcome"),
    "page": respond(500, PAGE, Content_Type="text/html"),
    "page with 200": respond(200, PAGE, Content_Type="text/html"),
    "cut where the text is": respond(500, b"y" * 180 + b" " + SENT.encode(), Content_Type="text/plain"),
    "field": respond(400, {"[0].x": [f"not {SENT}"], SENT: ["?"]}),
    "request id": respond(500, X_Request_Id=SENT),
    "redirect": respond(302, Location=f"https://{SENT}.example/"),
    "content type": respond(200, b"<", Content_Type=f"text/{SENT}"),
}


@pytest.mark.parametrize("name", RESPONSES)
async def test_f49_a_response_that_quotes_the_token_does_not_bring_it_into_the_error(
    server, transport, caplog, name
) -> None:
    caplog.set_level("DEBUG")
    server.on("/api/Tickets", RESPONSES[name])
    with pytest.raises(HaloError) as caught:
        await transport.send(GET, decode_json)
    assert_clean(everything_shown(caught.value))
    assert_clean(caplog.text)
    assert SENT[:14] not in str(caught.value)


async def test_what_else_such_a_response_says_is_kept(server, transport) -> None:
    server.on("/api/Tickets", RESPONSES["page"])
    with pytest.raises(ServerError, match=r"500 Bad day\. Authorization: Bearer \*\*\*\.$"):
        await transport.send(GET, decode_json)
    server.on("/api/Tickets", RESPONSES["page with 200"])
    with pytest.raises(UnexpectedContentTypeError, match=r"got text/html: 'Bad day\. .* \*\*\*'"):
        await transport.send(GET, decode_json)


@pytest.mark.parametrize(
    "credentials",
    [
        ClientCredentials("id", SECRET),
        PasswordCredentials("id", "someone", SECRET),
        RefreshTokenCredentials("id", SECRET),
        ClientCredentials("id", "canary-secret + 1/2"),
    ],
    ids=["client", "password", "refresh token", "quoted in the form"],
)
@pytest.mark.parametrize("status", [400, 401, 500, 200])
async def test_f49_a_login_that_quotes_the_secret_does_not_bring_it_into_the_error(
    server, make, credentials, status
) -> None:
    async def refuse(wire) -> None:
        fields = {"error": "invalid_grant", "error_description": wire.hit.body.decode()}
        await wire.send(respond(status, fields))

    server.on("/auth/token", refuse)
    with pytest.raises(AuthenticationError) as caught:
        await make(credentials=credentials).token()
    assert_clean(everything_shown(caught.value))


async def test_a_refresh_token_that_is_granted_again_is_taken(server, make) -> None:
    server.on("/auth/token", server.token(refresh_token=SECRET, expires_in=30))
    server.on("/api/Tickets", respond(200, {}), respond(401), respond(200, {}))
    transport = make(credentials=RefreshTokenCredentials("id", SECRET))
    for _ in range(2):
        await transport.send(GET, decode_json)
    logins = [hit.body for hit in server.hits if hit.path == "/auth/token"]
    assert len(logins) == 2
    assert all(f"refresh_token={SECRET}".encode() in body for body in logins)


def test_a_response_without_the_secret_is_the_same_one() -> None:
    response = Response(500, {"X": "y"}, b"e", "text/plain")
    assert redact(response, (Secret("canary"), Secret(""), Secret("e"))) is response
    assert not contains_secret(response, Secret("canary"))
