"""`halo-async export`: whole lists as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from halo_async.cli.options import (
    ClientIdOption,
    InstanceOption,
    RateLimitOption,
    ScopeOption,
    SecretFileOption,
    TenantOption,
)


def export(
    resources: Annotated[
        list[str], typer.Argument(metavar="RESOURCE...", help="Such as tickets, Client or client_contract.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A folder that is new or empty.")],
    instance: InstanceOption = None,
    client_id: ClientIdOption = None,
    secret_file: SecretFileOption = None,
    tenant: TenantOption = None,
    scope: ScopeOption = None,
    rate_limit: RateLimitOption = None,
) -> int:
    """Export whole lists, one JSON Lines file each.

    All are exported at once under one limiter, every field as it came.
    DIR/report.json says what came of each: rows, requests, retries and how consistent the rows are.
    A resource of which rows are missing keeps the name .part, and the exit code is 5.

    Example:
      halo-async export tickets client users --out backup
    """
    import asyncio

    from halo_async.cli.connection import Connection
    from halo_async.cli.exporting import run
    from halo_async.export.engine import check_folder
    from halo_async.export.names import resolve

    resolve(resources)
    check_folder(out)
    halo = Connection(instance, client_id, secret_file, tenant, scope, rate_limit).open()
    return asyncio.run(run(halo, resources, out))
