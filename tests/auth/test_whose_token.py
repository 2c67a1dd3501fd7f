"""A stored login serves whoever logged in and nobody else: every store, every way to log in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import attrs
import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async._utils.secret import Secret
from halo_async.auth.credentials import (
    ApiKeyCredentials,
    AuthorizationCodeCredentials,
    CallableCredentials,
    PasswordCredentials,
    RefreshTokenCredentials,
)
from halo_async.auth.factory import tokens_for
from halo_async.auth.redis_store import RedisStore
from halo_async.auth.token_stores import (
    FileStore,
    KeychainStore,
    MemoryStore,
    StoredToken,
    TokenStore,
)
from halo_async.emulator import Emulator
from halo_async.errors import AuthenticationError, PermissionDeniedError
from halo_async.settings import Instance
from tests.auth.test_token_stores import FakeKeyring, FakeRedis
from tests.support.fake_exchange import FakeExchange, granted


class OwnStore:
    """What a user may write: two methods and a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, float, str, str | None]] = {}

    async def load(self, key: str) -> StoredToken | None:
        if key not in self.kept:
            return None
        token, expires, scope, refresh = self.kept[key]
        return StoredToken(token, expires, scope, Secret(refresh) if refresh else None)

    async def save(self, key: str, stored: StoredToken) -> None:
        refresh = stored.refresh_token.reveal() if stored.refresh_token else None
        self.kept[key] = (stored.access_token.reveal(), stored.expires, stored.scope, refresh)


@pytest.fixture(params=["memory", "file", "keychain", "redis", "own"])
def store(request, tmp_path, monkeypatch) -> TokenStore:
    monkeypatch.setitem(sys.modules, "keyring", FakeKeyring())
    makers: dict[str, Callable[[], TokenStore]] = {
        "memory": MemoryStore,
        "file": lambda: FileStore(tmp_path / "tokens"),
        "keychain": KeychainStore,
        "redis": lambda: RedisStore(FakeRedis(), key="k" * 16),
        "own": OwnStore,
    }
    return makers[request.param]()


class ByLogin(FakeExchange):
    """Gives each login a token of its own, named after all that was posted."""

    async def __call__(self, method: str, url: str, *, form: Any = None):
        if form is not None:
            posted = repr(sorted((name, getattr(value, "_value", value)) for name, value in form.items()))
            digest = sha256((url + posted).encode()).hexdigest()
            self.token = [granted(f"{digest}-{len(self.forms)}", refresh_token=f"next-{digest}")]
        return await super().__call__(method, url, form=form)


def nobody(address: str) -> None:
    raise AssertionError("nobody is to be sent to a browser")


CLIENT = ClientCredentials("app", "secret")
ALICE = PasswordCredentials("app", "alice", "right")
LOGINS: list[tuple[Any, dict[str, Any]]] = [
    (CLIENT, {}),
    (ClientCredentials("app", "WRONG"), {}),
    (ClientCredentials("app2", "secret"), {}),
    (CLIENT, {"tenant": "acme"}),
    (CLIENT, {"tenant": ""}),
    (CLIENT, {"tenant": "ac", "scope": "me all"}),
    (CLIENT, {"tenant": "ac me", "scope": "all"}),
    (CLIENT, {"scope": "read:tickets"}),
    (CLIENT, {"auth_url": "https://login.example/auth"}),
    (CLIENT, {"instance": "globex.halopsa.com"}),
    (CLIENT, {"instance": "acme.halopsa.com:8443"}),
    (ALICE, {}),
    (PasswordCredentials("app", "alice", "WRONG"), {}),
    (PasswordCredentials("app", "bob", "right"), {}),
    (PasswordCredentials("app", "bob", "WRONG"), {}),
    (PasswordCredentials("app", "alice", "right", "secret"), {}),
    (PasswordCredentials("app", "alice", "right", "WRONG"), {}),
    (RefreshTokenCredentials("app", "r1"), {}),
    (RefreshTokenCredentials("app", "r2"), {}),
    (RefreshTokenCredentials("app", "r1", "secret"), {}),
    (RefreshTokenCredentials("app2", "r1"), {}),
]


def login(store: TokenStore | None, exchange: FakeExchange, clock: VirtualClock, which, options):
    options = dict(options)
    instance = Instance.parse(options.pop("instance", "acme.halopsa.com"))
    return tokens_for(
        which, exchange=exchange, instance=instance, clock=clock, random=lambda: 0.5, store=store, **options
    )


async def test_no_two_logins_serve_each_other_and_each_finds_its_own_again(store, clock) -> None:
    exchange = ByLogin()
    first = [(await login(store, exchange, clock, *which).get()).access_token.reveal() for which in LOGINS]
    assert exchange.logins == len(LOGINS)
    assert len(set(first)) == len(LOGINS)
    again = [
        (await login(store, exchange, clock, *which).get()).access_token.reveal()
        for which in reversed(LOGINS)
    ]
    assert again[::-1] == first
    assert exchange.logins == len(LOGINS)


