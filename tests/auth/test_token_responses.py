from __future__ import annotations

import pytest

from halo_async.auth.discovery import LoginService
from halo_async.auth.http import TemporarilyUnavailable
from halo_async.auth.token_response import DEFAULT_LIFETIME, LONGEST_LIFETIME, lifetime, read_token_response
from halo_async.errors import AuthenticationError, LoginUnavailableError
from tests.support.fake_exchange import granted, respond

CERTAIN = LoginService("https://acme.halopsa.com/auth", "acme")
GUESSED = LoginService("https://acme.halopsa.com/auth", "acmee", tenant_is_certain=False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (3600, 3600),
        ("3600", 3600),
        (59.5, 59.5),
        (None, DEFAULT_LIFETIME),
        (0, DEFAULT_LIFETIME),
        (-5, DEFAULT_LIFETIME),
        ("soon", DEFAULT_LIFETIME),
        ("nan", DEFAULT_LIFETIME),
        (True, DEFAULT_LIFETIME),
        ([3600], DEFAULT_LIFETIME),
        (10**12, LONGEST_LIFETIME),
        (10**400, DEFAULT_LIFETIME),
        ("inf", DEFAULT_LIFETIME),
    ],
)
def test_f21_a_lifetime_is_made_sane(value, seconds) -> None:
    assert lifetime(value) == seconds


def test_f21_a_token_is_read_with_whatever_comes_along() -> None:
    token = read_token_response(
        granted(" t ", scope="all admin", refresh_token="r", id_token="x", extra=[1]), CERTAIN
    )
    assert (token.access_token.reveal(), token.scope) == ("t", "all admin")
    assert token.refresh_token is not None
    assert token.refresh_token.reveal() == "r"


def test_f21_a_missing_lifetime_is_five_minutes() -> None:
    assert read_token_response(respond(200, {"access_token": "t"}), CERTAIN).lifetime == 300


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            respond(401, {"error": "invalid_client", "error_description": "no"}),
            r"refused \(invalid_client: no\). Check the client id and the client secret",
        ),
        (respond(400, {"error": "invalid_client"}), "Check the client id and the client secret"),
        (respond(401), "Check the client id and the client secret"),
        (respond(400, {"error": "invalid_scope"}), "The scope is not allowed"),
        (respond(400, {"error": "unauthorized_client"}), r"refused \(unauthorized_client\)"),
        (respond(404), r"Check the login address \(auth_url\)"),
        (respond(403, b"<html>Access denied"), "returned 403 with a web page. A firewall or proxy"),
        (respond(401, b"<html>Unauthorized"), "returned 401 with a web page. A firewall or proxy"),
        (respond(302), r"Check the login address \(auth_url\)"),
        (respond(200, {"error": "invalid_client"}), "Check the client id and the client secret"),
    ],
)
def test_f20_a_refusal_says_what_is_wrong(reply, words) -> None:
    with pytest.raises(AuthenticationError, match=words) as caught:
        read_token_response(reply, CERTAIN)
    assert not isinstance(caught.value, LoginUnavailableError)


def test_f20_500_for_an_unconfirmed_tenant_is_about_the_tenant() -> None:
    with pytest.raises(AuthenticationError, match=r"wrong tenant\. Check the tenant 'acmee'"):
        read_token_response(respond(500), GUESSED)


@pytest.mark.parametrize(
    "reply", [respond(500), respond(503), respond(429), respond(200, b"<html>"), respond(200, {})]
)
def test_f19_no_yes_and_no_no_is_worth_another_try(reply) -> None:
    with pytest.raises(TemporarilyUnavailable) as caught:
        read_token_response(reply, CERTAIN)
    assert isinstance(caught.value.error, LoginUnavailableError)
