"""Settings of a client: instance, credentials, rate limit and timeouts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, quote

from attr import field, frozen  # noqa: TID251 - aiohttp has loaded it; `attrs` takes 1 ms more of every start

from halo_async._utils.secret import Secret
from halo_async._utils.tracebacks import strip_traceback
from halo_async._utils.web_address import DEFAULT_PORTS, host_of, is_loopback, port_of, split_address
from halo_async.errors import SettingsError

__all__ = ["ClientCredentials", "Instance", "RateLimit", "Settings", "Timeouts"]

HALO_DOMAINS = ("halopsa.com", "haloitsm.com", "haloservicedesk.com", "usehalo.com")
"""Domains on which Halo itself hosts instances."""


def _check_positive(value: object, *names: str) -> None:
    """Check without attrs validators, whose setup would take longer than all of their runs."""
    for name in names:
        number = getattr(value, name)
        if not (isinstance(number, (int, float)) and 0 < number < float("inf")):
            raise SettingsError(f"{name} must be a number above 0, not {number!r}.")


def _wrap_secret(value: str | Secret | None) -> Secret | None:
    return Secret(value) if value else None


@frozen
class RateLimit:
    """At most `requests` calls in any `seconds` (Halo's hosted limit: 300 in a rolling 300 s).

    ```python
    from halo_async import ClientCredentials, Halo, RateLimit

    login = ClientCredentials("client-id", "client-secret")
    async with Halo("acme.halopsa.com", login, rate_limit=RateLimit(100, seconds=60)) as halo:
        await halo.tickets.get(1)
        print(halo.statistics().remaining)
    ```
    """

    requests: int = 300
    seconds: float = 300

    def __init__(self, requests: int = 300, seconds: float = 300) -> None:
        """:param requests: maximum number of requests in the window.
        :param seconds: length of the rolling window.
        :raises SettingsError: a number is not above 0.
        """
        self.__attrs_init__(requests, seconds)  # type: ignore[attr-defined,unused-ignore]
        _check_positive(self, "requests", "seconds")

    @classmethod
    def parse(cls, text: str) -> RateLimit | None:
        """Read `300/300` (requests/seconds), as in `HALO_RATE_LIMIT`; `none` turns the limit off, blank is the default.

        :param text: `REQUESTS/SECONDS`, `none`, or a blank string.
        :raises SettingsError: it is something else.
        """
        text = text.strip()
        if not text:
            return cls()
        if text.lower() == "none":
            return None
        try:
            requests, seconds = text.split("/")
            return cls(int(requests), float(seconds))
        except (ValueError, SettingsError):
            raise SettingsError(
                f"{text!r} is not a rate limit. Write REQUESTS/SECONDS, for example 300/300, or none."
            ) from None


@frozen(eq=False)
class Timeouts:
    """Timeouts in seconds."""

    connect: float = 10.0
    """For a connection."""
    read: float = 60.0
    """For the next bytes of a response."""
    attempt: float = 120.0
    """For one attempt in total."""
    slow_after: float = 30.0
    """Time after which a body must have been received at `slow_rate` or faster."""
    slow_rate: float = 1024.0
    """Bytes per second, of the body as sent."""

    def __attrs_post_init__(self) -> None:
        _check_positive(self, "connect", "read", "attempt", "slow_after", "slow_rate")


def stripped(value: Any) -> Any:
    """Return a string without the whitespace around it from pasting; anything else unchanged."""
    return value.strip() if isinstance(value, str) else value


@frozen
class ClientCredentials:
    """Client id and secret of an API application in Halo."""

    client_id: str = field(converter=stripped)
    client_secret: Secret = field(converter=Secret, repr=False)


@frozen(slots=False)  # its addresses are put together once, and then read by every call
class Instance:
    """Location of a Halo instance."""

    scheme: str
    host: str
    """In lower case, without port; an IPv6 address without its brackets."""
    port: int
    prefix: str = ""
    """The path before `/api`, empty on hosted instances."""

    @classmethod
    def parse(cls, text: str) -> Instance:
        """Parse what people paste: a host, or a URL with or without `/api`.

        :param text: such as `acme.halopsa.com` or `https://itsm.corp.example/halo/api`.
        :raises SettingsError: naming what is wrong with it.
        """
        found = _parse_address(text)
        if isinstance(found, SettingsError):
            del text  # it may contain a password, and tracebacks show locals
            raise found
        return cls(*found)

    @cached_property
    def origin(self) -> str:
        """Scheme, host and port, such as `https://acme.halopsa.com`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @cached_property
    def api_url(self) -> str:
        """URL of the API, such as `https://acme.halopsa.com/api`."""
        return f"{self.origin}{self.prefix}/api"

    @property
    def short(self) -> str:
        """The address as people write it, from which `parse` makes the same: `acme.halopsa.com`."""
        return f"{self.origin}{self.prefix}".removeprefix("https://")

    def data_of(self, tenant: str | None) -> str:
        """Name whose data it is, such as `https://acme.halopsa.com`, with the prefix and a tenant that was given.

        One host can have several instances below it, and one instance several tenants.

        :param tenant: the tenant, if one was given.
        """
        named = f"?tenant={quote(str(tenant).lower(), safe='', errors='replace')}" if tenant else ""
        return f"{self.origin}{self.prefix}{named}"


@frozen(eq=False)
class Settings:
    """Everything needed to log in."""

    instance: Instance
    credentials: ClientCredentials
    tenant: str | None = None
    scope: str = "all"
    auth_url: str | None = None
    """Authorization server URL, if the instance does not provide it itself."""
    rate_limit: RateLimit | None = RateLimit()
    """None for no limit."""

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] | None = None, *, instance: str | Instance | None = None
    ) -> Settings:
        """Read `HALO_INSTANCE`, `HALO_CLIENT_ID`, `HALO_CLIENT_SECRET`, `HALO_TENANT`, `HALO_SCOPE`.

        `HALO_AUTH_URL` names the login where the instance does not, `HALO_RATE_LIMIT` the calls in a window
        (`300/300`, or `none`).

        :param instance: in place of `HALO_INSTANCE`.
        :param environ: the variables; the process's environment by default.
        :raises SettingsError: naming the variables that are missing, or one that makes no sense.
        """
        given, environ = _Variables(environ), None  # a traceback with locals must not show them
        missing = [
            name for name in _REQUIRED if not given[name] and (name != "HALO_INSTANCE" or not instance)
        ]
        if missing:
            raise SettingsError(
                f"The environment lacks {', '.join(missing)}. Set {'it' if len(missing) == 1 else 'them'}."
            )
        return cls(
            instance
            if isinstance(instance, Instance)
            else Instance.parse(instance or given["HALO_INSTANCE"]),
            ClientCredentials(given["HALO_CLIENT_ID"], given["HALO_CLIENT_SECRET"]),
            tenant=given["HALO_TENANT"] or None,
            scope=given["HALO_SCOPE"] or "all",
            auth_url=given["HALO_AUTH_URL"] or None,
            rate_limit=_rate_limit(given["HALO_RATE_LIMIT"]),
        )


