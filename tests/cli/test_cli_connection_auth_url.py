"""`--auth-url`: where discovery does not find the login, or must not believe it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from threading import Thread
from urllib.request import urlopen

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from tests.support.cli_kit import Outcome, login

Run = Callable[..., Outcome]


@pytest.fixture
def mute() -> Iterator[str]:
    """An address that is up and is not a Halo instance."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_not_found, "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.run_until_complete(server.wait_closed())
    loop.close()


async def _not_found(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


def test_with_a_login_address_the_instance_is_not_asked_for_it(halo_async: Run, halo_emulator: Emulator):
    auth_url = f"{halo_emulator.url}/auth"
    for given in (["--auth-url", auth_url], ["--auth-url", f"{auth_url}/token"]):
        assert halo_async("call", "team.list", "--limit", "1", *given).code == 0
    assert halo_async("call", "team.list", "--limit", "1", HALO_AUTH_URL=auth_url).code == 0
    assert len(halo_emulator.requests("POST /auth/token")) == 3
    assert len(halo_emulator.requests("GET /api/authinfo")) == 0


def test_the_advice_of_a_failed_discovery_names_the_option(halo_async: Run, mute: str):
    shown = halo_async("doctor", HALO_INSTANCE=mute)
    assert shown.code == 3
    assert "does not look like a Halo instance" in shown.sentence
    assert "--auth-url" in shown.sentence


def test_doctor_goes_by_the_login_address_that_is_given(halo_async: Run, halo_emulator: Emulator):
    shown = halo_async("doctor", "--json", "--auth-url", f"{halo_emulator.url}/auth/")
    steps = {step["name"]: step["facts"] for step in json.loads(shown.out)["steps"]}
    assert shown.code == 0
    assert steps["instance"] == {"auth_url": f"{halo_emulator.url}/auth", "tenant": None}


@pytest.mark.parametrize("given", ["http://sso.example/auth", "https://user:canary@sso.example", " "])
def test_a_login_address_that_cannot_be_is_wrong_usage(halo_async: Run, given: str):
    shown = halo_async("whoami", "--auth-url", given)
    assert shown.code == (0 if given == " " else 2)
    assert given == " " or "auth_url is not valid" in shown.sentence
    assert "canary" not in shown.err


def test_a_browser_login_keeps_its_login_address(run: Run, halo_emulator: Emulator, monkeypatch):
    def visit(address: str) -> None:
        Thread(target=lambda: urlopen(address).close()).start()

    monkeypatch.setattr("halo_async.cli.login.show_address", visit)
    env = {**login(halo_emulator), "HALO_CLIENT_SECRET": ""}
    auth_url = f"{halo_emulator.url}/auth"
    assert run("login", "--port", "0", "--auth-url", auth_url, **env).code == 0
    halo_emulator.revoke_tokens()
    halo_emulator.requests.clear()
    assert run("call", "team.list", "--limit", "1").code == 0
    assert len(halo_emulator.requests("POST /auth/token")) == 1
    assert len(halo_emulator.requests("GET /api/authinfo")) == 0


def test_a_client_takes_it_from_the_environment(halo_emulator: Emulator, monkeypatch):
    for name, value in {**login(halo_emulator), "HALO_AUTH_URL": f"{halo_emulator.url}/auth"}.items():
        monkeypatch.setenv(name, value)

    async def call() -> None:
        async with Halo.from_env() as halo:
            await halo.team.list().first()

    asyncio.run(call())
    assert len(halo_emulator.requests("GET /api/authinfo")) == 0
