"""`halo-async whoami`: does the login work, and what is it."""

from __future__ import annotations

from halo_async.cli.options import (
    ClientIdOption,
    InstanceOption,
    RateLimitOption,
    ScopeOption,
    SecretFileOption,
    StoreOption,
    TenantOption,
)


def whoami(
    instance: InstanceOption = None,
    client_id: ClientIdOption = None,
    secret_file: SecretFileOption = None,
    tenant: TenantOption = None,
    scope: ScopeOption = None,
    rate_limit: RateLimitOption = None,
    store: StoreOption = None,
) -> int:
    """Log in and show as whom.

    Shows the instance, its tenant and version, the granted scopes, and the agent where the login may see it.

    Example:
      halo-async whoami --instance acme.halopsa.com --client-id ID
    """
    import asyncio

    from halo_async.cli.connection import Connection
    from halo_async.cli.identity import show

    asyncio.run(show(Connection(instance, client_id, secret_file, tenant, scope, rate_limit, store)))
    return 0
