"""`halo-async whoami`: check and details of the login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection


@connected
def whoami(
    connection: Connection,
) -> int:
    """Show the current login.

    Shows the instance, its tenant and version, the granted scopes, and the agent if the login may read it.

    Example:
      halo-async whoami --instance acme.halopsa.com --client-id ID
    """
    from halo_async.cli.identity import show
    from halo_async.cli.running import run_awake

    run_awake(show(connection))
    return 0
