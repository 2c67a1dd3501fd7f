"""`halo-async doctor`: what is wrong with a connection, at the first thing that is."""

from __future__ import annotations

from typing import Annotated

import typer

from halo_async.cli.options import (
    ClientIdOption,
    InstanceOption,
    RateLimitOption,
    ScopeOption,
    SecretFileOption,
    StoreOption,
    TenantOption,
)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Every step with its facts, as JSON.")] = False,
    instance: InstanceOption = None,
    client_id: ClientIdOption = None,
    secret_file: SecretFileOption = None,
    tenant: TenantOption = None,
    scope: ScopeOption = None,
    rate_limit: RateLimitOption = None,
    store: StoreOption = None,
) -> int:
    """Find out what is wrong with a connection.

    Looks up the instance's name, shakes hands over TLS, asks where the login is, logs in, shows the granted
    scopes, makes one call and measures it. Stops at the first step that fails and says what to do about it.
    The first three steps need no login.

    Example:
      halo-async doctor --instance acme.halopsa.com
    """
    import asyncio

    from halo_async.cli.connection import Connection
    from halo_async.cli.examining import examine

    connection = Connection(instance, client_id, secret_file, tenant, scope, rate_limit, store)
    return asyncio.run(examine(connection, as_json=as_json))
