"""Logins with a store, when the store fails or what it holds is no good any more: nobody is locked out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async._utils.secret import Secret
from halo_async.auth.credentials import AuthorizationCodeCredentials, RefreshTokenCredentials
from halo_async.auth.login_file import LoginFileStore, StoredLogin, read, remove
from halo_async.auth.login_key import LoginIdentity, login_key
from halo_async.auth.token_stores import MemoryStore, StoredToken, TokenStore
from halo_async.errors import AuthenticationError, CertificateError, SettingsError
from halo_async.settings import Instance
from tests.support.fake_exchange import FakeExchange, granted, login, respond

REFUSED = respond(400, {"error": "invalid_grant"})


class Failing(MemoryStore):
    """Saves nothing while it is out of reach."""

    out_of_reach = False

    async def save(self, key: str, stored: StoredToken) -> None:
        if self.out_of_reach:
            raise ConnectionError
        await super().save(key, stored)


async def _with_an_ended_login(exchange: FakeExchange, clock: VirtualClock, store: TokenStore) -> None:
    """The store has the refresh token `r2`; its access token has ended."""
    exchange.token = [granted("a", refresh_token="r2")]
    await login(store, exchange, clock).get()
    clock.advance(4000)


async def test_f21_a_rotated_refresh_token_that_could_not_be_stored_is_stored_later(exchange, clock) -> None:
    store = Failing()
    await _with_an_ended_login(exchange, clock, store)
    exchange.token = [granted("b", refresh_token="r3"), granted("c", refresh_token="r4")]
    made = login(store, exchange, clock)
    store.out_of_reach = True
    with pytest.raises(AuthenticationError, match="The token store failed with ConnectionError"):
        await made.get()
    store.out_of_reach = False
    clock.advance(10)
    assert (await made.get()).access_token.reveal() == "b"
    await made.refreshed_after(1)
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "r2", "r3"]


async def test_what_could_not_be_stored_outlives_its_access_token(exchange, clock) -> None:
    store = Failing()
    await _with_an_ended_login(exchange, clock, store)
    exchange.token = [granted("b", refresh_token="r3"), granted("c", refresh_token="r4")]
    made = login(store, exchange, clock)
    store.out_of_reach = True
    with pytest.raises(AuthenticationError):
        await made.get()
    clock.advance(4000)
    with pytest.raises(AuthenticationError, match="The token store failed"):
        await made.get()
    assert exchange.logins == 2  # the first process's and ours: none while nothing can be stored
    store.out_of_reach = False
    clock.advance(10)
    assert (await made.get()).access_token.reveal() == "c"
    assert exchange.forms[-1]["refresh_token"] == "r3"


async def test_another_refresh_token_is_another_login(exchange, clock) -> None:
    store = MemoryStore()
    await _with_an_ended_login(exchange, clock, store)
    exchange.token = [granted("b", refresh_token="n2"), granted("c", refresh_token="n3")]
    made = login(store, exchange, clock, RefreshTokenCredentials("app", "n1"))
    assert (await made.get()).access_token.reveal() == "b"
    await made.refreshed_after(1)
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "n1", "n2"]


@pytest.mark.parametrize("stored", [True, False])
async def test_a_refresh_token_that_was_replaced_is_never_sent_again(exchange, clock, stored) -> None:
    """Not even when its successor is refused: a service may end every login that came of it."""
    exchange.token = [granted("a", refresh_token="r2"), REFUSED]
    made = login(MemoryStore() if stored else None, exchange, clock)
    await made.get()
    for _ in range(2):
        with pytest.raises(AuthenticationError, match="invalid_grant"):
            await made.refreshed_after(1)
        clock.advance(301)
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "r2", "r2"]


async def test_a_stored_token_that_is_refused_is_told_and_asked_no_more(exchange, clock) -> None:
    store = MemoryStore()
    await _with_an_ended_login(exchange, clock, store)
    exchange.token = [REFUSED]
    made = login(store, exchange, clock)
    for _ in range(3):
        with pytest.raises(AuthenticationError, match="invalid_grant"):
            await made.get()
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "r2"]


async def test_a_stored_login_that_has_ended_leads_to_the_browser(exchange, clock) -> None:
    store = MemoryStore()
    visits: list[str] = []

    def nobody(address: str) -> None:
        visits.append(address)

    credentials = AuthorizationCodeCredentials("app", nobody, wait=0.02)
    identity = LoginIdentity("authorization_code", "app", secrets=(None,))
    acme = Instance.parse("acme.halopsa.com")
    key = await login_key(identity, acme, tenant=None, auth_url=None, scope="all")
    await store.save(key, StoredToken("a", clock.time() - 1, "all", Secret("ended")))
    exchange.token = [REFUSED]
    with pytest.raises(AuthenticationError, match="waiting for the browser login"):
        await login(store, exchange, clock, credentials).get()
    assert len(visits) == 1
    assert [form["refresh_token"] for form in exchange.forms] == ["ended"]


@pytest.mark.parametrize(
    "trouble",
    [
        respond(404, b"<h1>Maintenance</h1>"),
        respond(403, b"<h1>Who are you?</h1>"),
        CertificateError("expired"),
        respond(401, {"error": "invalid_client"}),
    ],
    ids=["no token endpoint", "firewall", "certificate", "client secret"],
)
@pytest.mark.parametrize("kept", [True, False])
async def test_a_refresh_token_that_was_not_itself_refused_is_kept(exchange, clock, trouble, kept) -> None:
    exchange.token = [granted("a", refresh_token="r2"), trouble, granted("b", refresh_token="r3")]
    made = login(MemoryStore(), exchange, clock) if kept else login(None, exchange, clock)
    await made.get()
    with pytest.raises(AuthenticationError):
        await made.refreshed_after(1)
    clock.advance(301)
    assert (await made.refreshed_after(1)).access_token.reveal() == "b"
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "r2", "r2"]


@pytest.mark.parametrize(
    ("other", "said"), [(None, "was deleted meanwhile"), ("two", "holds another login by now")]
)
async def test_a_logout_or_login_while_a_renewed_token_goes_to_the_disk_is_not_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str | None, said: str
) -> None:
    path, flush = tmp_path / "login.json", os.fsync
    store = LoginFileStore(
        StoredLogin(path, "https://acme.halopsa.com/api", "app", None, login="one"), fresh=True
    )
    await store.save("k", StoredToken("a", 2e9))
    elsewhere = StoredLogin(tmp_path / "other.json", "https://acme.halopsa.com/api", "app", None, login="two")
    await LoginFileStore(elsewhere, fresh=True).save("k", StoredToken("b", 2e9))

    def slow(fd: int) -> None:
        flush(fd)
        assert remove(path)
        if other is not None:
            elsewhere.path.rename(path)

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(SettingsError, match=said):
        await store.save("k", StoredToken("c", 2e9))
    found = read(path)
    assert (found and found.login) == other
    assert not list(tmp_path.glob("*.new"))
