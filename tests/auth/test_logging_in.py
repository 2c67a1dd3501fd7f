from __future__ import annotations

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.auth.grants import ClientCredentialsGrant
from halo_async.auth.login import Login
from halo_async.auth.tokens import LoginFailed
from halo_async.errors import (
    AuthenticationError,
    ConnectionFailedError,
    DiscoveryError,
    LoginUnavailableError,
)
from halo_async.settings import ClientCredentials, Instance
from tests.support.fake_exchange import AUTHINFO, FakeExchange, granted, respond


def login(exchange: FakeExchange, clock: VirtualClock, *, scope: str = "all", **options) -> Login:
    grant = ClientCredentialsGrant(ClientCredentials("id", "canary-secret"), scope)
    return Login(
        exchange, Instance.parse("acme.halopsa.com"), grant, clock=clock, random=lambda: 1.0, **options
    )


async def failure(exchange: FakeExchange, clock: VirtualClock, **options) -> LoginFailed:
    with pytest.raises(LoginFailed) as caught:
        await login(exchange, clock, **options)()
    return caught.value


async def test_client_credentials_are_posted_with_a_scope(exchange, clock) -> None:
    await login(exchange, clock, scope="")()
    expected = {
        "grant_type": "client_credentials",
        "client_id": "id",
        "client_secret": "canary-secret",
        "scope": "all",
    }
    assert exchange.forms == [expected]


async def test_the_login_address_is_asked_for_once(exchange, clock) -> None:
    once = login(exchange, clock)
    await once()
    await once()
    assert exchange.urls.count("https://acme.halopsa.com/api/authinfo") == 1


@pytest.mark.parametrize(
    "trouble", [respond(500), respond(503), respond(200, b"<html>"), ConnectionFailedError("x: reset")]
)
async def test_f19_trouble_is_tried_again_three_times(exchange, clock, trouble) -> None:
    exchange.token = [trouble]
    failed = await failure(exchange, clock)
    assert exchange.logins == 4
    assert (failed.final, failed.requests) == (False, 4)
    assert isinstance(failed.error, LoginUnavailableError)


async def test_f19_trouble_that_passes_is_survived(exchange, clock) -> None:
    exchange.info = [respond(503), ConnectionFailedError("x"), AUTHINFO]
    exchange.token = [respond(502), granted("t")]
    assert (await login(exchange, clock)()).access_token.reveal() == "t"


async def test_f19_a_retry_after_of_the_login_is_kept(exchange, clock) -> None:
    exchange.token = [respond(429, Retry_After="7"), granted()]
    await login(exchange, clock)()
    assert 7.0 <= clock.monotonic() <= 7.8


async def test_f19_a_long_retry_after_is_reported_instead(exchange, clock) -> None:
    exchange.token = [respond(429, Retry_After="600")]
    failed = await failure(exchange, clock)
    assert (exchange.logins, failed.retry_after, clock.monotonic()) == (1, 600.0, 0.0)


@pytest.mark.parametrize("reply", [respond(401, {"error": "invalid_client"}), respond(404), respond(400)])
async def test_f20_a_refusal_is_never_tried_again(exchange, clock, reply) -> None:
    exchange.token = [reply]
    failed = await failure(exchange, clock)
    assert (exchange.logins, failed.final) == (1, True)


async def test_f20_a_wrong_tenant_is_asked_about_once(exchange, clock) -> None:
    exchange.token = [respond(500)]
    failed = await failure(exchange, clock, tenant="acmee")
    assert exchange.logins == 1
    assert "tenant 'acmee'" in str(failed.error)


async def test_a_tenant_that_once_worked_is_not_blamed(exchange, clock) -> None:
    exchange.token = [granted(), respond(500), granted("second")]
    once = login(exchange, clock, tenant="acmee")
    await once()
    assert (await once()).access_token.reveal() == "second"


@pytest.mark.parametrize(
    "gone",
    [respond(404), respond(302), ConnectionFailedError("x: no such host name")],
    ids=["404", "302", "name"],
)
async def test_a_login_service_that_moved_is_asked_for_again(exchange, clock, gone) -> None:
    moved = respond(200, {"auth_url": "https://login.halopsa.com/auth", "tenant_id": "acme"})
    exchange.info = [AUTHINFO, moved]
    exchange.token = [granted(), *[gone] * (4 if isinstance(gone, Exception) else 1), granted("second")]
    once = login(exchange, clock, tenant="acme")
    await once()
    with pytest.raises(LoginFailed):
        await once()
    assert (await once()).access_token.reveal() == "second"
    assert exchange.urls[-2:] == [
        "https://acme.halopsa.com/api/authinfo",
        "https://login.halopsa.com/auth/token?tenant=acme",
    ]


async def test_an_outage_or_a_refusal_is_no_reason_to_ask_where_the_login_is(exchange, clock) -> None:
    for trouble in (respond(503), respond(429), respond(401, {"error": "invalid_client"})):
        exchange.token = [granted(), trouble]
        once = login(exchange, clock)
        await once()
        exchange.urls.clear()
        for _ in range(2):
            with pytest.raises(LoginFailed):
                await once()
        assert "https://acme.halopsa.com/api/authinfo" not in exchange.urls


async def test_a_tenant_that_worked_is_not_blamed_once_the_service_was_asked_for_again(
    exchange, clock
) -> None:
    exchange.token = [granted(), respond(404), respond(500), granted("second")]
    once = login(exchange, clock, tenant="other")
    await once()
    with pytest.raises(LoginFailed):
        await once()
    assert (await once()).access_token.reveal() == "second"


async def test_an_unreachable_instance_is_a_discovery_error(exchange, clock) -> None:
    exchange.info = [ConnectionFailedError("No such host name (acme.halopsa.com).")]
    failed = await failure(exchange, clock)
    assert isinstance(failed.error, DiscoveryError)
    assert str(failed.error) == "No such host name (acme.halopsa.com). Check the instance's address."
    assert isinstance(failed.error.__cause__, ConnectionFailedError)


async def test_every_failure_is_an_authentication_error(exchange, clock) -> None:
    for trouble in (respond(500), respond(401), ConnectionFailedError("x")):
        exchange.token = [trouble]
        assert isinstance((await failure(exchange, clock)).error, AuthenticationError)
