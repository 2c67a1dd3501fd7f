from __future__ import annotations

import os
import stat
import sys
import traceback
import types
from pathlib import Path

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async._utils.secret import Secret
from halo_async.auth.credentials import RefreshTokenCredentials
from halo_async.auth.factory import tokens_for
from halo_async.auth.redis_store import RedisStore
from halo_async.auth.token_stores import (
    FileStore,
    KeychainStore,
    MemoryStore,
    StoredToken,
    TokenStore,
)
from halo_async.errors import AuthenticationError, SettingsError
from halo_async.settings import Instance
from tests.support.fake_exchange import FakeExchange, granted, respond

STORED = StoredToken("canary-token", 1_700_003_600.0, "all", Secret("canary-refresh"))


class FakeKeyring(types.ModuleType):
    def __init__(self) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, key: str) -> str | None:
        return self.kept.get((service, key))

    def set_password(self, service: str, key: str, text: str) -> None:
        self.kept[service, key] = text


class FakeRedis:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    async def set(
        self, key: str, text: bytes | str, *, nx: bool = False, px: int | None = None
    ) -> bool | None:
        if nx and key in self.kept:
            return None
        self.kept[key] = text if isinstance(text, bytes) else text.encode()
        return True

    async def eval(self, script: str, keys: int, key: str, mark: str, *arguments: int) -> int:
        if self.kept.get(key) != mark.encode():
            return 0
        if "del" in script:
            del self.kept[key]
        return 1


@pytest.fixture(params=["memory", "file", "keychain", "redis"])
def store(request, tmp_path, monkeypatch) -> TokenStore:
    monkeypatch.setitem(sys.modules, "keyring", FakeKeyring())
    makers = {
        "memory": MemoryStore,
        "file": lambda: FileStore(tmp_path / "tokens"),
        "keychain": KeychainStore,
        "redis": lambda: RedisStore(FakeRedis(), key="a key of at least 16 characters"),
    }
    return makers[request.param]()


async def test_a_store_gives_back_what_it_was_given(store) -> None:
    assert await store.load("a") is None
    await store.save("a", STORED)
    await store.save("b", StoredToken("other", 1.0))
    kept = await store.load("a")
    assert kept is not None
    assert (kept.access_token.reveal(), kept.expires, kept.scope) == ("canary-token", 1_700_003_600.0, "all")
    assert kept.refresh_token == Secret("canary-refresh")


def client(store: TokenStore, exchange: FakeExchange, clock: VirtualClock):
    return tokens_for(
        RefreshTokenCredentials("app", "first"),
        exchange=exchange,
        instance=Instance.parse("acme.halopsa.com"),
        clock=clock,
        random=lambda: 0.5,
        store=store,
    )


async def test_a_second_process_uses_the_first_ones_token(store, exchange, clock) -> None:
    first = await client(store, exchange, clock).get()
    second = await client(store, exchange, clock).get()
    assert second.access_token == first.access_token
    assert exchange.logins == 1


async def test_a_stored_token_that_is_refused_is_replaced_and_stored(store, exchange, clock) -> None:
    exchange.token = [granted("a", refresh_token="r2"), granted("b", refresh_token="r3"), granted("c")]
    await client(store, exchange, clock).get()
    second = client(store, exchange, clock)
    assert (await second.get()).access_token.reveal() == "a"
    assert (await second.refreshed_after(1)).access_token.reveal() == "b"
    assert [form["refresh_token"] for form in exchange.forms] == ["first", "r2"]
    assert (await client(store, exchange, clock).get()).access_token.reveal() == "b"


async def test_f21_a_rotated_refresh_token_survives_a_crash(store, exchange, clock) -> None:
    exchange.token = [granted("a", refresh_token="r2", expires_in=100), granted("b")]
    await client(store, exchange, clock).get()
    clock.advance(1000)  # and nothing of the first process is left
    await client(store, exchange, clock).get()
    assert exchange.forms[-1]["refresh_token"] == "r2"


