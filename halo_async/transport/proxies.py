"""The proxy that the environment names for an address."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from halo_async.secret import Secret


def environment_proxy(url: str) -> Secret | None:
    """What `HTTPS_PROXY`, `NO_PROXY` and their kin say; an address may hold a password.

    aiohttp's own `trust_env` does more: it also looks into a .netrc, and refuses the token where that has a login
    for the host.
    """
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    found = getproxies().get(parts.scheme)
    return Secret(found) if found else None
