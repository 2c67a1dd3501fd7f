"""What a client is given, looked at before anything is made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from halo_async.auth.checks import check_credentials
from halo_async.checks import seconds, whole_number
from halo_async.errors import SettingsError
from halo_async.fields import article
from halo_async.frames import without_frames
from halo_async.settings import Instance, RateLimit, Settings, Timeouts
from halo_async.transport.parts import check_proxy

_WORD = re.compile(r"[\w ./-]{0,40}").fullmatch


def look_at(instance: Any, credentials: Any, **options: Any) -> Instance | Exception:
    """The instance; or what is wrong, to be raised where tracebacks show none of the arguments.

    It is a `TypeError` for credentials of an unknown kind, else a `SettingsError`.
    """
    try:
        check_credentials(credentials)
        check_options(**options)
        return _instance_of(instance)
    except (SettingsError, TypeError) as error:
        return without_frames(error)


def from_environment(instance: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a client by the environment; what `options` has wins over it.

    :raises SettingsError: a variable is missing or wrong.
    """
    found = Settings.from_env(instance=instance)
    names = ("instance", "credentials", "tenant", "scope", "auth_url", "rate_limit")
    return {**{name: getattr(found, name) for name in names}, **options}


def _instance_of(given: Any) -> Instance:
    if isinstance(given, Instance):
        return given
    if not isinstance(given, str):
        raise SettingsError(f"the instance is its host name, such as acme.halopsa.com, not {_shown(given)}")
    return Instance.parse(given)


def _shown(given: Any) -> str:
    """What was given, unless it could hold a secret."""
    plain = given is None or isinstance(given, int | float) or (isinstance(given, str) and _WORD(given))
    return repr(given) if plain else article(given)


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
    proxy: Any,
    ssl: Any,
) -> None:
    """:raises SettingsError: one of them is of the wrong kind; else it would fail in the middle of a call."""
    if rate_limit is not None and not isinstance(rate_limit, RateLimit):
        raise SettingsError(
            f"rate_limit is RateLimit(requests, seconds), or None for no limit, not {_shown(rate_limit)}"
        )
    if timeouts is not None and not isinstance(timeouts, Timeouts):
        raise SettingsError(f"timeouts is Timeouts(…), not {_shown(timeouts)}")
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
    if proxy is not None:
        check_proxy(proxy)
    if ssl is not None:
        _check_context(ssl)


def _check_context(given: Any) -> None:
    from ssl import SSLContext

    if not isinstance(given, SSLContext):
        raise SettingsError(
            "ssl is an ssl.SSLContext, such as ssl.create_default_context(cafile=…) for a private authority;"
            " certificates are always verified"
        )


def _check_login_address(given: Any) -> None:
    if not isinstance(given, str):
        raise SettingsError(
            f"the login address is a URL such as https://acme.halopsa.com/auth, not {_shown(given)}"
        )
    try:
        Instance.parse(given)
    except SettingsError as error:
        raise SettingsError(f"the login address: {error}") from None
