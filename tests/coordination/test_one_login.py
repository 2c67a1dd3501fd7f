"""One token for all processes: requested once, encrypted in Redis, and requested again though its holder was killed."""

from __future__ import annotations

import time

import pytest

from halo_async import ClientCredentials, Coordination, Halo
from halo_async.auth.credentials import SecretSourceCredentials
from halo_async.emulator import Emulator, Fault
from tests.coordination.conftest import Workers, wait_for
from tests.support.redis_server import RedisServer
from tests.support.window_kit import logins

SLOW = Fault("F17", "POST /auth/token", "late", options={"seconds": 30})
"""Its response is never seen by a process that is killed."""


def client(emulator: Emulator, coordination: object, *, secret: str | None = None) -> Halo:
    login = ClientCredentials(emulator.client_id, secret or emulator.client_secret)
    return Halo(emulator.url, login, coordination=coordination, rate_limit=None)


async def everything_in(redis: RedisServer) -> bytes:
    import redis.asyncio as package

    connection = package.Redis.from_url(redis.url)
    try:
        kinds = {b"string": lambda key: connection.get(key), b"hash": lambda key: connection.hgetall(key)}
        found = []
        for key in await connection.keys("*"):
            read = kinds.get(await connection.type(key))
            found.append(repr((key, await read(key) if read else None)).encode())
        return b"\n".join(found)
    finally:
        await connection.aclose()


def test_the_others_log_in_when_the_process_that_refreshes_is_killed(
    emulator: Emulator, workers: Workers
) -> None:
    four = workers(4, "none")
    emulator.faults.add(SLOW)
    four[0].make(1)
    until = time.monotonic() + 20
    while not logins(emulator) and time.monotonic() < until:
        time.sleep(0.02)
    emulator.faults.clear()
    for worker in four[1:]:
        worker.make(1)
    time.sleep(0.5)
    assert logins(emulator) == 1
    killed = time.monotonic()
    four[0].process.kill()
    assert [worker.result()["done"] for worker in four[1:]] == [1] * 3
    assert time.monotonic() - killed < 10
    assert logins(emulator) == 2


async def test_a_revoked_token_is_replaced_once_for_all(emulator: Emulator, redis: RedisServer) -> None:
    async with client(emulator, redis.url) as one, client(emulator, redis.url) as two:
        await one.request("GET", "/Status")
        await two.request("GET", "/Status")
        assert logins(emulator) == 1
        emulator.revoke_tokens()
        await one.request("GET", "/Status")
        await two.request("GET", "/Status")
        assert logins(emulator) == 2


async def test_no_secret_and_no_token_is_readable_in_redis(emulator: Emulator, redis: RedisServer) -> None:
    async with client(emulator, redis.url) as halo:
        await halo.request("GET", "/Status")
        token = (await halo.transport.token()).access_token.reveal()
        stored = await everything_in(redis)
    assert b"halo-async:token:" in stored
    for secret in (token, emulator.client_secret, token.split(".")[-1]):
        assert secret.encode() not in stored


async def test_with_another_secret_the_token_is_not_found(emulator: Emulator, redis: RedisServer) -> None:
    async with client(emulator, redis.url):
        pass
    from halo_async.errors import AuthenticationError

    with pytest.raises(AuthenticationError):
        async with client(emulator, redis.url, secret="wrong" * 8):
            pass


async def test_a_token_that_was_changed_in_redis_is_not_used(emulator: Emulator, redis: RedisServer) -> None:
    import redis.asyncio as package

    async with client(emulator, redis.url):
        pass
    connection = package.Redis.from_url(redis.url)
    (key,) = [key for key in await connection.keys("halo-async:token:*") if b"lock" not in key]
    stored = await connection.get(key)
    await connection.set(key, stored[:-1] + bytes([stored[-1] ^ 1]))
    await connection.aclose()
    async with client(emulator, redis.url) as halo:
        await halo.request("GET", "/Status")
    assert logins(emulator) == 2


async def test_by_choice_no_token_is_in_redis(emulator: Emulator, redis: RedisServer) -> None:
    async with client(emulator, Coordination(redis.url, tokens="none")) as halo:
        await halo.request("GET", "/Status")
        assert b"token" not in await everything_in(redis)
    async with client(emulator, Coordination(redis.url, tokens="none")):
        pass
    assert logins(emulator) == 2


async def test_a_secret_that_is_read_at_each_login_shares_a_token_too(
    emulator: Emulator, redis: RedisServer
) -> None:
    login = SecretSourceCredentials(emulator.client_id, lambda: emulator.client_secret)
    for _ in range(2):
        async with Halo(emulator.url, login, coordination=redis.url, rate_limit=None) as halo:
            await halo.request("GET", "/Status")
    async with client(emulator, redis.url) as halo:
        await halo.request("GET", "/Status")
    assert logins(emulator) == 1


async def test_one_key_serves_whoever_has_it(emulator: Emulator, redis: RedisServer) -> None:
    for key in ("one-key-one-key-one-key", "another-key-another-key-"):
        async with client(emulator, Coordination(redis.url, key=key)):
            pass
    assert logins(emulator) == 2


def test_the_token_is_requested_once_although_all_start_at_once(emulator: Emulator, workers: Workers) -> None:
    four = workers(4, "none")
    for worker in four:
        worker.make(2)
    wait_for(emulator, 8)
    assert [worker.result()["done"] for worker in four] == [2] * 4
    assert logins(emulator) == 1