async def test_browser_logins_of_several_people_and_applications_are_told_apart(store, clock) -> None:
    exchange = ByLogin()
    logins = [
        AuthorizationCodeCredentials("app", nobody, client_secret=secret, user=user)
        for user, secret in product(("alice", "bob", None), ("secret", "WRONG", None))
    ]
    for number, credentials in enumerate(logins):
        made = login(store, exchange, clock, credentials, {})
        made._login._grant._code = Secret(f"code {number}")  # somebody came back from the browser
        await made.get()
    assert [form["code"] for form in exchange.forms] == [f"code {number}" for number in range(len(logins))]
    for number, credentials in enumerate(logins):
        found = await login(store, exchange, clock, credentials, {}).get()
        assert found.access_token.reveal().endswith(f"-{number}")
    assert exchange.logins == len(logins)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda given: PasswordCredentials(given.client_id, "bob", "WRONG"),
        lambda given: attrs.evolve(given, username="bob"),
        lambda given: attrs.evolve(given, password="WRONG"),
        lambda given: attrs.evolve(given, client_secret="WRONG"),
        lambda given: attrs.evolve(given, client_id="other"),
    ],
    ids=["user and password", "user", "password", "client secret", "client id"],
)
async def test_a_right_token_serves_no_wrong_password_or_secret(store, wrong) -> None:
    async with Emulator(tickets=5) as emulator:
        options: dict[str, Any] = {
            "token_store": store,
            "rate_limit": None,
            "clock": VirtualClock(auto_advance=True),
        }
        right = PasswordCredentials(emulator.client_id, emulator.username, emulator.password)
        async with Halo(emulator.url, right, **options) as halo:
            assert await halo.status.list()
        for _ in range(3):
            with pytest.raises(AuthenticationError, match="was refused"):
                async with Halo(emulator.url, wrong(right), **options):
                    pass
        async with Halo(emulator.url, right, **options) as halo:
            assert await halo.status.list()
        assert len(emulator.requests("POST /auth/token")) == 4


async def test_a_right_token_serves_no_wrong_client_secret_or_narrower_scope(store) -> None:
    async with Emulator(tickets=5) as emulator:
        options: dict[str, Any] = {
            "token_store": store,
            "rate_limit": None,
            "clock": VirtualClock(auto_advance=True),
        }
        right = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, right, **options) as halo:
            assert await halo.site.list()
        with pytest.raises(AuthenticationError, match="Check the client id and the client secret"):
            async with Halo(emulator.url, ClientCredentials(emulator.client_id, "WRONG"), **options):
                pass
        async with Halo(emulator.url, right, scope="read:tickets", **options) as halo:
            for _ in range(2):
                with pytest.raises(PermissionDeniedError):
                    await halo.site.list()
            async with Halo(
                emulator.url, right, **options
            ) as other:  # what is denied is denied to that login
                assert await other.site.list()


async def test_keys_and_own_tokens_leave_every_store_alone() -> None:
    class Untouched:
        async def load(self, key: str) -> StoredToken | None:
            raise AssertionError

        async def save(self, key: str, stored: StoredToken) -> None:
            raise AssertionError

    async with Emulator(tickets=5) as emulator:
        wired = Halo(
            emulator.url, ClientCredentials(emulator.client_id, emulator.client_secret), rate_limit=None
        )
        async with wired:
            token = (await wired.transport.token()).access_token.reveal()

        async def source() -> str:
            return token

        for credentials in (ApiKeyCredentials(emulator.api_key), CallableCredentials(source)):
            async with Halo(emulator.url, credentials, rate_limit=None, token_store=Untouched()) as halo:
                assert await halo.status.list()


@pytest.mark.parametrize(
    "which", [CLIENT, ALICE, RefreshTokenCredentials("app", "r1")], ids=lambda one: type(one).__name__
)
async def test_an_entry_of_an_older_version_is_not_used(exchange, clock, tmp_path: Path, which) -> None:
    old_key = "https://acme.halopsa.com/api  app all"
    old = StoredToken("of somebody", clock.time() + 3600, "all", Secret("old-refresh"))
    memory = MemoryStore()
    await memory.save(old_key, old)
    file = FileStore(tmp_path / "tokens")
    await file.save(old_key, old)
    (path,) = (tmp_path / "tokens").iterdir()
    path.rename(path.with_name(f"{sha256(old_key.encode()).hexdigest()[:32]}.token"))
    for store in (memory, file):
        found = await login(store, exchange, clock, which, {}).get()
        assert found.access_token.reveal() == "canary-token"
    assert exchange.logins == 2
    assert "old-refresh" not in str(exchange.forms)


async def test_a_file_that_was_moved_to_the_place_of_another_login_is_not_used(clock, tmp_path: Path) -> None:
    exchange = ByLogin()
    store = FileStore(tmp_path / "tokens")
    await login(store, exchange, clock, ALICE, {}).get()
    (alices,) = (tmp_path / "tokens").iterdir()
    await login(store, exchange, clock, PasswordCredentials("app", "bob", "x"), {}).get()
    (bobs,) = set((tmp_path / "tokens").iterdir()) - {alices}
    alices.replace(bobs)
    await login(store, exchange, clock, PasswordCredentials("app", "bob", "x"), {}).get()
    assert [form["username"] for form in exchange.forms] == ["alice", "bob", "bob"]
