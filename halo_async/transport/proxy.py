"""Proxy from the environment for a URL, and validation of proxy URLs."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError


def is_proxy(url: str) -> bool:
    """Return whether a URL is one of an HTTP proxy, with or without a user name and password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url and parts.path in ("", "/")
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def environment_proxy(url: str) -> Secret | None:
    """Return the proxy set by `HTTPS_PROXY`, `NO_PROXY` and the like; its URL may contain a password.

    aiohttp's own `trust_env` does more: it also reads .netrc, and rejects the token if that has a login for
    the host.

    :raises SettingsError: the environment contains an invalid value.
    """
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    found = _find_proxy(parts.scheme)
    if found is not None and not is_proxy(found.reveal()):
        raise SettingsError(
            f"{parts.scheme.upper()}_PROXY in the environment is not a URL such as http://proxy.example:8080."
        )
    return found


def has_environment_proxy(api_url: str) -> bool:
    """Return whether the environment names a proxy for an instance; plain http does not leave this machine.

    :raises SettingsError: the environment contains an invalid value.
    """
    return api_url.startswith("https:") and environment_proxy(api_url) is not None


def _find_proxy(scheme: str) -> Secret | None:
    """Return the proxy for a scheme. As in other clients, a URL without a scheme is http."""
    given = getproxies().get(scheme, "").strip()
    return Secret(given if "://" in given else f"http://{given}") if given else None
