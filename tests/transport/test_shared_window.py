from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import sys
import time
import traceback
from collections import deque
from collections.abc import AsyncIterator

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import SystemClock, VirtualClock
from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError
from halo_async.settings import RateLimit
from halo_async.transport import redis_window as shared_window
from halo_async.transport.limiter import Limiter
from halo_async.transport.redis_window import RedisWindow


class ElsewhereWindow:
    """A window that two limiters share, on a virtual clock."""

    def __init__(self, clock: VirtualClock, requests: int, seconds: float) -> None:
        self.clock, self.requests, self.seconds = clock, requests, seconds
        self.log: deque[float] = deque()
        self.taken: list[float] = []

    async def take(self) -> float:
        await asyncio.sleep(0)
        now = self.clock.monotonic()
        while self.log and self.log[0] <= now - self.seconds:
            self.log.popleft()
        if len(self.log) >= self.requests:
            return self.log[0] + self.seconds - now
        self.log.append(now)
        self.taken.append(now)
        return 0.0


async def test_two_clients_share_one_quota_in_order(clock) -> None:
    window = ElsewhereWindow(clock, 10, 60)
    limiters = [Limiter(RateLimit(10, 60), clock, lambda: 0.5, window) for _ in range(2)]
    entered: dict[int, list[int]] = {0: [], 1: []}

    async def one(which: int, number: int) -> None:
        await limiters[which].enter()
        entered[which].append(number)
        limiters[which].leave()

    await asyncio.gather(*(one(number % 2, number) for number in range(50)))
    assert entered[0] == sorted(entered[0])
    assert entered[1] == sorted(entered[1])
    assert clock.monotonic() == 240.0
    assert len(window.taken) == 50


async def test_a_pause_that_comes_while_asking_is_kept(clock) -> None:
    class Slow:
        async def take(self) -> float:
            limiter.throttled(7.0)
            return 0.0

    limiter = Limiter(RateLimit(10, 60), clock, lambda: 0.5, Slow())
    await limiter.enter()
    assert clock.monotonic() == 7.0


def shared(url: str, requests: int = 5, seconds: float = 1) -> RedisWindow:
    return RedisWindow(Secret(url), RateLimit(requests, seconds), "https://acme", SystemClock(), lambda: 0.5)


async def test_without_the_packages_the_fix_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(SettingsError, match=r"pip install 'halo-async\[redis\]'"):
        await shared("redis://localhost").take()


@pytest.mark.parametrize(
    "url",
    [
        "redis://:canary@127.0.0.1:abc",
        "redis://:canary@",
        "http://u:canary@127.0.0.1",
        "canary.example:6379",
        "redis+cluster://:canary@127.0.0.1",
        "redis://:canary@[::1",
    ],
)
def test_an_address_that_is_none_of_redis_is_told_before_the_first_call(url) -> None:
    with pytest.raises(SettingsError, match=r"redis://\[:password@\]host") as caught:
        Halo("acme.halopsa.com", ClientCredentials("id", "secret"), rate_limit=RateLimit(5, 1, redis=url))
    assert "canary" not in "".join(traceback.format_exception(caught.value))


async def test_an_address_that_redis_refuses_is_told_without_its_password() -> None:
    pytest.importorskip("redis", reason="the package redis is not installed")
    url = "redis://:canary@127.0.0.1/0?socket_timeout=canary"
    with pytest.raises(SettingsError, match=r"redis://\[:password@\]host") as caught:
        await shared(url).take()
    assert "canary" not in "".join(traceback.format_exception(caught.value))


async def test_a_redis_that_says_nothing_is_not_waited_for(caplog, monkeypatch) -> None:
    pytest.importorskip("redis", reason="the package redis is not installed")
    monkeypatch.setattr(shared_window, "ANSWERS_WITHIN", 0.05)
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    window = shared(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    assert [await window.take() for _ in range(5)] == [0.0] * 5
    assert len(held) == 1
    assert [record.args for record in caplog.records] == [("TimeoutError",)]
    assert window._ignored_until > 0
    await window.aclose()
    for writer in held:
        writer.close()
    server.close()
    await server.wait_closed()


def needs_redis() -> str:
    pytest.importorskip("redis", reason="the package redis is not installed")
    found = shutil.which("redis-server")
    if not found:
        pytest.skip("no redis-server on this machine: install Debian's redis-server to run this")
    return found


@pytest.fixture
async def redis_url(tmp_path) -> AsyncIterator[str]:
    """A redis-server of this test's own."""
    program = needs_redis()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    command = (program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
    server = await asyncio.create_subprocess_exec(
        *command, "--requirepass", "canary-redis", stdout=asyncio.subprocess.DEVNULL, env=dict(os.environ)
    )
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            break
    yield f"redis://:canary-redis@127.0.0.1:{port}/0"
    server.terminate()
    await server.wait()


async def test_workers_share_a_window_in_redis(redis_url) -> None:
    windows = [shared(redis_url, requests=5, seconds=1) for _ in range(3)]
    began = time.monotonic()
    got = [await windows[number % 3].take() for number in range(6)]
    assert got[:5] == [0.0] * 5
    assert 0.0 < got[5] <= 3.2
    await asyncio.sleep(got[5])
    assert await windows[0].take() == 0.0
    assert time.monotonic() - began >= 3.0  # the window and its margin
    for window in windows:
        await window.aclose()


async def test_a_window_in_redis_works_on_one_loop_after_another(redis_url) -> None:
    window = shared(redis_url)
    assert await window.take() == 0.0
    await window.aclose()
    assert await window.take() == 0.0
    await window.aclose()


async def test_without_redis_each_worker_counts_alone_and_says_so_once(caplog) -> None:
    pytest.importorskip("redis", reason="the package redis is not installed")
    window = shared("redis://:canary-redis@127.0.0.1:1/0")
    with caplog.at_level(logging.WARNING, "halo_async"):
        assert [await window.take() for _ in range(5)] == [0.0] * 5
    await window.aclose()
    assert len(caplog.records) == 1
    assert "canary" not in caplog.text


async def test_tokens_can_be_kept_in_redis(redis_url) -> None:
    import redis.asyncio

    from halo_async.auth.token_stores import RedisStore, StoredToken

    client = redis.asyncio.Redis.from_url(redis_url)
    store = RedisStore(client)
    assert await store.load("a") is None
    await store.save("a", StoredToken("canary-token", 1.0, "all"))
    kept = await store.load("a")
    assert kept is not None
    assert kept.access_token.reveal() == "canary-token"
    await client.aclose()
