"""Opening keeps its deadline: connecting, TLS, discovery and login are inside it, however a client is opened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from halo_async import ClientCredentials, DeadlineExceededError, DiscoveryError, Halo
from halo_async.emulator import Emulator, Fault
from halo_async.fleet import Fleet

DEADLINE = 0.4
SOON = 4.0
"""Seconds: less than a single connection may take by default, far less than all attempts."""
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


def silent_login() -> object:
    return silent("POST /auth/token")


def silent_discovery() -> object:
    return silent("GET /api/authinfo")


async def by_block(url: str, folder: Path) -> None:
    async with Halo(url, WHO, deadline=DEADLINE):
        raise AssertionError("it is open")


async def by_first_call(url: str, folder: Path) -> None:
    halo = Halo(url, WHO, deadline=DEADLINE)
    try:
        await halo.tickets.get(1)
    finally:
        await halo.aclose()


async def by_environment(url: str, folder: Path) -> None:
    async with Halo.from_env(instance=url, deadline=DEADLINE):
        raise AssertionError("it is open")


async def by_export(url: str, folder: Path) -> None:
    halo = Halo(url, WHO, deadline=DEADLINE)
    try:
        await halo.export(["tickets"], folder / "out")
    finally:
        await halo.aclose()


async def by_fleet(url: str, folder: Path) -> None:
    async with Fleet({"acme": Halo(url, WHO, deadline=DEADLINE)}) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.get(1))
    raise found["acme"].error or AssertionError("it answered")


async def by_fleet_export(url: str, folder: Path) -> None:
    async with Fleet({"acme": Halo(url, WHO, deadline=DEADLINE)}) as fleet:
        found = await fleet.export(["tickets"], folder)
    raise found["acme"].error or AssertionError("it answered")


WAYS = [by_block, by_first_call, by_environment, by_export, by_fleet, by_fleet_export]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", [speaking_plain_http, nobody, silent_discovery, silent_login])
async def test_every_way_of_opening_ends_with_the_deadline(
    place: Callable[[], object], way: Callable[[str, Path], Awaitable[None]], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("HALO_CLIENT_ID", "id")
    monkeypatch.setenv("HALO_CLIENT_SECRET", "secret")
    async with place() as url:  # type: ignore[attr-defined]
        began = time.monotonic()
        # Where nobody listens the waits between the attempts are random: the last attempt may end it sooner.
        ends = (DeadlineExceededError, DiscoveryError) if place is nobody else DeadlineExceededError
        with pytest.raises(ends):
            await way(url, tmp_path)
        assert time.monotonic() - began < SOON


async def test_the_error_says_what_kept_the_login_from_ending() -> None:
    async with nobody() as url:
        port = url.rpartition(":")[2]
        with pytest.raises(
            DeadlineExceededError,
            match=rf"the login .* within 0.4 s \(deadline\): 127.0.0.1:{port}: .*refused",
        ):
            await by_block(url, Path())
        with pytest.raises(DeadlineExceededError, match=r"GET /Tickets/1: the login took all .* refused"):
            await by_first_call(url, Path())


async def test_a_port_without_tls_is_told_as_that(tmp_path: Path) -> None:
    async with Emulator(tickets=5) as emulator:
        # The waits between the attempts are random: the deadline or the last attempt ends it.
        with pytest.raises((DeadlineExceededError, DiscoveryError), match="the port does not speak TLS"):
            await by_block(emulator.url.replace("http:", "https:"), tmp_path)


async def test_without_a_deadline_a_slow_login_is_waited_for() -> None:
    slow = [Fault("F27", "POST /auth/token", variant="503", times=1, options={"delay": 0.2})]
    async with Emulator(tickets=5, faults=slow) as emulator:
        who = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, who, deadline=None) as halo:
            assert (await halo.tickets.get(1)).id == 1
