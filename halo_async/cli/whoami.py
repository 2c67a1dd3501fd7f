"""`halo-async whoami`: check and details of the login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection
    from halo_async.client import Halo

_AGENT_NAMES = ("name", "email", "emailaddress", "id")


@connected
def whoami(
    connection: Connection,
) -> int:
    """Show the current login.

    Shows the instance, its tenant and version, the granted scopes, and the agent if the login may read it.

    Example:
      halo-async whoami --instance acme.halopsa.com --client-id ID
    """
    from halo_async.cli.signals import run_awake

    run_awake(_show_facts(connection))
    return 0


async def _show_facts(connection: Connection) -> None:
    """Log in and print one line per fact.

    :raises AuthenticationError: the login was refused.
    """
    from halo_async.cli.output import clean, output

    chosen = connection.choose()
    async with connection.client(chosen) as halo:
        facts = await facts_of(halo, chosen.tenant)
    console = output()
    for name, value in facts.items():
        console.print(f"{name:<9}{clean(str(value))}", soft_wrap=True)


async def facts_of(halo: Halo, tenant: str | None = None) -> dict[str, Any]:
    """Return the facts of a login, as far as the instance shows them.

    :param tenant: the tenant, if one was given.
    """
    from halo_async.transport.diagnosis import granted_scopes

    info = await _object(halo, "/InstanceInfo")
    login = await _object(halo, "/authinfo")
    return {
        "instance": halo.transport.instance.origin,
        "tenant": tenant or login.get("tenant_id") or "none",
        "scope": " ".join(granted_scopes(await halo.transport.token())) or "not told",
        "version": info.get("app_version") or "not shown to this login",
        "agent": await agent(halo),
    }


async def _object(halo: Halo, path: str) -> Mapping[str, Any]:
    """Return a response, or an empty mapping if this login may not read it: the login itself works."""
    from halo_async.errors import ApiError, DecodeError

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
