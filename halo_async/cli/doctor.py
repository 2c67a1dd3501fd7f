"""`halo-async doctor`: what is wrong with a connection, at the first thing that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection


@connected
def doctor(
    connection: Connection,
    as_json: Annotated[bool, typer.Option("--json", help="Every step with its facts, as JSON.")] = False,
) -> int:
    """Find out what is wrong with a connection.

    Looks up the instance's name, shakes hands over TLS, asks where the login is, logs in, shows the granted
    scopes, makes one call and measures it. Stops at the first step that fails and says what to do about it.
    The first three steps need no login.

    Example:
      halo-async doctor --instance acme.halopsa.com
    """
    import asyncio

    from halo_async.cli.examining import examine

    return asyncio.run(examine(connection, as_json=as_json))
