"""Options of a client: one frozen value, validated when it is created and passed on whole."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import force_setattr

from halo_async._utils.clock import Clock, SystemClock
from halo_async._utils.private_struct import PrivateStruct
from halo_async._utils.secret import Secret
from halo_async._utils.tracebacks import strip_traceback
from halo_async._utils.validation import article, check_seconds, check_whole_number
from halo_async.auth.validation import check_credentials
from halo_async.errors import SettingsError
from halo_async.settings import Instance, RateLimit, Timeouts, stripped
from halo_async.transport.factories import check_proxy

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiohttp import ClientSession

    from halo_async.auth.token_stores import TokenStore
    from halo_async.coordination.options import Coordination
    from halo_async.measurements import Measurements

MAX_BYTES = 512 * 1024 * 1024
DEADLINE = 900.0
MAX_RETRY_WAIT = 330.0
"""Longer than Halo's window of 300 s, so that waiting for a used-up quota is possible."""

_WORD = re.compile(r"[\w ./-]{0,40}").fullmatch


def _strip_text(given: str | None) -> str | None:
    return stripped(given) or None


def _scope(given: Any) -> Any:
    return (" ".join(given.split()) if isinstance(given, str) else given) or "all"


def _clock(given: Clock | None) -> Clock:
    return given or SystemClock()


def _timeouts(given: Timeouts | None) -> Timeouts:
    return Timeouts() if given is None else given


def _measurements(given: Any) -> Measurements | None:
    if given is None:
        return None
    from halo_async.measurements import Measurements  # rarely given

    if isinstance(given, Measurements):
        return given
    if not isinstance(given, str | os.PathLike):
        raise SettingsError(
            f"`measurements` must be Measurements or the path of a file of them, not {_format_value(given)}."
        )
    return Measurements.read(given)


def _coordination(given: Any) -> Coordination | None:
    if given is None and not os.environ.get("HALO_COORDINATION"):
        return None
    from halo_async.coordination.options import coordination_of  # rarely given

    return coordination_of(given)


def _wrap_secret(given: str | Secret | None) -> Secret | None:
    return Secret(given) if given else None


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "tenant": _strip_text,
    "scope": _scope,
    "clock": _clock,
    "timeouts": _timeouts,
    "auth_url": _strip_text,
    "coordination": _coordination,
    "proxy": _wrap_secret,
    "measurements": _measurements,
}
_CONVERTED: Any = None
"""Default of an option whose converter makes the value."""


class ClientOptions(PrivateStruct, frozen=True, kw_only=True, eq=False):
    """The options of `Client`, described there; `Client` makes them of its keyword arguments."""

    tenant: str | None = None
    scope: str = "all"
    rate_limit: RateLimit | None = RateLimit()
    clock: Clock = _CONVERTED
    timeouts: Timeouts = _CONVERTED
    deadline: float | None = DEADLINE
    max_retry_wait: float = MAX_RETRY_WAIT
    max_bytes: int = MAX_BYTES
    auth_url: str | None = None
    token_store: TokenStore | None = None
    coordination: Coordination | None = None
    ssl: SSLContext | None = None
    proxy: Secret | None = None
    trust_env: bool = False
    session: ClientSession | None = None
    dry_run: bool = False
    measurements: Measurements | None = None

    def __post_init__(self) -> None:
        for name, converter in _CONVERTERS.items():
            force_setattr(self, name, converter(getattr(self, name)))
        _check_numbers(self)
        if self.token_store is not None and not (
            hasattr(self.token_store, "load") and hasattr(self.token_store, "save")
        ):
            raise SettingsError(
                "token_store must be a store such as FileStore(folder) of halo_async.auth.token_stores."
            )
        if self.auth_url is not None:
            _check_login_address(self.auth_url)
        if self.session is not None and not hasattr(self.session, "request"):
            raise SettingsError("`session` must be an aiohttp.ClientSession.")
        if self.proxy is not None:
            check_proxy(self.proxy)
        if self.ssl is not None:
            _check_context(self.ssl)


def validated(instance: Any, credentials: Any, **options: Any) -> tuple[Instance, ClientOptions] | Exception:
    """Return the instance and the options, or the error to raise where tracebacks show none of the arguments.

    The error is a `TypeError` for credentials of an unknown kind, else a `SettingsError`.
    """
    try:
        check_credentials(credentials)
        return _instance_of(instance), ClientOptions(**options)
    except (SettingsError, TypeError) as error:
        return strip_traceback(error)


def _instance_of(given: Any) -> Instance:
    if isinstance(given, Instance):
        return given
    if not isinstance(given, str):
        raise SettingsError(
            f"The instance must be a host name such as acme.halopsa.com, not {_format_value(given)}."
        )
    return Instance.parse(given)


def _format_value(given: Any) -> str:
    """Format the given value, unless it could hold a secret."""
    plain = given is None or isinstance(given, int | float) or (isinstance(given, str) and _WORD(given))
    return repr(given) if plain else article(given)


def _check_numbers(options: ClientOptions) -> None:
    if options.rate_limit is not None and not isinstance(options.rate_limit, RateLimit):
        raise SettingsError(
            "rate_limit must be RateLimit(requests, seconds), or None for no limit, not "
            f"{_format_value(options.rate_limit)}."
        )
    if not isinstance(options.timeouts, Timeouts):
        raise SettingsError(f"`timeouts` must be Timeouts(…), not {_format_value(options.timeouts)}.")
    if options.deadline is not None:
        check_seconds("deadline", options.deadline)
    if options.max_retry_wait != 0:
        check_seconds("max_retry_wait", options.max_retry_wait)
    check_whole_number("max_bytes", options.max_bytes)


def _check_context(given: Any) -> None:
    from ssl import SSLContext

    if not isinstance(given, SSLContext):
        raise SettingsError(
            "`ssl` must be an ssl.SSLContext, such as ssl.create_default_context(cafile=…) for a private authority. "
            "Certificates are always verified."
        )


def _check_login_address(given: Any) -> None:
    if not isinstance(given, str):
        raise SettingsError(
            f"auth_url must be a URL such as https://acme.halopsa.com/auth, not {_format_value(given)}."
        )
    try:
        Instance.parse(given)
    except SettingsError as error:
        raise SettingsError(f"auth_url is not valid. {error}") from None
