"""`halo-async doctor`: diagnosis of a connection up to the first failure."""

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

    Resolves the instance's name, performs a TLS handshake, discovers the login service, logs in, shows the
    granted scopes, sends one request and measures it. Stops at the first step that fails and shows how to
    fix it. The first three steps need no login.

    Example:
      halo-async doctor --instance acme.halopsa.com
    """
    from halo_async.cli.examining import examine
    from halo_async.cli.running import run_awake

    return run_awake(examine(connection, as_json=as_json))
