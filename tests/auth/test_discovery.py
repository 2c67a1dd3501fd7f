from __future__ import annotations

import traceback

import pytest

from halo_async.auth.discovery import discover, is_related_host, override
from halo_async.auth.http import TemporarilyUnavailable
from halo_async.errors import (
    CertificateError,
    ConnectionFailedError,
    DecodeError,
    DiscoveryError,
    SettingsError,
)
from halo_async.settings import Instance
from tests.support.fake_exchange import FakeExchange, respond

ACME = Instance.parse("acme.halopsa.com")


async def found(exchange: FakeExchange, info: dict, instance: str = "acme.halopsa.com", **options):
    exchange.info = [respond(200, info)]
    return await discover(exchange, Instance.parse(instance), **options)


async def test_authinfo_gives_address_and_tenant(exchange) -> None:
    service = await discover(exchange, ACME)
    assert exchange.urls == ["https://acme.halopsa.com/api/authinfo"]
    assert service.token_url == "https://acme.halopsa.com/auth/token?tenant=acme"
    assert service.tenant_is_certain


@pytest.mark.parametrize(
    ("instance", "auth_url", "token_url"),
    [
        ("trial.halopsa.com", "https://trial.halopsa.com", "https://trial.halopsa.com/token"),
        (
            "trial.halopsa.com",
            "https://eu.haloservicedesk.com/login/",
            "https://eu.haloservicedesk.com/login/token",
        ),
        (
            "itsm.corp.example",
            "https://sso.corp.example/halo/auth",
            "https://sso.corp.example/halo/auth/token",
        ),
        ("itsm.corp.example", "https://acme.haloitsm.com/auth", "https://acme.haloitsm.com/auth/token"),
        ("itsm.corp.example", "/auth", "https://itsm.corp.example/auth/token"),
        ("http://127.0.0.1:8080", "http://localhost:9/auth", "http://localhost:9/auth/token"),
        ("acme.halopsa.com", "https://ACME.halopsa.com:443/auth", "https://acme.halopsa.com/auth/token"),
    ],
)
async def test_login_services_come_in_many_places(exchange, instance, auth_url, token_url) -> None:
    service = await found(exchange, {"auth_url": auth_url}, instance)
    assert service.token_url == token_url


@pytest.mark.parametrize(
    "auth_url",
    [
        "http://acme.halopsa.com/auth",
        "https://acme.halopsa.com@evil.example/auth",
        "https://evil.example/auth",
        "//evil.example/auth",
        "\\\\evil.example\\auth",
        "https://acme.halopsa.com.evil.example/auth",
        "https://xhalopsa.com/auth",
        "https://acme.hal\u043epsa.com/auth",
        "https://127.0.0.1/auth",
        "https://169.254.169.254/auth",
        "https://[::1]/auth",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://acme.halopsa.com:99999/auth",
        "https://acme.halopsa.com/auth\r\nX: y",
    ],
)
async def test_f38_a_secret_never_goes_where_a_response_should_not_send_it(exchange, auth_url) -> None:
    exchange.info = [respond(200, {"auth_url": auth_url, "tenant_id": "acme"})]
    try:
        service = await discover(exchange, ACME)
    except DiscoveryError:
        assert len(exchange.urls) == 1
    else:
        assert service.token_url.startswith("https://acme.halopsa.com/")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://a.corp.example", "https://b.corp.example", True),
        ("https://a.co.uk", "https://b.co.uk", False),
        ("https://a.acme.co.uk", "https://b.acme.co.uk", True),
        ("https://10.0.0.1", "https://10.0.0.2", False),
        ("https://10.0.0.1", "https://10.0.0.1", True),
        ("http://127.0.0.1:1", "https://acme.halopsa.com", False),
        ("https://acme.halopsa.com:444", "https://acme.halopsa.com", True),
    ],
)
def test_hosts_belong_together_when_one_owner_holds_both(one, other, expected) -> None:
    assert is_related_host(Instance.parse(other), Instance.parse(one)) is expected


