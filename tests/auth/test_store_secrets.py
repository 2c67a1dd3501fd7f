"""F49: a store that fails shows neither the token nor its own password, also where it is used by itself."""

from __future__ import annotations

import asyncio
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async._utils.secret import Secret
from halo_async._utils.tracebacks import strip_traceback
from halo_async.auth.credentials import PasswordCredentials
from halo_async.auth.factory import tokens_for
from halo_async.auth.redis_store import RedisStore
from halo_async.auth.token_stores import (
    FileStore,
    KeychainStore,
    MemoryStore,
    StoredToken,
    TokenStore,
)
from halo_async.errors import AuthenticationError
from halo_async.settings import Instance
from tests.support.fake_exchange import FakeExchange

KEPT = StoredToken("canary-token", 1.0, "", Secret("canary-refresh"))


def shown(error: BaseException) -> str:
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    captured = traceback.TracebackException.from_exception(error.with_traceback(frames), capture_locals=True)
    return "".join(captured.format())


async def failure(store: TokenStore, *, load: bool = False) -> str:
    with pytest.raises(Exception) as caught:
        await (store.load("key") if load else store.save("key", KEPT))
    return shown(caught.value)


async def test_f49_of_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "canary" not in await failure(FileStore(tmp_path / "file" / "tokens"))


async def test_f49_of_a_file_that_cannot_be_replaced(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store._find_file("key").mkdir()
    assert "canary" not in await failure(store)
    assert [path.suffix for path in tmp_path.iterdir()] == [".token"]


async def test_f49_of_a_keychain_that_is_locked(monkeypatch) -> None:
    def locked(service: str, user: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(set_password=locked))
    assert "canary" not in await failure(KeychainStore())


@pytest.mark.parametrize("load", [False, True])
async def test_f49_of_a_redis_that_refuses_the_password(load) -> None:
    redis = pytest.importorskip("redis.asyncio")

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while sent := await reader.read(4096):
            writer.write(b"-WRONGPASS invalid username-password pair\r\n" * sent.count(b"*"))
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    client = redis.Redis(port=server.sockets[0].getsockname()[1], password="canary-redis", retry=None)
    try:
        assert "canary" not in await failure(RedisStore(client, key="k" * 16), load=load)
    finally:
        await client.aclose()
        server.close()
        await server.wait_closed()


def test_an_error_loses_the_frames_of_all_that_led_to_it() -> None:
    def fail() -> None:
        try:
            int("x")
        except ValueError as error:
            try:
                raise KeyError from error
            except KeyError:
                raise RuntimeError("last") from None

    with pytest.raises(RuntimeError) as caught:
        fail()
    error = strip_traceback(caught.value)
    assert (error, error.__context__, error.__context__.__cause__) != (None,) * 3
    assert [led.__traceback__ for led in (error, error.__context__, error.__context__.__cause__)] == [
        None
    ] * 3


@pytest.mark.skipif(sys.platform == "win32", reason="owner and mode are not looked at there")
async def test_f49_of_a_folder_that_others_share(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("")
    tmp_path.chmod(0o777)
    for load in (False, True):
        assert "canary" not in await failure(FileStore(tmp_path), load=load)


async def test_f49_of_a_key_that_cannot_be_made(monkeypatch) -> None:
    from halo_async.auth import login_key

    def broken(*_: object) -> bytes:
        raise MemoryError("no room")

    monkeypatch.setattr(login_key, "pbkdf2_hmac", broken)
    made = tokens_for(
        PasswordCredentials("app", "alice", "canary-password"),
        exchange=FakeExchange(),
        instance=Instance.parse("acme.halopsa.com"),
        clock=VirtualClock(auto_advance=True),
        random=lambda: 0.5,
        store=MemoryStore(),
    )
    with pytest.raises(AuthenticationError, match="The token store failed with MemoryError") as caught:
        await made.get()
    assert "canary" not in shown(caught.value)
