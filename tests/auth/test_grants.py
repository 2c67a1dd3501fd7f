from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.auth.credentials import (
    ApiKeyCredentials,
    AuthorizationCodeCredentials,
    CallableCredentials,
    PasswordCredentials,
    RefreshTokenCredentials,
)
from halo_async.auth.factory import tokens_for
from halo_async.auth.tokens import FixedToken, Tokens
from halo_async.errors import AuthenticationError
from halo_async.settings import Instance
from tests.support.fake_exchange import FakeExchange, granted, respond


def tokens(credentials, exchange: FakeExchange, clock: VirtualClock, **options) -> Tokens | FixedToken:
    instance = Instance.parse("acme.halopsa.com")
    return tokens_for(
        credentials, exchange=exchange, instance=instance, clock=clock, random=lambda: 0.5, **options
    )


async def test_a_password_is_posted_each_time(exchange, clock) -> None:
    made = tokens(PasswordCredentials("app", "ann", "canary-pw"), exchange, clock)
    await made.refreshed_after((await made.get()).generation)
    form = {
        "grant_type": "password",
        "client_id": "app",
        "username": "ann",
        "password": "canary-pw",
        "scope": "all",
    }
    assert exchange.forms == [form, form]


async def test_f21_a_rotated_refresh_token_replaces_the_old_one(exchange, clock) -> None:
    exchange.token = [granted("a", refresh_token="second"), granted("b"), granted("c", refresh_token="third")]
    made = tokens(RefreshTokenCredentials("app", "first", client_secret="s"), exchange, clock)
    for generation in (0, 1, 2, 3):
        await made.refreshed_after(generation)
    posted = [form["refresh_token"] for form in exchange.forms]
    assert posted == ["first", "second", "second", "third"]
    assert exchange.forms[0]["client_secret"] == "s"
    assert exchange.forms[0]["grant_type"] == "refresh_token"


async def test_an_api_key_needs_no_login(exchange, clock) -> None:
    made = tokens(ApiKeyCredentials("canary-key"), exchange, clock)
    token = await made.get()
    assert (token.header, token.access_token.reveal()) == ("X-Halo-Api-Key", "canary-key")
    assert await made.refreshed_after(token.generation) is token
    assert exchange.urls == []


async def test_a_callers_own_source_is_asked_again_only_when_needed(exchange, clock) -> None:
    asked = 0

    async def source() -> tuple[str, float]:
        nonlocal asked
        asked += 1
        return f"own-{asked}", 600.0

    made = tokens(CallableCredentials(source), exchange, clock)
    for _ in range(5):
        assert (await made.get()).access_token.reveal() == "own-1"
    clock.advance(590)
    assert (await made.get()).access_token.reveal() == "own-2"
    assert asked == 2


@pytest.mark.parametrize("given", ["", None, 7, ("", 3)])
async def test_a_source_that_gives_no_token_is_told_so(exchange, clock, given) -> None:
    async def source():
        return given

    with pytest.raises(AuthenticationError, match="The token source"):
        await tokens(CallableCredentials(source), exchange, clock).get()


async def test_a_source_that_fails_is_the_cause(exchange, clock) -> None:
    async def source() -> str:
        raise KeyError("canary")

    with pytest.raises(AuthenticationError, match="failed with KeyError") as caught:
        await tokens(CallableCredentials(source), exchange, clock).get()
    assert isinstance(caught.value.__cause__, KeyError)


def test_what_is_no_way_to_log_in_is_refused(exchange, clock) -> None:
    with pytest.raises(TypeError, match=r"Use ClientCredentials\(client_id, client_secret\)"):
        tokens(("id", "secret"), exchange, clock)


class Browser:
    """Visits the address as a person's browser would, and comes back."""

    def __init__(self, **fields: str) -> None:
        self.fields = fields
        self.visits: list[asyncio.Task[bytes]] = []
        self.asked: list[dict[str, str]] = []
        self.addresses: list[str] = []

    def show(self, address: str) -> None:
        self.addresses.append(address)
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(query)
        back = {"state": query["state"]} | self.fields
        self.visits.append(asyncio.create_task(visit(query["redirect_uri"], back)))


