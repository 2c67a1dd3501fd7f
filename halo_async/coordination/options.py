"""The choice of a Redis server that processes share, and of what happens while it is away."""

from __future__ import annotations

import os
import re
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from halo_async._utils.secret import Secret
from halo_async._utils.tracebacks import strip_traceback
from halo_async.errors import SettingsError

WhenUnavailable = Literal["stop", "share"]
Tokens = Literal["encrypted", "none"]

FORMS = "redis://[:password@]host[:port][/db], rediss://… over TLS, or unix:///path/of/a/socket"
_OWN = ("when_unavailable", "share", "tokens")
_PORT = 6379
_DATABASE = re.compile("/?[0-9]*")  # a name would be taken for database 0
SHORTEST_KEY = 16


@attrs.frozen(init=False, eq=False, repr=False)
class Coordination:
    """Redis, where the processes that use one instance keep one quota and one login.

    ```python
    from halo_async import ClientCredentials, Coordination, Halo

    shared = Coordination("redis://redis.example:6379/0", when_unavailable="share", share=1 / 4)
    halo = Halo("acme.halopsa.com", ClientCredentials("client-id", "client-secret"), coordination=shared)
    ```
    """

    url: Secret
    when_unavailable: WhenUnavailable
    share: float
    """Part of the quota that a process uses by itself while Redis is away, above 0 and up to 1."""
    tokens: Tokens
    key: Secret | None

    def __init__(
        self,
        url: str | Secret,
        *,
        when_unavailable: WhenUnavailable = "stop",
        share: float = 1 / 8,
        tokens: Tokens = "encrypted",
        key: str | Secret | None = None,
    ) -> None:
        """:param url: `redis://…`, `rediss://…` over TLS, or `unix:///path/of/a/socket`.
        :param when_unavailable: while Redis does not respond, `"stop"`: requests wait for it, up to the client's
            `max_retry_wait`; `"share"`: each process goes on by itself with `share` of the quota.
        :param share: 1/8 by default: eight processes keep the quota without Redis.
        :param tokens: `"encrypted"`: one token for all processes, which Redis never sees in clear; `"none"`: no token
            in Redis, and each process logs in by itself.
        :param key: what tokens are encrypted with, at least 16 characters; the login's own secret by default.
        :raises SettingsError: the address or an option is not valid.
        """
        made = _check_options(
            Secret(url) if isinstance(url, str) else url, when_unavailable, share, tokens, key
        )
        del url, key  # tracebacks show locals
        if isinstance(made, SettingsError):
            raise made
        self.__attrs_init__(*made)  # type: ignore[attr-defined,unused-ignore]

    def __repr__(self) -> str:
        when = getattr(
            self, "when_unavailable", "not made"
        )  # a traceback of the constructor shows it before that
        return f"<Coordination, {when}>"

    @classmethod
    def parse(cls, text: str | Secret) -> Coordination | None:
        """Read an address as in `HALO_COORDINATION`; `none` and a blank string mean no coordination.

        Options may follow as a query: `redis://host?when_unavailable=share&share=1/8&tokens=none`. The key is read from
        `HALO_COORDINATION_KEY`.

        :param text: the address, `none`, or a blank string.
        :raises SettingsError: it is something else, or one of its options is not valid.
        """
        found = _parse_url(text)
        del text
        if isinstance(found, SettingsError):
            raise found
        return None if found is None else cls(**found)

    @classmethod
    def from_env(cls) -> Coordination | None:
        """Read `HALO_COORDINATION` and `HALO_COORDINATION_KEY`; None where the first is not set.

        :raises SettingsError: it is not valid.
        """
        return cls.parse(Secret(os.environ.get("HALO_COORDINATION", "")))


def coordination_of(given: Any) -> Coordination | None:
    """Return the coordination of an option: None stands for that of the environment.

    :raises SettingsError: it is neither an address nor a `Coordination`.
    """
    if given is None:
        return Coordination.from_env()
    if isinstance(given, Coordination):
        return given
    if isinstance(given, str | Secret):
        return Coordination.parse(given)
    raise SettingsError(
        f"`coordination` must be the address of a Redis server or Coordination(…). Use {FORMS}."
    )


def redis_address(given: Secret) -> Secret | None:
    """Return an address in the form that the package `redis` accepts; None if it is not one."""
    try:
        parts = urlsplit(given.reveal().strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        return None
    if parts.scheme in ("unix", "redis+unix") and parts.path:
        return Secret(parts._replace(scheme="unix").geturl())
    if parts.scheme not in ("redis", "rediss") or not host or not _DATABASE.fullmatch(parts.path):
        return None
    netloc = parts.netloc if port is not None else f"{parts.netloc.rstrip(':')}:{_PORT}"
    return Secret(parts._replace(netloc=netloc).geturl())


# Functions that see the address return errors instead of raising them: tracebacks show locals.


def _check_options(
    url: Any, when: Any, share: Any, tokens: Any, key: Any
) -> tuple[Secret, WhenUnavailable, float, Tokens, Secret | None] | SettingsError:
    address = redis_address(url) if isinstance(url, Secret) else None
    if address is None:
        return SettingsError(f"`coordination` is not the address of a Redis server. Use {FORMS}.")
    if when not in ("stop", "share"):
        return SettingsError('when_unavailable must be "stop" or "share".')
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        return SettingsError("share must be a number above 0 and up to 1, such as 1/8.")
    if tokens not in ("encrypted", "none"):
        return SettingsError('tokens must be "encrypted" or "none".')
    if key is None:
        key = os.environ.get("HALO_COORDINATION_KEY", "").strip() or None
    if key is not None and not isinstance(key, str | Secret):
        return SettingsError("The key of a coordination must be a string.")
    secret = None if key is None else Secret(key)
    if secret is not None and len(secret.reveal()) < SHORTEST_KEY:
        return SettingsError(
            f"HALO_COORDINATION_KEY (key=) is shorter than {SHORTEST_KEY} characters. Use a longer one."
        )
    return address, when, float(share), tokens, secret


def _parse_url(text: str | Secret) -> dict[str, Any] | SettingsError | None:
    given = Secret(text).reveal().strip()
    if not given or given.lower() == "none":
        return None
    try:
        parts = urlsplit(given)
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return SettingsError(f"`coordination` is not the address of a Redis server. Use {FORMS}.")
    own: dict[str, Any] = {name: value for name, value in query if name in _OWN}
    if "share" in own:
        try:
            own["share"] = _fraction(own["share"])
        except SettingsError as error:
            return strip_traceback(error)
        own.setdefault("when_unavailable", "share")
    rest = urlencode([pair for pair in query if pair[0] not in _OWN])
    return {"url": Secret(parts._replace(query=rest).geturl()), **own}


def _fraction(text: str) -> float:
    above, _, below = text.partition("/")
    try:
        return float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        raise SettingsError("share must be a number above 0 and up to 1, such as 1/8.") from None