async def test_a_login_of_the_same_host_without_encryption_is_told_as_such(exchange) -> None:
    exchange.info = [respond(200, {"auth_url": "http://127.0.0.1:8080/auth"})]
    with pytest.raises(DiscoveryError, match=r"http://127\.0\.0\.1:8080 is not encrypted, although https://"):
        await discover(exchange, Instance.parse("https://127.0.0.1:8443"))


async def test_a_tenant_may_be_a_number(exchange) -> None:
    exchange.info = [respond(200, {"auth_url": "https://acme.halopsa.com/auth", "tenant_id": 7})]
    service = await discover(exchange, Instance.parse("acme.halopsa.com"))
    assert (service.tenant, service.token_url) == ("7", "https://acme.halopsa.com/auth/token?tenant=7")


async def test_an_override_makes_asking_needless(exchange) -> None:
    service = await discover(exchange, ACME, auth_url="login.example/halo/token", tenant="a&b")
    assert exchange.urls == []
    assert service.token_url == "https://login.example/halo/token?tenant=a%26b"


async def test_f50_a_tenant_cannot_add_a_header_or_a_parameter(exchange) -> None:
    service = await discover(exchange, ACME, tenant="x\r\nEvil: 1&scope=admin#?/..")
    assert (
        service.token_url
        == "https://acme.halopsa.com/auth/token?tenant=x%0D%0AEvil%3A%201%26scope%3Dadmin%23%3F%2F.."
    )


def test_an_override_over_plain_http_is_refused() -> None:
    with pytest.raises(SettingsError, match="unencrypted"):
        override("http://login.example/auth")


async def test_a_given_tenant_wins_and_counts_as_a_guess_unless_confirmed(exchange) -> None:
    assert (await discover(exchange, ACME, tenant="other")).tenant == "other"
    assert not (await discover(exchange, ACME, tenant="other")).tenant_is_certain
    assert (await discover(exchange, ACME, tenant="acme")).tenant_is_certain


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (respond(404), "does not look like a Halo instance: GET /api/authinfo returned 404"),
        (
            respond(200, b"<html>Welcome</html>"),
            "does not look like a Halo instance: GET /api/authinfo returned 200 \\(text/html\\)",
        ),
        (respond(200, [1]), "does not look like a Halo instance"),
        (respond(200), "does not look like a Halo instance"),
        (respond(200, {"something": 1}), "does not contain auth_url"),
        (respond(302, Location="https://other.example/x?secret=1"), "redirects to other.example"),
        (DecodeError("The body is cut."), "does not look like a Halo instance. The body is cut."),
        (
            CertificateError("The TLS certificate is not valid (acme.halopsa.com)."),
            "pass ssl= for a private authority",
        ),
    ],
)
async def test_what_is_no_halo_instance_is_told_in_one_sentence(exchange, reply, words) -> None:
    exchange.info = [reply]
    with pytest.raises(DiscoveryError, match=words) as caught:
        await discover(exchange, ACME)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "reply", [respond(503), respond(429, Retry_After="5"), ConnectionFailedError("No such host name (acme).")]
)
async def test_trouble_that_may_pass_is_told_from_a_wrong_address(exchange, reply) -> None:
    exchange.info = [reply]
    with pytest.raises(TemporarilyUnavailable) as caught:
        await discover(exchange, ACME)
    assert isinstance(caught.value.error, DiscoveryError)


async def test_a_password_in_the_address_that_came_is_in_no_traceback(exchange) -> None:
    with pytest.raises(DiscoveryError, match="user name or password") as caught:
        await found(exchange, {"auth_url": "https://u:canary-secret@acme.halopsa.com/auth"})
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    own = [frame.f_locals for frame in frames if frame.f_code.co_filename.endswith("auth/discovery.py")]
    shown = [value for names in own for name, value in names.items() if name not in ("exchange", "response")]
    assert own
    assert "canary-secret" not in repr(shown)
