"""Closing a client while its rotating refresh token is on its way, over the wire: the new one is stored first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest

from halo_async import Halo
from halo_async.auth.credentials import RefreshTokenCredentials
from halo_async.auth.token_stores import FileStore
from halo_async.emulator import Emulator, Fault

SLOW = Fault("F17", "POST /auth/token", "late", options={"seconds": 0.2}, times=1)
"""The service has revoked the old refresh token, and the new one is on its way."""


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(tickets=5, rate_limit=None, revoke_on_reuse=True) as running:
        yield running


@pytest.fixture
async def first(emulator: Emulator) -> str:
    form = {"grant_type": "password", "username": emulator.username, "password": emulator.password}
    form |= {"client_id": emulator.client_id, "scope": "all offline_access"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{emulator.url}/auth/token", data=form) as response,
    ):  # fmt: skip
        token: str = json.loads(await response.read())["refresh_token"]
    emulator.requests.clear()
    return token


async def _arrived(emulator: Emulator) -> None:
    while not emulator.requests("POST /auth/token"):
        await asyncio.sleep(0.005)


async def _closed(halo: Halo, emulator: Emulator) -> None:
    task = asyncio.create_task(halo.status.list().all())
    await _arrived(emulator)
    await halo.aclose()
    await asyncio.wait([task])
    assert task.exception() is not None


async def _closing_cancelled(halo: Halo, emulator: Emulator) -> None:
    task = asyncio.create_task(halo.status.list().all())
    await _arrived(emulator)
    closing = asyncio.create_task(halo.aclose())
    await asyncio.sleep(0.02)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await asyncio.wait([task])
    assert task.exception() is not None


async def _block_cancelled(halo: Halo, emulator: Emulator) -> None:
    async def use() -> None:
        async with halo:
            await halo.status.list().all()

    task = asyncio.create_task(use())
    await _arrived(emulator)
    task.cancel()
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _scope_cancelled(halo: Halo, emulator: Emulator) -> None:
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:

            async def stop() -> None:
                await _arrived(emulator)
                scope.cancel()

            group.start_soon(stop)
            async with halo:
                await halo.status.list().all()
    assert scope.cancelled_caught


@pytest.mark.parametrize("end", [_closed, _closing_cancelled, _block_cancelled, _scope_cancelled])
async def test_the_next_client_has_the_new_refresh_token(
    emulator: Emulator, first: str, tmp_path: Path, end: Any
) -> None:
    def client() -> Halo:
        login = RefreshTokenCredentials(emulator.client_id, first)
        return Halo(emulator.url, login, token_store=FileStore(tmp_path / "tokens"), rate_limit=None)

    emulator.faults.add([SLOW])
    await end(client(), emulator)
    assert len(emulator.requests("POST /auth/token")) == 1
    assert list((tmp_path / "tokens").glob("*.token")), "it is stored before the client is closed"
    assert not list((tmp_path / "tokens").glob("*.lock"))
    async with client() as halo:
        assert await halo.status.list().all()
        emulator.revoke_tokens()
        assert await halo.status.list().all()
    assert len(emulator.requests("POST /auth/token")) == 2
