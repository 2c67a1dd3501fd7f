"""F49: what a client is given and cannot take is not shown by the error that says so."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import pytest

from halo_async import ClientCredentials, Halo, RateLimit
from halo_async.auth.credentials import (
    ApiKeyCredentials,
    CallableCredentials,
    PasswordCredentials,
    RefreshTokenCredentials,
)
from halo_async.errors import AuthenticationError, SettingsError
from halo_async.settings import Instance, Settings
from tests.support.scripted_server import SECRET, TOKEN, respond
from tests.support.secrets_kit import assert_clean, everything_shown

WHERE = "acme.halopsa.com"
GOOD = ClientCredentials("id", SECRET)
PROXY = "http://user:canary-proxy@proxy.example:8080"
REDIS = "redis://:canary-secret@redis.example/0"

SLIPS: dict[str, tuple[Callable[[], Any], str]] = {
    "address": (lambda: Halo("acme halopsa", GOOD, proxy=PROXY), "contains a space"),
    "address with a password": (lambda: Halo(f"https://user:{SECRET}@{WHERE}", GOOD), "user name or password"),
    "address that is a dict": (lambda: Halo({"client_secret": SECRET}, GOOD), "not a dict"),
    "an instance's": (lambda: Instance.parse(f"https://user:{SECRET}@{WHERE}"), "user name or password"),
    "an instance's, broken": (lambda: Instance.parse(f"https://user:{SECRET}@[::1"), "not a valid address"),
    "login address": (lambda: Halo(WHERE, GOOD, auth_url=f"https://u:{SECRET}@{WHERE}"), "user name or password"),
    "deadline": (lambda: Halo(WHERE, GOOD, deadline=-1, proxy=PROXY), "deadline must be"),
    "timeouts": (lambda: Halo(WHERE, GOOD, timeouts={"secret": SECRET}), "`timeouts` must be .* not a dict"),
    "credentials in a pair": (lambda: Halo(WHERE, ("id", SECRET)), "Unsupported credentials type 'tuple'"),
    "credentials in a dict": (lambda: Halo(WHERE, {"client_secret": SECRET}), "Unsupported credentials type 'dict'"),
    "the secret alone": (lambda: Halo(WHERE, SECRET), "Unsupported credentials type 'str'"),
    "secret in bytes": (lambda: Halo(WHERE, ClientCredentials("id", SECRET.encode())), "a string, not a bytes"),
    "secret with a line break": (lambda: Halo(WHERE, ClientCredentials("id", f"{SECRET}\n")), "line break"),
    "secret cut from a file": (lambda: Halo(WHERE, ClientCredentials("id", f"{SECRET}\udcff")), "lone surrogate"),
    "no secret": (lambda: Halo(WHERE, ClientCredentials("id", None)), "not None. Check that the variable"),
    "an empty secret": (lambda: Halo(WHERE, ClientCredentials("id", "")), "is empty. Check that the variable"),
    "no client id": (lambda: Halo(WHERE, ClientCredentials(None, SECRET)), "The client id must be a string"),
    "password": (
        lambda: Halo(WHERE, PasswordCredentials("id", "me", f"{SECRET}\r\n")),
        "The password contains a line break",
    ),
    "refresh token": (
        lambda: Halo(WHERE, RefreshTokenCredentials("id", SECRET.encode())),
        "The refresh token must be a string",
    ),
    "key with a line break": (lambda: Halo(WHERE, ApiKeyCredentials(f"{SECRET}\n")), "API key contains a line break"),
    "key with a blank": (lambda: Halo(WHERE, ApiKeyCredentials(f"{SECRET} x")), "API key .* not a valid header value"),
    "no key": (lambda: Halo(WHERE, ApiKeyCredentials(None)), "The API key must be a string, not None"),
    "source": (lambda: Halo(WHERE, CallableCredentials(TOKEN)), "source must be callable"),
    "numbers of a quota": (lambda: RateLimit(0, 300), "requests must be"),
    "address of a quota": (lambda: Halo(WHERE, GOOD, rate_limit=REDIS), "rate_limit must be .* not a str"),
    "address of no Redis": (
        lambda: Halo(WHERE, GOOD, coordination="http://:canary-secret@x", proxy=PROXY),
        "not the address of a Redis",
    ),
    "store": (lambda: Halo(WHERE, GOOD, token_store=REDIS), "token_store must be a store"),
    "session": (lambda: Halo(WHERE, GOOD, session=SECRET), "`session` must be"),
    "proxy without a scheme": (lambda: Halo(WHERE, GOOD, proxy=PROXY.removeprefix("http://")), "`proxy` must be a URL"),
    "proxy of another kind": (lambda: Halo(WHERE, GOOD, proxy=PROXY.replace("http", "socks5")), "http or https"),
    "proxy without a host": (lambda: Halo(WHERE, GOOD, proxy="http://user:canary-proxy@"), "`proxy` must be a URL"),
    "proxy with a port that is none": (lambda: Halo(WHERE, GOOD, proxy=f"{PROXY}0"), "`proxy` must be a URL"),
    "proxy with a blank": (lambda: Halo(WHERE, GOOD, proxy=f"{PROXY} "), "`proxy` must be a URL"),
    "from the environment": (lambda: Halo.from_env(proxy=PROXY, deadline=-1), "deadline must be"),
    "from the environment, a name": (lambda: Halo.from_env(proxy=PROXY, secret=SECRET), "no option .secret."),
    "in the environment": (lambda: Halo.from_env(instance=f"https://u:{SECRET}@{WHERE}"), "user name or password"),
    "settings": (lambda: Settings.from_env({"HALO_CLIENT_SECRET": SECRET}), "lacks HALO_INSTANCE, HALO_CLIENT_ID"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_f49_a_slip_is_told_without_what_was_given(monkeypatch, slip) -> None:
    for name, value in (("INSTANCE", WHERE), ("CLIENT_ID", "id"), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"HALO_{name}", value)
    make, told = SLIPS[slip]
    with pytest.raises((SettingsError, TypeError), match=told) as caught:
        make()
    assert_clean(everything_shown(caught.value))


@pytest.mark.parametrize("given", [False, True, "ca.pem", ssl], ids=["False", "True", "a path", "a module"])
def test_f01_certificates_cannot_be_left_unverified_by_a_slip(given) -> None:
    with pytest.raises(SettingsError, match=r"`ssl` must be an ssl\.SSLContext.*always verified"):
        Halo(WHERE, GOOD, ssl=given)


GIVEN: dict[str, Any] = {
    "bytes": TOKEN.encode(),
    "a triple": (TOKEN, 60, "more"),
    "a dict": {"access_token": TOKEN},
    "with a line break": f"{TOKEN}\n",
    "with another header": (f"{TOKEN}\r\nX-Evil: 1", 60),
    "empty": "",
}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_f49_a_token_that_cannot_be_sent_is_not_sent_nor_shown(server, make, given, method) -> None:
    async def source() -> Any:
        return GIVEN[given]

    halo = Halo(server.url, CallableCredentials(source))
    with pytest.raises(AuthenticationError, match="token") as caught:
        await halo.request(method, "/Tickets")
    await halo.aclose()
    assert_clean(everything_shown(caught.value))
    assert server.hits == []


async def test_f50_a_login_cannot_give_a_token_that_is_two_headers(server, make) -> None:
    given = {"access_token": f"{TOKEN}\r\nX-Evil: 1", "expires_in": 3600}
    server.on("/auth/token", respond(200, given))
    with pytest.raises(AuthenticationError) as caught:
        await make().token()
    assert_clean(everything_shown(caught.value))


@pytest.mark.parametrize("named", ["proxy.example", "user:canary-proxy@proxy.example:8080"])
def test_f53_a_proxy_of_the_environment_needs_no_scheme(monkeypatch, named) -> None:
    from halo_async.transport.proxy import environment_proxy

    monkeypatch.setenv("https_proxy", named)
    monkeypatch.delenv("no_proxy", raising=False)
    found = environment_proxy("https://acme.halopsa.com/api")
    assert found is not None
    assert found.reveal() == f"http://{named}"


async def test_f53_a_proxy_of_the_environment_that_is_none_is_told(server, make, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://user:canary-proxy@proxy.example")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(SettingsError, match="HTTP_PROXY in the environment is not a URL") as caught:
        await make(trust_env=True).token()
    assert_clean(everything_shown(caught.value))
    assert server.hits == []


@pytest.mark.parametrize("tenant", ["acme\ud800", 5])
async def test_f50_a_tenant_that_is_no_plain_text_is_told(server, make, tenant) -> None:
    with pytest.raises(SettingsError, match="The tenant is not a valid string"):
        await make(tenant=tenant).token()
    assert server.hits == []


async def test_f49_a_login_address_with_a_password_is_not_shown(server, make) -> None:
    server.on("/api/authinfo", respond(200, {"auth_url": f"https://u:{SECRET}@{WHERE}/auth"}))
    with pytest.raises(AuthenticationError, match="user name or password") as caught:
        await make().token()
    assert_clean(everything_shown(caught.value))