def _rate_limit(text: str) -> RateLimit | None:
    try:
        return RateLimit.parse(text)
    except SettingsError as error:
        raise SettingsError(f"HALO_RATE_LIMIT is not valid. {error}") from None


class _Variables:
    """Environment variables, trimmed, whose repr shows none."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, str] | None) -> None:
        self._environ = os.environ if environ is None else environ

    def __getitem__(self, name: str) -> str:
        return self._environ.get(name, "").strip()


_REQUIRED = ("HALO_INSTANCE", "HALO_CLIENT_ID", "HALO_CLIENT_SECRET")


def is_hosted(host: str) -> bool:
    """Return whether Halo itself hosts this name."""
    return any(host == domain or host.endswith(f".{domain}") for domain in HALO_DOMAINS)


def _parse_address(text: str) -> tuple[str, str, int, str] | SettingsError:
    """Return scheme, host, port and prefix; or the error."""
    try:
        parts = split_address(text)
        host = host_of(parts, text)
        if parts.scheme == "http" and not is_loopback(host):
            raise SettingsError(f"http:// would send the secret to {host} unencrypted. Use https://.")
        return parts.scheme, host, port_of(parts, host), _prefix(parts, host)
    except SettingsError as error:
        return strip_traceback(error)


def _prefix(parts: SplitResult, host: str) -> str:
    if is_hosted(host):
        return ""  # any page's URL may have been pasted: hosted instances have no path of their own
    if parts.query or parts.fragment:
        raise SettingsError(f"The address of {host} contains '?' or '#'. Remove everything from there on.")
    segments = [segment for segment in parts.path.split("/") if segment]
    lowered = [segment.lower() for segment in segments]
    for word in ("api", "apidoc"):
        if word in lowered:
            segments = segments[: lowered.index(word)]
            break
    if any(segment in {".", ".."} or "%" in segment for segment in segments):
        raise SettingsError(f"The path of {host} contains '%', '.' or '..'. Use a plain path.")
    return "".join(f"/{segment}" for segment in segments)
