"""While Redis is away requests wait for it, or each process goes on with a part of the quota: as was chosen."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import pytest

from halo_async import ClientCredentials, Coordination, Halo, RateLimit
from halo_async.coordination import link
from halo_async.emulator import Emulator, Fault
from halo_async.errors import AuthenticationError, CoordinationError
from tests.coordination.conftest import Workers
from tests.support.redis_server import RedisServer
from tests.support.window_kit import api_times, most_in_window


def client(emulator: Emulator, coordination: object, limit: str = "8/1", **options: object) -> Halo:
    login = ClientCredentials(emulator.client_id, emulator.client_secret)
    return Halo(emulator.url, login, coordination=coordination, rate_limit=RateLimit.parse(limit), **options)


async def test_requests_wait_for_redis_and_then_continue(
    emulator: Emulator, redis: RedisServer, caplog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "FIRST_RESPONSE", 0.1)  # of a Redis that has never responded
    async with client(emulator, redis.url) as halo:
        await halo.request("GET", "/Status")
        redis.kill()
        waiting = asyncio.create_task(halo.request("GET", "/Status"))
        await asyncio.sleep(1)
        assert not waiting.done()
        assert len(emulator.requests("GET /Status")) == 1
        redis.start()
        await waiting
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 1
    assert "requests wait for it" in said[0]
    assert "canary" not in caplog.text


async def test_a_redis_that_says_nothing_counts_as_away(emulator: Emulator, redis: RedisServer) -> None:
    async with client(emulator, Coordination(redis.url, when_unavailable="share", share=1)) as halo:
        await halo.request("GET", "/Status")
        redis.freeze()
        began = time.monotonic()
        await halo.request("GET", "/Status")
        assert time.monotonic() - began < 4
        redis.thaw()


async def test_an_error_says_so_when_it_was_waited_for_long_enough(
    emulator: Emulator, redis: RedisServer
) -> None:
    async with client(emulator, redis.url, max_retry_wait=0.5) as halo:
        await halo.request("GET", "/Status")
        redis.kill()
        with pytest.raises(CoordinationError, match=r"has not responded for 0\.5 s\. Start it, or choose"):
            await halo.request("GET", "/Status")
    assert len(emulator.requests("GET /Status")) == 1


@pytest.mark.parametrize("tokens", ["none", "encrypted"])
async def test_a_redis_that_never_responded_is_not_waited_for_as_one_that_will_come_back(
    emulator: Emulator, redis: RedisServer, monkeypatch: pytest.MonkeyPatch, tokens: Any
) -> None:
    monkeypatch.setattr(link, "FIRST_RESPONSE", 0.3)
    redis.kill()
    said = r"not responded for 0\.3 s\. Check the address and that it runs, or choose .*\"share\".* \"stop\""
    with pytest.raises((CoordinationError, AuthenticationError), match=said):
        async with client(emulator, Coordination(redis.url, tokens=tokens)) as halo:
            await asyncio.wait_for(halo.request("GET", "/Status"), 60)
    assert not emulator.requests("GET /Status")


async def test_the_first_call_does_not_blame_the_instance_where_redis_is_away(
    emulator: Emulator, redis: RedisServer
) -> None:
    redis.kill()
    shared = Coordination(redis.url, tokens="none")
    with pytest.raises(CoordinationError, match="has not responded for") as caught:
        async with client(emulator, shared, max_retry_wait=0.5) as halo:
            await halo.request("GET", "/Status")
    assert "instance" not in str(caught.value)
    assert not emulator.requests("GET /authinfo")


async def test_a_password_that_redis_refuses_is_told_at_once(emulator: Emulator, redis: RedisServer) -> None:
    wrong = redis.url.replace("canary-redis", "canary-wrong")
    with pytest.raises(Exception, match="refuses this login") as caught:
        async with client(emulator, wrong):
            pass
    assert "canary" not in str(caught.value)


def test_by_choice_each_process_continues_with_its_share(
    emulator: Emulator, redis: RedisServer, workers: Workers
) -> None:
    url = f"{redis.url}?share=1/4"
    four = workers(4, "16/1", HALO_COORDINATION=url)
    for worker in four:
        worker.make(1)
    assert [worker.result()["done"] for worker in four] == [1] * 4
    redis.kill()
    for worker in four:
        worker.make(8)
    assert [worker.result() for worker in four] == [{"done": 8, "errors": {}, "throttled": 0}] * 4
    redis.start()
    for worker in four:
        worker.make(8)
    assert [worker.result()["done"] for worker in four] == [8] * 4
    assert most_in_window(api_times(emulator), 1.0) <= 16


async def test_a_429_that_one_gets_pauses_all(emulator: Emulator, redis: RedisServer) -> None:
    async with client(emulator, redis.url, "100/10") as one, client(emulator, redis.url, "100/10") as two:
        await two.request("GET", "/Status")
        emulator.faults.add(Fault("F23", "GET /Status", "seconds", options={"seconds": 2}))
        first = asyncio.create_task(one.request("GET", "/Status"))
        while not [request for request in emulator.requests if request.status == 429]:
            await asyncio.sleep(0.01)
        emulator.faults.clear()
        refused = time.monotonic()
        await asyncio.sleep(0.2)
        await two.request("GET", "/Status")
        assert time.monotonic() - refused >= 1.9
        await first
        assert two.statistics().throttled == 0
