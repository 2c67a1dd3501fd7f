from __future__ import annotations

import pickle

import pytest

from halo_async import errors
from halo_async.errors import Attempt, FieldError, HaloError, RateLimitError, SettingsError
from halo_async.settings import ClientCredentials, RateLimit, Settings, Timeouts

ENVIRON = {"HALO_INSTANCE": "acme.halopsa.com", "HALO_CLIENT_ID": "id", "HALO_CLIENT_SECRET": "canary-secret"}


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_env(ENVIRON | {"HALO_TENANT": " t ", "HALO_SCOPE": "read:tickets"})
    assert settings.instance.api_url == "https://acme.halopsa.com/api"
    assert settings.credentials == ClientCredentials("id", "canary-secret")
    assert (settings.tenant, settings.scope) == ("t", "read:tickets")


def test_the_login_address_is_read_from_the_environment_too() -> None:
    assert Settings.from_env(ENVIRON).auth_url is None
    settings = Settings.from_env(ENVIRON | {"HALO_AUTH_URL": " https://sso.example/auth "})
    assert settings.auth_url == "https://sso.example/auth"


def test_tenant_and_scope_have_defaults() -> None:
    settings = Settings.from_env(ENVIRON | {"HALO_TENANT": "", "HALO_SCOPE": " "})
    assert (settings.tenant, settings.scope) == (None, "all")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("", RateLimit()),
        (" 100/60 ", RateLimit(100, 60)),
        ("5/0.5", RateLimit(5, 0.5)),
        ("none", None),
        ("None", None),
    ],
)
def test_the_rate_limit_is_read_from_the_environment_as_the_command_line_does(
    text, limit, monkeypatch
) -> None:
    from halo_async import Halo
    from halo_async.cli.connection import parse_rate_limit

    assert Settings.from_env(ENVIRON | {"HALO_RATE_LIMIT": text}).rate_limit == limit
    assert parse_rate_limit(text) == limit
    for name, value in (ENVIRON | {"HALO_RATE_LIMIT": text}).items():
        monkeypatch.setenv(name, value)
    assert Halo.from_env().transport._limiter._limit == limit
    assert Halo.from_env(rate_limit=RateLimit(7, 7)).transport._limiter._limit == RateLimit(7, 7)


@pytest.mark.parametrize("text", ["300", "0/300", "300/0", "x/1", "1/nan", "1/inf", "1/2/3", "/"])
def test_a_rate_limit_that_is_none_is_refused_with_the_mend(text) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(ENVIRON | {"HALO_RATE_LIMIT": text})
    assert str(caught.value) == (
        f"HALO_RATE_LIMIT is not valid. {text!r} is not a rate limit. "
        "Write REQUESTS/SECONDS, for example 300/300, or none."
    )


@pytest.mark.parametrize("missing", ENVIRON)
def test_a_missing_variable_is_named(missing) -> None:
    with pytest.raises(SettingsError, match=missing) as caught:
        Settings.from_env(ENVIRON | {missing: " "})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "x"])
def test_numbers_that_cannot_work_are_refused(value) -> None:
    with pytest.raises(SettingsError, match="requests must be a number above 0"):
        RateLimit(requests=value)
    with pytest.raises(SettingsError, match="read must be"):
        Timeouts(read=value)


def every_error() -> list[type[HaloError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HaloError)]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_pickles_with_its_history(kind) -> None:
    error = kind("what happened")
    error.history = (Attempt(1, "503", 0.5, 2.0), Attempt(2, "503", 0.5))
    error.add_note("a note")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (kind, "what happened", vars(error))


def test_an_api_error_pickles_whole() -> None:
    error = RateLimitError(
        "text", status=429, path="/x", fields=(FieldError(0, "a", ("b",)),), retry_after=3.0
    )
    again = pickle.loads(pickle.dumps(error))
    assert vars(again) == vars(error)


def test_there_are_the_classes_that_callers_catch() -> None:
    names = {kind.__name__ for kind in every_error()}
    assert {"ApiError", "AuthenticationError", "DecodeError", "PaginationError", "TransportError"} <= names
