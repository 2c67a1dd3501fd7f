"""Opening keeps its deadline: connecting, TLS, discovery and login are inside it, however a client is opened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from halo_async import ClientCredentials, DeadlineExceededError, DiscoveryError, Halo
from halo_async.emulator import Emulator, Fault
from halo_async.fleet import Fleet
from tests.support.loop_time import JumpingClock

DEADLINE = 0.4
ATTEMPTS = 40.0
"""Seconds, fewer than all attempts take at a port that says nothing (four of ten seconds, and the waits)."""
WAIT = 10.0
"""Seconds, by a clock that jumps over them, between two attempts: three waits are as many as a login makes."""
WHO = ClientCredentials("id", "secret")


@asynccontextmanager
async def speaking_plain_http() -> AsyncIterator[str]:
    """A server that waits for the end of the request's head, which no TLS handshake has."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def nobody() -> AsyncIterator[str]:
    """A port on which nobody listens, so that each attempt fails at once and is made again."""
    server = await asyncio.start_server(lambda *streams: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    yield f"https://127.0.0.1:{port}"


@asynccontextmanager
async def silent(path: str) -> AsyncIterator[str]:
    async with Emulator(tickets=5, faults=[Fault("F13", path, variant="silence")]) as emulator:
        yield emulator.url


def silent_login() -> AbstractAsyncContextManager[str]:
    return silent("POST /auth/token")


def silent_discovery() -> AbstractAsyncContextManager[str]:
    return silent("GET /api/authinfo")


async def by_block(url: str, folder: Path, **options: Any) -> None:
    async with Halo(url, WHO, **options):
        raise AssertionError("it is open")


async def by_first_call(url: str, folder: Path, **options: Any) -> None:
    halo = Halo(url, WHO, **options)
    try:
        await halo.tickets.get(1)
    finally:
        await halo.aclose()


async def by_environment(url: str, folder: Path, **options: Any) -> None:
    async with Halo.from_env(instance=url, **options):
        raise AssertionError("it is open")


async def by_export(url: str, folder: Path, **options: Any) -> None:
    halo = Halo(url, WHO, **options)
    try:
        await halo.export(["tickets"], folder / "out")
    finally:
        await halo.aclose()


async def by_fleet(url: str, folder: Path, **options: Any) -> None:
    async with Fleet({"acme": Halo(url, WHO, **options)}) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.get(1))
    raise found["acme"].error or AssertionError("it responded")


async def by_fleet_export(url: str, folder: Path, **options: Any) -> None:
    async with Fleet({"acme": Halo(url, WHO, **options)}) as fleet:
        found = await fleet.export(["tickets"], folder)
    raise found["acme"].error or AssertionError("it responded")


Way = Callable[..., Awaitable[None]]
WAYS: list[Way] = [by_block, by_first_call, by_environment, by_export, by_fleet, by_fleet_export]


@pytest.fixture(autouse=True)
def login_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_CLIENT_ID", "id")
    monkeypatch.setenv("HALO_CLIENT_SECRET", "secret")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", [speaking_plain_http, silent_discovery, silent_login])
async def test_every_way_of_opening_ends_with_the_deadline(
    place: Callable[[], AbstractAsyncContextManager[str]], way: Way, tmp_path: Path
) -> None:
    async with place() as url, asyncio.timeout(ATTEMPTS):
        with pytest.raises(DeadlineExceededError):
            await way(url, tmp_path, deadline=DEADLINE)


@pytest.mark.parametrize("way", WAYS)
async def test_a_deadline_in_the_wait_after_the_last_attempt_but_one_ends_every_way(
    way: Way, tmp_path: Path
) -> None:
    async with nobody() as url:
        with pytest.raises(DeadlineExceededError):
            await way(url, tmp_path, deadline=2.5 * WAIT, clock=JumpingClock(WAIT))


@pytest.mark.parametrize("way", WAYS)
async def test_the_last_attempt_ends_every_way_before_a_later_deadline(way: Way, tmp_path: Path) -> None:
    async with nobody() as url:
        with pytest.raises(DiscoveryError, match=r"[Rr]efused"):
            await way(url, tmp_path, deadline=10 * WAIT, clock=JumpingClock(WAIT))


async def test_the_error_says_what_kept_the_login_from_ending() -> None:
    late = {"deadline": 1.5 * WAIT}
    async with nobody() as url:
        port = url.rpartition(":")[2]
        with pytest.raises(
            DeadlineExceededError,
            match=rf"The login .* within 15 s \(deadline\)\. .*refused \(127\.0\.0\.1:{port}\)",
        ):
            await by_block(url, Path(), clock=JumpingClock(WAIT), **late)
        with pytest.raises(DeadlineExceededError, match=r"GET /Tickets/1: The login took all .* refused"):
            await by_first_call(url, Path(), clock=JumpingClock(WAIT), **late)


@pytest.mark.parametrize(("deadline", "ends"), [(1.5, DeadlineExceededError), (10, DiscoveryError)])
async def test_a_port_without_tls_is_told_as_that(deadline: float, ends: type[Exception]) -> None:
    async with Emulator(tickets=5) as emulator:
        url = emulator.url.replace("http:", "https:")
        with pytest.raises(ends, match="the port does not speak TLS"):
            await by_block(url, Path(), deadline=deadline * WAIT, clock=JumpingClock(WAIT))


async def test_without_a_deadline_a_slow_login_is_waited_for() -> None:
    slow = [Fault("F27", "POST /auth/token", variant="503", times=1, options={"delay": 0.2})]
    async with Emulator(tickets=5, faults=slow) as emulator:
        who = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, who, deadline=None) as halo:
            assert (await halo.tickets.get(1)).id == 1
