"""A process that shares a login with others: `renewing.py STORE`. It says when it is ready, and waits for a line."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from halo_async import Halo
from halo_async.auth.credentials import RefreshTokenCredentials
from halo_async.auth.token_stores import FileStore, RedisStore, TokenStore
from halo_async.errors import HaloError


def store_at(place: str) -> TokenStore:
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
