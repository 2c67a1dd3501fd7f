"""Clients of one process that share a store: one login for all, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import errno
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import attrs
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async._utils.secret import Secret
from halo_async.auth import private_files, token_stores
from halo_async.auth.credentials import (
    AuthorizationCodeCredentials,
    PasswordCredentials,
    RefreshTokenCredentials,
)
from halo_async.auth.grants import Grant
from halo_async.auth.login_file import LoginFileStore, StoredLogin, _encode_login
from halo_async.auth.private_files import write_private
from halo_async.auth.redis_store import RedisStore
from halo_async.auth.stored_login import stored_credentials
from halo_async.auth.token_locks import LocalLocks, RedisLock, local_locks
from halo_async.auth.token_stores import FileStore, KeychainStore, MemoryStore, StoredToken, TokenStore
from halo_async.auth.tokens import Tokens
from halo_async.errors import AuthenticationError, LoginUnavailableError
from halo_async.settings import ClientCredentials
from tests.auth.test_token_stores import FakeKeyring, FakeRedis
from tests.auth.test_whose_token import OwnStore
from tests.support.fake_exchange import FakeExchange, FakeResponse, granted, login, respond


class Slow(FakeExchange):
    """A login service that responds after a while, and refuses a refresh token that it saw before."""

    def __init__(self, clock: VirtualClock, seconds: float = 5.0) -> None:
        super().__init__()
        self.clock, self.seconds = clock, seconds
        self.spent: set[str] = set()

    async def __call__(self, method: str, url: str, *, form: Any = None) -> FakeResponse:
        if form is not None:
            old = form.get("refresh_token")
            number = len(self.forms) + 1
            used = old is not None and old.reveal() in self.spent
            self.spent |= {old.reveal()} if old else set()
            fresh = granted(f"token {number}".replace(" ", "-"), refresh_token=f"r{number + 1}")
            self.token = [respond(400, {"error": "invalid_grant"}) if used else fresh]
        found = await super().__call__(method, url, form=form)
        if form is not None:
            await self.clock.sleep(self.seconds)
        return found


@pytest.fixture(params=["memory", "file", "keychain", "redis", "own"])
def store(request, tmp_path, monkeypatch) -> TokenStore:
    monkeypatch.setattr(token_stores, "import_module", lambda name: FakeKeyring())
    makers: dict[str, Any] = {
        "memory": MemoryStore,
        "file": lambda: FileStore(tmp_path / "tokens"),
        "keychain": KeychainStore,
        "redis": lambda: RedisStore(
            FakeRedis(), key="k" * 64
        ),  # not stretched: a virtual clock runs on meanwhile
        "own": OwnStore,
    }
    made: TokenStore = makers[request.param]()
    return made


@pytest.mark.parametrize(
    "credentials",
    [
        RefreshTokenCredentials("app", "r1"),
        ClientCredentials("app", "secret"),
        PasswordCredentials("app", "alice", "right"),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_of_many_clients_one_logs_in(store, clock, credentials) -> None:
    exchange = Slow(clock)
    clients = [login(store, exchange, clock, credentials) for _ in range(5)]
    tokens = await asyncio.gather(*(client.get() for client in clients))
    assert {token.access_token.reveal() for token in tokens} == {"token-1"}
    assert exchange.logins == 1
    tokens = await asyncio.gather(*(client.refreshed_after(1) for client in clients))
    assert {token.access_token.reveal() for token in tokens} == {"token-2"}
    assert exchange.logins == 2


async def test_of_many_commands_with_one_stored_login_one_renews_it(clock, tmp_path: Path) -> None:
    token = StoredToken("ended", clock.time(), "all", Secret("r1"))
    kept = StoredLogin(tmp_path / "login.json", "https://acme.halopsa.com/api", "app", None, token)
    write_private(kept.path, _encode_login(kept))
    exchange = Slow(clock)
    clients = [login(LoginFileStore(kept), exchange, clock, stored_credentials(kept)) for _ in range(5)]
    tokens = await asyncio.gather(*(client.get() for client in clients))
    assert {token.access_token.reveal() for token in tokens} == {"token-1"}
    assert [form["refresh_token"] for form in exchange.forms] == ["r1"]


@pytest.mark.parametrize("kind", ["file", "keychain", "login of the command"])
async def test_without_room_for_its_successor_a_refresh_token_is_not_used_up(
    clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(token_stores, "import_module", lambda name: FakeKeyring())
    kept = StoredLogin(tmp_path / "login.json", "https://acme.halopsa.com/api", "app", None)
    kept = attrs.evolve(kept, token=StoredToken("ended", clock.time(), "all", Secret("r1")))
    write_private(kept.path, _encode_login(kept))
    stores = {"file": FileStore, "keychain": lambda path: KeychainStore(locks=path)}
    store = stores[kind](tmp_path / "tokens") if kind in stores else LoginFileStore(kept)
    exchange = Slow(clock)
    with monkeypatch.context() as patch:
        patch.setattr(private_files, "write_whole", no_room)
        with pytest.raises(
            AuthenticationError, match=r"The token store failed at .*: no space left on device"
        ):
            await login(store, exchange, clock).get()
    assert exchange.logins == 0
    assert not [*tmp_path.rglob("*.lock")]
    assert (await login(store, exchange, clock).get()).access_token.reveal() == "token-1"


def no_room(fd: int, data: bytes) -> None:
    raise OSError(errno.ENOSPC, "canary")


async def test_a_token_stored_between_the_first_look_and_the_lock_is_used(clock) -> None:
    class JustStored(MemoryStore):
        async def try_lock(self, key: str) -> Any:
            await self.save(key, StoredToken("theirs", clock.time() + 3600, "all", Secret("r2")))
            return await super().try_lock(key)

    exchange = Slow(clock)
    client = login(JustStored(), exchange, clock)
    assert (await client.get()).access_token.reveal() == "theirs"
    assert exchange.logins == 0


class Hanging(FakeExchange):
    """A login service that never responds."""

    async def __call__(self, method: str, url: str, *, form: Any = None) -> FakeResponse:
        if form is not None:
            self.forms.append({})
            await asyncio.Event().wait()
        return await super().__call__(method, url, form=form)


async def _hold(
    store: TokenStore, clock: VirtualClock, credentials: Any = None
) -> tuple[Tokens, asyncio.Task[Any]]:
    """A client that holds the lock, in the middle of a login that does not end."""
    exchange = Hanging()
    holder = login(store, exchange, clock, credentials)
    task = asyncio.create_task(holder.get())
    while not exchange.forms:
        await asyncio.sleep(0)
    return holder, task


async def test_a_login_that_hangs_elsewhere_is_told_after_a_while(store, clock) -> None:
    holder, task = await _hold(store, clock)
    exchange = Slow(clock)
    with pytest.raises(
        LoginUnavailableError, match="Another process has been logging in for 330 s"
    ) as caught:
        await login(store, exchange, clock).get()
    assert clock.monotonic() == pytest.approx(Grant.longest, abs=1)
    assert exchange.logins == 0
    assert "r1" not in str(caught.value)
    task.cancel()
    await holder.aclose()


async def test_a_login_that_hangs_holds_no_other_login_up(store, clock) -> None:
    holder, task = await _hold(store, clock, RefreshTokenCredentials("app", "another"))
    assert (await login(store, Slow(clock), clock).get()).access_token.reveal() == "token-1"
    assert clock.monotonic() < 100
    task.cancel()
    await holder.aclose()


async def test_a_person_at_a_browser_is_given_the_time_that_was_set() -> None:
    from halo_async.auth.user_grants import AuthorizationCodeGrant

    grant = AuthorizationCodeGrant(AuthorizationCodeCredentials("app", print, wait=1000.0), "all")
    assert grant.longest == 1030.0


async def test_a_client_that_is_closed_in_the_middle_of_a_login_lets_the_others_in(store, clock) -> None:
    holder, task = await _hold(store, clock)
    waiting = asyncio.create_task(login(store, Slow(clock), clock).get())
    await asyncio.sleep(0)
    await holder.aclose()
    assert (await waiting).access_token.reveal() == "token-1"
    with pytest.raises(AuthenticationError, match="closed while it logged in"):
        await task


async def _begun(
    exchange: Slow, store: TokenStore | None, clock: VirtualClock
) -> tuple[Tokens, asyncio.Task[Any]]:
    """A client whose refresh token has reached the login service, which has not responded yet."""
    client = login(store, exchange, clock)  # type: ignore[arg-type]
    task = asyncio.create_task(client.get())
    while not exchange.forms:
        await asyncio.sleep(0)
    return client, task


async def _close(client: Tokens, how: str) -> None:
    closing = asyncio.create_task(client.aclose())
    for _ in range({"closed": 0, "cancelled": 1, "cancelled again and again": 50}[how]):
        await asyncio.sleep(0)
        closing.cancel()
    with pytest.raises(asyncio.CancelledError) if how != "closed" else nullcontext():
        await closing


CLOSED = pytest.mark.parametrize("how", ["closed", "cancelled", "cancelled again and again"])


@CLOSED
async def test_a_refresh_token_that_is_on_its_way_is_stored_before_a_client_is_closed(
    store, clock, how
) -> None:
    exchange = Slow(clock)
    first, task = await _begun(exchange, store, clock)
    await _close(first, how)
    with pytest.raises(AuthenticationError, match="closed while it logged in"):
        await task
    second = login(store, exchange, clock)
    assert (await second.get()).access_token.reveal() == "token-1"
    assert exchange.logins == 1
    assert (await second.refreshed_after(1)).access_token.reveal() == "token-2"
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "r2"]


@CLOSED
async def test_without_a_store_a_client_that_is_opened_again_has_the_new_refresh_token(clock, how) -> None:
    exchange = Slow(clock)
    client, task = await _begun(exchange, None, clock)
    await _close(client, how)
    with pytest.raises(AuthenticationError, match="closed while it logged in"):
        await task
    assert (await client.get()).access_token.reveal() == "token-2"
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "r2"]


async def test_a_login_that_spends_nothing_is_stopped_at_once(store, clock) -> None:
    holder, task = await _hold(store, clock, ClientCredentials("app", "secret"))
    began = clock.monotonic()
    await holder.aclose()
    assert clock.monotonic() == began
    with pytest.raises(AuthenticationError, match="closed while it logged in"):
        await task


async def test_a_login_that_was_refused_lets_the_others_in(store, clock) -> None:
    refusing = FakeExchange(token=[respond(401, {"error": "invalid_client"})])
    with pytest.raises(AuthenticationError):
        await login(store, refusing, clock).get()
    assert (await login(store, Slow(clock), clock).get()).access_token.reveal() == "token-1"


class Full(MemoryStore):
    """Saves nothing while it is full."""

    full = True

    async def save(self, key: str, stored: token_stores.StoredToken) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        await super().save(key, stored)


async def test_while_a_new_refresh_token_cannot_be_stored_nobody_sends_the_spent_one(clock) -> None:
    store, exchange = Full(), Slow(clock)
    first, second = (login(store, exchange, clock) for _ in range(2))
    with pytest.raises(AuthenticationError, match="The token store failed"):
        await first.get()
    waiting = asyncio.create_task(second.get())
    await clock.sleep(10)
    assert exchange.logins == 1
    store.full = False
    assert (await first.get()).access_token.reveal() == "token-1"
    assert (await waiting).access_token.reveal() == "token-1"
    assert exchange.logins == 1


async def test_a_client_that_is_closed_then_gives_way(clock) -> None:
    store, exchange = Full(), Slow(clock)
    first = login(store, exchange, clock, ClientCredentials("app", "secret"))
    with pytest.raises(AuthenticationError, match="The token store failed"):
        await first.get()
    await first.aclose()
    store.full = False
    second = login(store, exchange, clock, ClientCredentials("app", "secret"))
    assert (await second.get()).access_token.reveal() == "token-2"


def test_clients_on_several_event_loops_share_a_memory_store(clock) -> None:
    store = MemoryStore()

    async def hold() -> Any:
        return await store.try_lock("a")

    lock = asyncio.run(hold())
    assert asyncio.run(hold()) is None
    asyncio.run(lock.release())
    assert asyncio.run(hold()) is not None


def test_a_lock_that_nobody_holds_any_more_is_free() -> None:
    locks = LocalLocks()

    async def twice() -> bool:
        await locks.try_lock("a")  # its holder is gone at once
        return await locks.try_lock("a") is not None

    assert asyncio.run(twice())


def test_a_store_without_weak_references_has_locks_of_nobody_else() -> None:
    class Slotted:
        __slots__ = ()

    assert local_locks(Slotted()) is not local_locks(Slotted())
    store = OwnStore()
    assert local_locks(store) is local_locks(store)


async def test_a_lock_in_redis_is_prolonged_while_its_holder_lives() -> None:
    prolonged = asyncio.Event()

    class Redis(FakeRedis):
        async def eval(self, script: str, keys: int, key: str, mark: str, *arguments: int) -> int:
            if "pexpire" in script:
                prolonged.set()
                if len(self.kept) == 1:
                    self.kept["asked"] = b""
                    raise ConnectionError
                assert arguments == (60,)
            return await super().eval(script, keys, key, mark, *arguments)

    redis = Redis()
    lock = await RedisLock.take(redis, "a", held_for=0.06)
    assert lock is not None
    for _ in range(2):  # also after a time at which Redis was away
        prolonged.clear()
        await asyncio.wait_for(prolonged.wait(), 20)
    assert await RedisLock.take(redis, "a") is None
    await lock.release()
    assert "a" not in redis.kept


async def test_a_lock_in_redis_that_somebody_else_has_by_now_is_left_to_him() -> None:
    redis = FakeRedis()
    lock = await RedisLock.take(redis, "a")
    assert lock is not None
    redis.kept["a"] = b"another"
    await lock.release()
    assert redis.kept["a"] == b"another"