async def test_a_token_that_another_process_renewed_is_taken_over(store, exchange, clock) -> None:
    exchange.token = [granted("a"), granted("b")]
    one, other = client(store, exchange, clock), client(store, exchange, clock)
    await one.get()
    await other.get()
    await one.refreshed_after(1)
    assert (await other.refreshed_after(1)).access_token.reveal() == "b"
    assert exchange.logins == 2


async def test_where_a_store_has_no_lock_what_another_process_got_may_be_stored_a_moment_later(
    exchange, clock
) -> None:
    class Late:
        """Has what the other process got from the fifth look on; no lock keeps that process from asking."""

        looks = 0

        async def load(self, key: str) -> StoredToken | None:
            self.looks += 1
            return StoredToken("b", clock.time() + 3600, "all", Secret("r3")) if self.looks > 4 else None

        async def save(self, key: str, stored: StoredToken) -> None:
            raise AssertionError

    exchange.token = [respond(400, {"error": "invalid_grant"})]
    store = Late()
    assert (await client(store, exchange, clock).get()).access_token.reveal() == "b"
    assert (store.looks, exchange.logins) == (5, 1)


async def test_a_refresh_token_that_nobody_else_renewed_is_refused(store, exchange, clock) -> None:
    exchange.token = [granted("a", refresh_token="r2"), respond(400, {"error": "invalid_grant"})]
    await client(store, exchange, clock).get()
    clock.advance(4000)
    with pytest.raises(AuthenticationError, match="invalid_grant"):
        await client(store, exchange, clock).get()


async def test_a_file_is_for_its_owners_eyes_only(tmp_path) -> None:
    store = FileStore(tmp_path / "tokens")
    await store.save("a", STORED)
    (path,) = (tmp_path / "tokens").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="can be read by others"):
        await store.load("a")


async def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch) -> None:
    store = FileStore(tmp_path)
    await store.save("a", STORED)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await store.save("a", StoredToken("new", 1.0))
    kept = await store.load("a")
    assert kept is not None
    assert kept.access_token == STORED.access_token
    assert len(list(Path(tmp_path).iterdir())) == 1


@pytest.mark.parametrize(
    "text", [b"", b"garbage", b"[]", b"{}", b'{"access_token":"x","expires":"y"}', b"\xff"]
)
async def test_a_damaged_file_counts_as_none(tmp_path, text) -> None:
    store = FileStore(tmp_path)
    await store.save("a", STORED)
    next(tmp_path.iterdir()).write_bytes(text)
    assert await store.load("a") is None


DAMAGED = '{"key":"a","refresh_token":"canary-refresh","access_token'


@pytest.mark.parametrize("store", ["file", "keychain", "redis"], indirect=True)
async def test_a_stored_login_that_cannot_be_read_is_told_once_with_its_place(
    store, tmp_path, caplog
) -> None:
    assert await store.load("a") is None
    await store.save("a", STORED)
    assert (await store.load("a")) is not None
    assert caplog.records == []
    place = _damage(store, tmp_path)
    for _ in range(3):
        assert await store.load("a") is None
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("halo_async.auth", "WARNING")
    assert f"the login stored in {place} cannot be read" in record.getMessage()
    assert "log in again" in record.getMessage()
    assert "canary" not in caplog.text
    await store.save("a", STORED)
    assert (await store.load("a")) is not None


def _damage(store: TokenStore, folder: Path) -> str:
    """Cut what the store has for `a`; return the place."""
    if isinstance(store, FileStore):
        (file,) = (folder / "tokens").glob("*.token")
        file.write_text(DAMAGED, "utf-8")
        return str(file)
    if isinstance(store, KeychainStore):
        sys.modules["keyring"].kept["halo-async", "a"] = DAMAGED  # type: ignore[attr-defined]
        return "the system's keychain, halo-async, a"
    assert isinstance(store, RedisStore)
    kept = store._client.kept
    (name,) = kept
    kept[name] = kept[name][:-7]
    return f"Redis, {name}"


