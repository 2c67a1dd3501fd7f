"""The proxy that the environment names for an address, and what makes an address one of a proxy."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError


def is_proxy(url: str) -> bool:
    """Whether an address is one of an HTTP proxy, perhaps with a user name and password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url and parts.path in ("", "/")
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def environment_proxy(url: str) -> Secret | None:
    """What `HTTPS_PROXY`, `NO_PROXY` and their kin say; an address may hold a password.

    aiohttp's own `trust_env` does more: it also looks into a .netrc, and refuses the token where that has a login
    for the host.

    :raises SettingsError: the environment names something else.
    """
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    found = _named(parts.scheme)
    if found is not None and not is_proxy(found.reveal()):
        raise SettingsError(
            f"{parts.scheme.upper()}_PROXY in the environment is no address such as http://proxy.example:8080"
        )
    return found


def _named(scheme: str) -> Secret | None:
    """As others do, without a scheme it is http."""
    given = getproxies().get(scheme, "").strip()
    return Secret(given if "://" in given else f"http://{given}") if given else None
