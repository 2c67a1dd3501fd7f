"""Discovery, tokens and what is refused, as live instances do it."""

from __future__ import annotations

import aiohttp
import pytest

from halo_async._utils.clock import VirtualClock


async def test_authinfo_is_anonymous_and_names_the_auth_root_and_the_tenant(wire):
    async with wire.session.get(f"{wire.emulator.url}/api/authinfo") as response:
        assert response.status == 200
        assert await response.json() == {
            "auth_url": f"{wire.emulator.url}/auth",
            "tenant_id": wire.emulator.tenant,
        }


async def test_an_instance_on_premises_has_no_tenant(start):
    wire = await start(tenant=None)
    assert "tenant_id" not in (await wire.get("/authinfo")).json()


async def test_a_token_comes_with_its_type_its_scope_and_its_lifetime(wire):
    response = (await wire.log_in()).json()
    assert response["token_type"] == "Bearer"
    assert response["scope"] == "all"
    assert response["expires_in"] == 3600


async def test_a_wrong_secret_is_401_invalid_client(wire):
    response = await wire.log_in(client_secret="no")
    assert response.status == 401
    assert response.json()["error"] == "invalid_client"


async def test_a_wrong_tenant_is_a_500_without_a_body(wire):
    response = await wire.log_in(tenant="other")
    assert (response.status, response.body) == (500, b"")


async def test_an_unknown_grant_is_400(wire):
    response = await wire.log_in(grant_type="magic")
    assert response.status == 400
    assert response.json()["error"] == "unsupported_grant_type"


async def test_without_a_scope_a_token_is_issued_and_every_call_is_401(wire):
    assert (await wire.log_in(scope="")).status == 200
    response = await wire.get("/Tickets")
    assert (response.status, response.body) == (401, b"")


async def test_a_call_without_a_token_is_401_with_an_empty_body(wire):
    wire.token = None
    response = await wire.get("/Tickets")
    assert (response.status, response.body) == (401, b"")
    assert "Content-Type" not in response.headers


async def test_a_token_dies_when_its_time_is_over(start):
    clock = VirtualClock()
    wire = await start(clock=clock, token_lifetime=100)
    assert (await wire.get("/Status")).status == 200
    clock.advance(101)
    assert (await wire.get("/Status")).status == 401


async def test_revoked_tokens_are_401(wire):
    wire.emulator.revoke_tokens()
    assert (await wire.get("/Status")).status == 401


async def test_stopping_closes_every_socket(start):
    wire = await start()
    url = wire.emulator.url
    await wire.emulator.stop()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{url}/api/authinfo")
