"""What a client is given, looked at before anything is made of it."""

from __future__ import annotations

from typing import Any

from halo_async.checks import seconds, whole_number
from halo_async.errors import SettingsError
from halo_async.settings import Instance, RateLimit, Timeouts


def instance_of(given: Any) -> Instance:
    """:raises SettingsError: it is no usable address."""
    if isinstance(given, Instance):
        return given
    if not isinstance(given, str):
        raise SettingsError(f"the instance is its host name, such as acme.halopsa.com, not {given!r}")
    return Instance.parse(given)


def check_options(
    *,
    rate_limit: Any,
    timeouts: Any,
    deadline: Any,
    max_retry_wait: Any,
    max_bytes: Any,
    token_store: Any,
    session: Any,
    auth_url: Any,
) -> None:
    """:raises SettingsError: one of them is of the wrong kind; else it would fail in the middle of a call."""
    if rate_limit is not None and not isinstance(rate_limit, RateLimit):
        raise SettingsError(
            f"rate_limit is RateLimit(requests, seconds), or None for no limit, not {rate_limit!r}"
        )
    if timeouts is not None and not isinstance(timeouts, Timeouts):
        raise SettingsError(f"timeouts is Timeouts(…), not {timeouts!r}")
    if deadline is not None:
        seconds("deadline", deadline)
    if max_retry_wait != 0:
        seconds("max_retry_wait", max_retry_wait)
    whole_number("max_bytes", max_bytes)
    if token_store is not None and not (hasattr(token_store, "load") and hasattr(token_store, "save")):
        raise SettingsError("token_store is a store such as FileStore(folder) of halo_async.auth.stores")
    if auth_url is not None:
        _check_login_address(auth_url)
    if session is not None and not hasattr(session, "request"):
        raise SettingsError("session is an aiohttp.ClientSession")


def _check_login_address(given: Any) -> None:
    if not isinstance(given, str):
        raise SettingsError(
            f"the login address is a URL such as https://acme.halopsa.com/auth, not {given!r}"
        )
    try:
        Instance.parse(given)
    except SettingsError as error:
        raise SettingsError(f"the login address: {error}") from None