async def visit(url: str, query: dict[str, str], method: str = "GET") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    text = "&".join(f"{name}={value}" for name, value in query.items())
    writer.write(f"{method} /?{text} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    page = await reader.read()
    writer.close()
    return page


async def test_a_browser_login_proves_who_asked(exchange, clock) -> None:
    browser = Browser(code="canary-code")
    exchange.token = [granted("a", refresh_token="r1"), granted("b", refresh_token="r2")]
    made = tokens(AuthorizationCodeCredentials("app", browser.show), exchange, clock, scope="read:tickets")
    await made.get()
    await made.refreshed_after(1)

    asked, (posted, renewed) = browser.asked[0], exchange.forms
    assert browser.addresses[0].startswith("https://acme.halopsa.com/auth/authorize?response_type=code&")
    assert (asked["scope"], asked["tenant"]) == ("read:tickets offline_access", "acme")
    digest = sha256(posted["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (posted["grant_type"], posted["code"]) == ("authorization_code", "canary-code")
    assert posted["redirect_uri"] == asked["redirect_uri"]
    assert renewed == {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "app"}
    assert len(browser.visits) == 1
    assert b"Logged in. You can close this window." in await browser.visits[0]


async def test_a_code_is_kept_while_the_token_endpoint_is_down(exchange, clock) -> None:
    browser = Browser(code="c")
    exchange.token = [respond(503), granted("a", refresh_token="r")]
    await tokens(AuthorizationCodeCredentials("app", browser.show), exchange, clock).get()
    assert len(browser.visits) == 1


async def test_a_refused_browser_login_is_told_in_its_words(exchange, clock) -> None:
    browser = Browser(error="access_denied", error_description="Not%20you")
    with pytest.raises(AuthenticationError, match="refused \\(Not you\\)"):
        await tokens(AuthorizationCodeCredentials("app", browser.show), exchange, clock).get()
    await asyncio.gather(*browser.visits)
    assert exchange.forms == []


async def test_nobody_coming_back_is_told(exchange, clock) -> None:
    with pytest.raises(AuthenticationError, match="waiting for the browser login"):
        await tokens(AuthorizationCodeCredentials("app", lambda _: None, wait=0.02), exchange, clock).get()


async def test_f38_a_visit_with_another_state_is_ignored(exchange, clock) -> None:
    seen: list[bytes] = []

    async def attack_then_return(address: str) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        url = query["redirect_uri"]
        seen.append(await visit(url, {"code": "evil", "state": "guessed"}))
        seen.append(await visit(url, {"code": "evil"}))
        seen.append(await visit(url, {"code": "evil", "state": query["state"]}, method="POST"))
        seen.append(await visit(url, {"code": "good", "state": query["state"]}))

    visits: list[asyncio.Task[None]] = []

    def show(address: str) -> None:
        visits.append(asyncio.create_task(attack_then_return(address)))

    await tokens(AuthorizationCodeCredentials("app", show), exchange, clock).get()
    await asyncio.gather(*visits)
    assert [form["code"] for form in exchange.forms] == ["good"]
    assert len(seen) == 4


async def test_a_revoked_refresh_token_leads_back_to_the_browser(exchange, clock) -> None:
    browser = Browser(code="c")
    exchange.token = [granted("a", refresh_token="r"), respond(400, {"error": "invalid_grant"}), granted("b")]
    made = tokens(AuthorizationCodeCredentials("app", browser.show), exchange, clock)
    await made.get()
    with pytest.raises(AuthenticationError, match="invalid_grant"):
        await made.refreshed_after(1)
    clock.advance(301)
    assert (await made.refreshed_after(1)).access_token.reveal() == "b"
    assert len(browser.visits) == 2
    await asyncio.gather(*browser.visits)