async def test_before_a_spent_refresh_token_is_refused_the_login_that_has_its_successor_is_named(
    tmp_path, exchange, clock, caplog
) -> None:
    exchange.token = [granted("t", refresh_token="canary-2")]
    await client(FileStore(tmp_path), exchange, clock).get()
    (file,) = tmp_path.glob("*.token")
    file.write_bytes(file.read_bytes()[:40])
    exchange.token = [respond(400, {"error": "invalid_grant"})]
    with pytest.raises(AuthenticationError, match="invalid_grant"):
        await client(FileStore(tmp_path), exchange, clock).get()
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert str(file) in warning
    assert "refused (invalid_grant)" in warning
    assert "canary" not in caplog.text


async def test_a_store_that_fails_is_told_as_such(exchange, clock) -> None:
    class Broken(MemoryStore):
        async def save(self, key: str, stored: StoredToken) -> None:
            raise OSError(28, "canary")

    with pytest.raises(AuthenticationError, match="The token store failed: no space left on device"):
        await client(Broken(), exchange, clock).get()


async def test_a_folder_that_is_none_is_named(tmp_path, exchange, clock) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(AuthenticationError, match=r"The token store failed at .*taken.*: not a directory"):
        await client(FileStore(tmp_path / "taken"), exchange, clock).get()


async def test_a_keychain_that_fails_is_told_with_the_way_out(monkeypatch, exchange, clock) -> None:
    class Locked(FakeKeyring):
        def get_password(self, service: str, key: str) -> str | None:
            raise RuntimeError("canary")

    monkeypatch.setitem(sys.modules, "keyring", Locked())
    words = r"The system's keychain failed \(RuntimeError\)\. Unlock it.*FileStore"
    with pytest.raises(AuthenticationError, match=words) as caught:
        await client(KeychainStore(), exchange, clock).get()
    assert "canary" not in "".join(traceback.format_exception(caught.value))


async def test_a_keychain_of_the_package_keyring_keeps_logins(monkeypatch, exchange, clock) -> None:
    keyring = pytest.importorskip("keyring", reason="the package keyring is not installed")

    class Kept(keyring.backend.KeyringBackend):
        priority = 1
        texts: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.texts.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.texts[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    try:
        for _ in range(2):
            await client(KeychainStore(), exchange, clock).get()
    finally:
        keyring.set_keyring(before)
    assert exchange.logins == 1
    ((service, _),) = Kept.texts
    assert service == "halo-async"


async def test_a_disabled_keychain_is_told_before_a_refresh_token_is_used_up(exchange, clock) -> None:
    """Its real null backend: it takes every token and keeps none, and the login would be lost with the first."""
    keyring = pytest.importorskip("keyring", reason="the package keyring is not installed")
    null = pytest.importorskip("keyring.backends.null")
    before = keyring.get_keyring()
    keyring.set_keyring(null.Keyring())
    try:
        with pytest.raises(AuthenticationError, match=r"keyring is disabled here.*FileStore"):
            await client(KeychainStore(), exchange, clock).get()
    finally:
        keyring.set_keyring(before)
    assert exchange.logins == 0


async def test_a_keychain_that_keeps_nothing_is_told(monkeypatch, exchange, clock) -> None:
    class Forgetful(FakeKeyring):
        def set_password(self, service: str, key: str, text: str) -> None:
            """Keep nothing."""

    monkeypatch.setitem(sys.modules, "keyring", Forgetful())
    with pytest.raises(AuthenticationError, match=r"keychain did not keep the token.*FileStore") as caught:
        await client(KeychainStore(), exchange, clock).get()
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_missing_keychain_package_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SettingsError, match="pip install keyring"):
        KeychainStore()
