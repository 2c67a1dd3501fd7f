"""Factories for the optional components of a transport, loaded only when used."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError
from halo_async.transport.types import Response

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from halo_async.coordination.shared import Shared
    from halo_async.settings import Instance
    from halo_async.transport.client_options import ClientOptions
    from halo_async.transport.dry_run import DryRun
    from halo_async.transport.session import Session


def make_shared(options: ClientOptions, instance: Instance, credentials: object) -> Shared | None:
    """Return the state that is shared with other processes; None without a coordination.

    :raises SettingsError: tokens cannot be encrypted, or an option in the address of Redis is not valid.
    """
    if options.coordination is None:
        return None
    from halo_async.coordination.shared import Shared

    return Shared(
        options.coordination,
        instance,
        options.tenant,
        credentials,
        limit=options.rate_limit,
        clock=options.clock,
        patience=options.max_retry_wait,
        keeps_tokens=options.token_store is None,
    )


def make_dry_run(*, always: bool = False) -> DryRun:
    """Return the switch that decides which writes are prepared instead of sent."""
    from halo_async.transport.dry_run import DryRun  # rarely needed

    return DryRun(always=always)


async def close(session: Session, loop: asyncio.AbstractEventLoop | None) -> None:
    """Close a session on its own loop; on another one its connections cannot be closed in order any more."""
    if loop is asyncio.get_running_loop():
        await session.close()
    else:
        session.forget()


def check_open(session: ClientSession) -> None:
    """:raises RuntimeError: a caller's own session was closed before the client."""
    if session.closed:
        raise RuntimeError("The aiohttp session of this Halo client is closed. Close the client first.")


def refuse_swollen(response: Response) -> None:
    """:raises DecodeError: its body swells when it is decompressed."""
    if response.swollen:
        from halo_async.transport.body import swollen

        raise swollen()


def check_proxy(proxy: object) -> None:
    """:raises SettingsError: it is not the URL of an HTTP proxy."""
    from halo_async.transport.proxy import is_proxy  # rarely set

    text = proxy.reveal() if isinstance(proxy, Secret) else proxy
    if not isinstance(text, str) or not is_proxy(text):
        raise SettingsError('`proxy` must be a URL such as "http://proxy.example:8080", http or https.')


def make_caller() -> str:
    """Return the location outside this package where the client is created."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("halo_async"):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
