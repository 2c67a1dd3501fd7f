"""Cookies carry a login from one client to another: none is stored, and none is sent, with any session."""

from __future__ import annotations

import gc
import tempfile
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from halo_async import Halo
from halo_async.auth.credentials import PasswordCredentials
from halo_async.emulator import Emulator, Fault


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(tickets=5, rate_limit=None) as running:
        for place in ("* *", "POST /auth/token"):
            running.faults.add([Fault("F51", place, "cookie", options={"cookie": "login=alice; Path=/"})])
        yield running


def cookies(emulator: Emulator) -> list[str]:
    return [
        value
        for request in emulator.requests()
        for name, value in dict(request.headers).items()
        if name.lower() == "cookie"
    ]


async def use(emulator: Emulator, **options: Any) -> None:
    login = PasswordCredentials(emulator.client_id, emulator.username, emulator.password)
    async with Halo(emulator.url, login, rate_limit=None, **options) as halo:
        await halo.status.list().all()
        await halo.tickets.create(summary="x")
        made = await halo.attachment.upload(b"bytes", filename="a.txt", ticket_id=1)
        with tempfile.TemporaryDirectory() as folder:
            await halo.attachment.download(made.id, to=Path(folder) / "a.txt")


async def test_two_clients_with_one_session_share_no_cookie(emulator: Emulator) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, cookies={"mine": "1"}) as session:
        jar.update_cookies({"from": "elsewhere"}, URL(emulator.url))
        await use(emulator, session=session)
        await use(emulator, session=session)
        assert cookies(emulator) == []
        assert {cookie.key for cookie in jar} == {"mine", "from"}
        async with session.get(f"{emulator.url}/api/status") as response:  # the caller's own are sent as ever
            assert response.status == 401
        assert cookies(emulator) == ["mine=1; from=elsewhere"] or cookies(emulator) == [
            "from=elsewhere; mine=1"
        ]
        assert "login" in {cookie.key for cookie in jar}


async def test_a_session_of_the_client_stores_no_cookie(emulator: Emulator) -> None:
    login = PasswordCredentials(emulator.client_id, emulator.username, emulator.password)
    async with Halo(emulator.url, login, rate_limit=None) as halo:
        await halo.status.list().all()
        await halo.status.list().all()
    assert cookies(emulator) == []


async def test_a_callers_session_leaves_no_warning_behind(emulator: Emulator) -> None:
    async with aiohttp.ClientSession() as session:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            await use(emulator, session=session)
            gc.collect()
        assert [str(one.message) for one in caught if "session" in str(one.message).lower()] == []
        assert not session.closed
