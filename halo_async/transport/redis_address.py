"""The address of a Redis server, looked at before anything is sent. It may hold a password: nothing shows it."""

from __future__ import annotations

from urllib.parse import urlsplit

from halo_async.errors import SettingsError
from halo_async.secret import Secret

FORMS = "redis://[:password@]host[:port][/db], rediss://… over TLS, or unix:///path/of/a/socket"
_PORT = 6379


def redis_address(given: Secret) -> Secret:
    """The address in the form that the package `limits` takes.

    :raises SettingsError: it is none; the message has the forms that there are.
    """
    found = _normal(given)
    if found is None:
        raise SettingsError(f"RateLimit(redis=…) is no address of a Redis server: write {FORMS}")
    return found


def _normal(given: Secret) -> Secret | None:
    # Apart from the function that raises: tracebacks show locals.
    try:
        parts = urlsplit(given.reveal().strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        return None
    if parts.scheme in ("unix", "redis+unix") and parts.path:
        return Secret(parts._replace(scheme="async+redis+unix").geturl())
    if parts.scheme not in ("redis", "rediss") or not host:
        return None
    netloc = parts.netloc if port is not None else f"{parts.netloc.rstrip(':')}:{_PORT}"
    return Secret(parts._replace(scheme=f"async+{parts.scheme}", netloc=netloc).geturl())
