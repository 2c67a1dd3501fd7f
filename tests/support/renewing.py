"""A process that shares a login with others: `renewing.py STORE`. It says when it is ready, and waits for a line."""

from __future__ import annotations

import asyncio
import os
import sys
from hashlib import sha256
from pathlib import Path

from halo_async import Halo
from halo_async.auth.credentials import RefreshTokenCredentials
from halo_async.auth.redis_store import RedisStore
from halo_async.auth.token_stores import FileStore, KeychainStore, TokenStore
from halo_async.errors import HaloError


def keychain_at(folder: Path) -> TokenStore:
    """The real package keyring, with a keychain in files, so that processes share it."""
    import keyring
    from keyring.backend import KeyringBackend

    class Files(KeyringBackend):
        priority = 1.0  # type: ignore[assignment]

        def _path(self, service: str, username: str) -> Path:
            return folder / sha256(f"{service} {username}".encode()).hexdigest()

        def get_password(self, service: str, username: str) -> str | None:
            path = self._path(service, username)
            return path.read_text() if path.exists() else None

        def set_password(self, service: str, username: str, password: str) -> None:
            new = self._path(service, username).with_suffix(f".{os.getpid()}")
            new.write_text(password)
            new.replace(self._path(service, username))

        def delete_password(self, service: str, username: str) -> None:
            self._path(service, username).unlink()

    folder.mkdir(exist_ok=True)
    keyring.set_keyring(Files())
    return KeychainStore(locks=folder.with_name("locks"))


def store_at(place: str) -> TokenStore:
    if place.startswith("keychain:"):
        return keychain_at(Path(place.removeprefix("keychain:")))
    if not place.startswith("redis:"):
        return FileStore(Path(place))
    from redis.asyncio import Redis

    return RedisStore(Redis.from_url(place))


async def use(place: str) -> str:
    login = RefreshTokenCredentials(os.environ["HALO_CLIENT_ID"], os.environ["REFRESH_TOKEN"])
    store = store_at(place)
    try:
        async with Halo(os.environ["HALO_INSTANCE"], login, token_store=store, rate_limit=None) as halo:
            return f"{len(await halo.status.list().all())} rows"
    except HaloError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        if isinstance(store, RedisStore):
            await store._client.aclose()


print("ready", flush=True)
sys.stdin.readline()
print(asyncio.run(use(sys.argv[1])), flush=True)
