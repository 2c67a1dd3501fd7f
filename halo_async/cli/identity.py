"""Details of an instance and of the login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async.cli.connection import ChosenInstance, Connection
from halo_async.cli.terminal import clean, output
from halo_async.client import Halo
from halo_async.errors import ApiError, DecodeError
from halo_async.transport.diagnosis import granted_scopes

_AGENT_NAMES = ("name", "email", "emailaddress", "id")


async def show(connection: Connection) -> None:
    """Log in and print one line per fact.

    :raises AuthenticationError: the login was refused.
    """
    chosen = connection.choose()
    async with connection.client(chosen) as halo:
        facts = await _facts(halo, chosen)
    console = output()
    for name, value in facts.items():
        console.print(f"{name:<9}{clean(str(value))}", soft_wrap=True)


async def _facts(halo: Halo, chosen: ChosenInstance) -> dict[str, Any]:
    info = await _object(halo, "/InstanceInfo")
    login = await _object(halo, "/authinfo")
    return {
        "instance": halo.transport.instance.origin,
        "tenant": chosen.tenant or login.get("tenant_id") or "none",
        "scope": " ".join(granted_scopes(await halo.transport.token())) or "not told",
        "version": info.get("app_version") or "not shown to this login",
        "agent": await agent(halo),
    }


async def _object(halo: Halo, path: str) -> Mapping[str, Any]:
    """Return a response, or an empty mapping if this login may not read it: the login itself works."""
    try:
        found = await halo.request("GET", path)
    except (ApiError, DecodeError):
        return {}
    return found if isinstance(found, Mapping) else {}


async def agent(halo: Halo) -> str:
    """Return the logged-in user, as far as the instance tells."""
    found = await _object(halo, "/Agent/me")
    known = [str(found[name]) for name in _AGENT_NAMES if found.get(name) not in (None, "")]
    return ", ".join(known) if known else "not shown to this login"
