"""The other ways in, and what a token may do."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.settings import RateLimit

BACK = "http://127.0.0.1:9/back?app=1"


async def authorize(wire, **query):
    fields = {
        "client_id": wire.emulator.client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "all",
    }
    url = f"{wire.emulator.url}/auth/authorize"
    async with wire.session.get(url, params=fields | query, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def exchange(wire, location, **form):
    code = parse_qs(urlsplit(location).query)["code"][0]
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_secret": "",
        "scope": "",
    }
    return await wire.log_in(**fields | form)


async def test_a_password_logs_an_agent_in(wire):
    emulator = wire.emulator
    response = await wire.log_in(
        grant_type="password", username=emulator.username, password=emulator.password, client_secret=""
    )
    assert response.status == 200
    assert (await wire.get("/Tickets")).status == 200


async def test_a_wrong_password_is_400_invalid_grant(wire):
    response = await wire.log_in(grant_type="password", username=wire.emulator.username, password="no")
    assert (response.status, response.json()["error"]) == (400, "invalid_grant")


async def test_an_authorisation_code_comes_back_with_the_state_and_works_once(wire):
    status, location = await authorize(wire, state="s&1")
    assert status == 302
    assert location.startswith(BACK)
    assert parse_qs(urlsplit(location).query)["state"] == ["s&1"]
    assert (await exchange(wire, location)).status == 200
    assert (await exchange(wire, location)).json()["error"] == "invalid_grant"


async def test_a_code_with_a_challenge_needs_its_verifier(wire):
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()
    _, location = await authorize(wire, code_challenge=challenge, code_challenge_method="S256")
    assert (await exchange(wire, location, code_verifier="w" * 43)).status == 400
    _, location = await authorize(wire, code_challenge=challenge, code_challenge_method="S256")
    assert (await exchange(wire, location, code_verifier="v" * 43)).status == 200


async def test_a_code_dies_after_a_minute(start):
    clock = VirtualClock()
    wire = await start(clock=clock)
    _, location = await authorize(wire)
    clock.advance(61)
    assert (await exchange(wire, location)).status == 400


async def test_refresh_tokens_rotate(wire):
    first = (await wire.log_in(scope="all offline_access")).json()["refresh_token"]
    second = (await wire.log_in(grant_type="refresh_token", refresh_token=first)).json()
    assert second["refresh_token"] != first
    assert (await wire.log_in(grant_type="refresh_token", refresh_token=first)).status == 400


async def test_where_they_do_not_rotate_none_comes_back_and_the_old_one_stays_good(start):
    wire = await start(rotate_refresh_tokens=False)
    token = (await wire.log_in(scope="all offline_access")).json()["refresh_token"]
    for _ in range(2):
        again = await wire.log_in(grant_type="refresh_token", refresh_token=token)
        assert again.status == 200
        assert "refresh_token" not in again.json()


async def renewed(wire, token):
    return await wire.log_in(grant_type="refresh_token", refresh_token=token)


async def test_a_service_that_revokes_on_reuse_ends_the_whole_login(start):
    wire = await start(revoke_on_reuse=True)
    first, other = [(await wire.log_in(scope="all offline_access")).json()["refresh_token"] for _ in range(2)]
    second = (await renewed(wire, first)).json()["refresh_token"]
    bearer = wire.token
    assert (await wire.get("/Status")).status == 200
    assert (await renewed(wire, first)).json()["error"] == "invalid_grant"
    wire.token = bearer
    assert (await wire.get("/Status")).status == 401
    assert (await renewed(wire, second)).json()["error"] == "invalid_grant"
    assert (await renewed(wire, other)).status == 200


async def test_without_that_option_only_the_spent_token_is_refused(wire):
    first = (await wire.log_in(scope="all offline_access")).json()["refresh_token"]
    second = (await renewed(wire, first)).json()["refresh_token"]
    assert (await renewed(wire, first)).json()["error"] == "invalid_grant"
    assert (await wire.get("/Status")).status == 200
    assert (await renewed(wire, second)).status == 200


async def test_an_api_key_stands_for_a_token(wire):
    wire.token = None
    right = await wire.call("GET", "/Status", headers={"X-Halo-Api-Key": wire.emulator.api_key})
    wrong = await wire.call("GET", "/Status", headers={"X-Halo-Api-Key": "no"})
    assert (right.status, wrong.status) == (200, 401)


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("read:tickets", "GET", "/Actions?ticket_id=1", 200),
        ("read:tickets", "GET", "/Site", 401),
        ("read:customers", "GET", "/Site", 200),
        ("read:customers", "POST", "/Site", 401),
        ("edit:customers", "POST", "/Site", 201),
        ("admin", "POST", "/Team", 201),
        ("read:tickets", "POST", "/Team", 401),
        ("read:tickets", "GET", "/Team", 200),
        ("all:standard", "GET", "/Invoice", 200),
    ],
)
async def test_scopes_bite_with_an_empty_401(wire, scope, method, path, status):
    await wire.log_in(scope=scope)
    response = await wire.call(method, path, **({"json": [{}]} if method == "POST" else {}))
    assert response.status == status
    assert (status != 401) or response.body == b""


async def test_the_auth_root_can_be_on_another_port(start):
    wire = await start(separate_auth=True)
    root = (await wire.get("/authinfo")).json()["auth_url"]
    assert root != f"{wire.emulator.url}/auth"
    assert (await wire.log_in()).status == 404
    form = {
        "grant_type": "client_credentials",
        "client_id": wire.emulator.client_id,
        "client_secret": wire.emulator.client_secret,
        "scope": "all",
    }
    async with aiohttp.ClientSession() as session, session.post(f"{root}/token", data=form) as response:
        assert response.status == 200


async def test_every_tenant_of_a_host_has_data_and_a_limit_of_its_own(start):
    wire = await start(tenants=["beta"], rate_limit=RateLimit(2, 300))
    own = await wire.get("/Client")
    await wire.get("/Client")
    assert (await wire.get("/Client")).status == 429
    assert (await wire.log_in(tenant="BETA")).status == 200
    other = await wire.get("/Client")
    assert other.status == 200
    assert other.json()["clients"][0]["name"] != own.json()["clients"][0]["name"]
    assert (await wire.log_in(tenant="gamma")).status == 500
