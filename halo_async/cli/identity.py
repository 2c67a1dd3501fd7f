"""What an instance says of itself and of the login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async.cli.connection import Connection
from halo_async.cli.terminal import clean, output
from halo_async.client import Halo
from halo_async.errors import ApiError, DecodeError

_AGENT_NAMES = ("name", "email", "emailaddress", "id")


async def show(connection: Connection) -> None:
    """Log in and print a line a fact.

    :raises AuthenticationError: the login was refused.
    """
    async with connection.open() as halo:
        facts = await _facts(halo, connection)
    console = output()
    for name, value in facts.items():
        console.print(f"{name:<9}{clean(str(value))}", soft_wrap=True)


async def _facts(halo: Halo, connection: Connection) -> dict[str, Any]:
    info = await _object(halo, "/InstanceInfo")
    agent = await _object(halo, "/Agent/me")
    login = await _object(halo, "/authinfo")
    return {
        "instance": halo._instance.origin,
        "tenant": connection.tenant or login.get("tenant_id") or "none",
        "scope": connection.scope or "all",
        "version": info.get("app_version") or "not shown to this login",
        "agent": _agent(agent),
    }


async def _object(halo: Halo, path: str) -> Mapping[str, Any]:
    """An answer, or nothing where this login may not see it: that is no failure of the login."""
    try:
        found = await halo.request("GET", path)
    except (ApiError, DecodeError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _agent(agent: Mapping[str, Any]) -> str:
    known = [str(agent[name]) for name in _AGENT_NAMES if agent.get(name) not in (None, "")]
    return ", ".join(known) if known else "not shown to this login"
