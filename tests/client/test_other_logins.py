"""A client that logs in otherwise than as an application."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from halo_async import Halo
from halo_async.auth.credentials import (
    ApiKeyCredentials,
    CallableCredentials,
    Credentials,
    PasswordCredentials,
    RefreshTokenCredentials,
)
from halo_async.auth.token_stores import FileStore, MemoryStore
from halo_async.emulator import Emulator
from halo_async.settings import ClientCredentials


def credentials(emulator: Emulator, kind: str) -> Credentials:
    async def own() -> tuple[str, float]:
        async with halo(emulator, ClientCredentials(emulator.client_id, emulator.client_secret)) as other:
            return (await other.transport.token()).access_token.reveal(), 3600.0

    return {
        "password": PasswordCredentials(emulator.client_id, emulator.username, emulator.password),
        "key": ApiKeyCredentials(emulator.api_key),
        "own tokens": CallableCredentials(own),
    }[kind]


def halo(emulator: Emulator, how: Credentials, **options) -> Halo:
    return Halo(emulator.url, how, rate_limit=None, **options)


@pytest.mark.parametrize("kind", ["password", "key", "own tokens"])
async def test_a_client_takes_every_kind_of_credentials(halo_emulator: Emulator, kind: str) -> None:
    async with halo(halo_emulator, credentials(halo_emulator, kind)) as client:
        assert (await client.tickets.get(5)).id == 5


async def test_a_login_in_a_store_outlives_the_client(halo_emulator: Emulator, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "tokens")
    how = PasswordCredentials(halo_emulator.client_id, halo_emulator.username, halo_emulator.password)
    for _ in range(2):
        async with halo(halo_emulator, how, token_store=store) as client:
            assert (await client.tickets.get(5)).id == 5
    assert len(halo_emulator.requests("POST /auth/token")) == 1
    (kept,) = (tmp_path / "tokens").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_a_spent_refresh_token_is_replaced_in_the_store(halo_emulator: Emulator) -> None:
    first = halo(
        halo_emulator,
        PasswordCredentials(halo_emulator.client_id, halo_emulator.username, halo_emulator.password),
        scope="all offline_access",
        token_store=(given := MemoryStore()),
    )
    async with first:
        pass
    (stored,) = given._kept.values()
    assert stored.refresh_token is not None
    how = RefreshTokenCredentials(halo_emulator.client_id, stored.refresh_token)
    store = MemoryStore()
    for _ in range(2):
        halo_emulator.revoke_tokens()
        async with halo(halo_emulator, how, token_store=store) as client:
            assert (await client.tickets.get(5)).id == 5
    forms = [request.body for request in halo_emulator.requests("POST /auth/token")]
    assert [b"grant_type=refresh_token" in form for form in forms] == [False, True, True]
    assert forms[1] != forms[2]
