"""`halo-async login` and `halo-async logout`: a person's own login, stored in a file."""

from __future__ import annotations

from typing import Annotated

import typer

from halo_async.cli.options import (
    AuthUrlOption,
    ClientIdOption,
    InstanceOption,
    ScopeOption,
    StoreOption,
    TenantOption,
)

PORT = 8491
"""Fixed port, since an application's redirect addresses include it."""


def login(
    instance: InstanceOption = None,
    client_id: ClientIdOption = None,
    tenant: TenantOption = None,
    auth_url: AuthUrlOption = None,
    scope: ScopeOption = None,
    store: StoreOption = None,
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="Of the listener; 0: any.")
    ] = PORT,
    wait: Annotated[
        int, typer.Option("--wait", metavar="SECONDS", min=1, help="For the browser to come back.")
    ] = 300,
) -> int:
    """Log in with a browser, and stay logged in.

    Prints an address to visit, and waits on 127.0.0.1 for the browser's redirect
    (authorization code with PKCE; no client secret). The application needs the redirect address
    http://127.0.0.1:8491/.
    The token is stored in a file that only you can read, and the other commands use it if no client
    secret is given.

    Example:
      halo-async login --instance acme.halopsa.com --client-id ID
    """
    from halo_async.cli.browser_login import BrowserLogin, enter
    from halo_async.cli.running import run_awake

    return run_awake(enter(BrowserLogin.of(instance, client_id, tenant, scope, store, port, wait, auth_url)))


def logout(store: StoreOption = None) -> int:
    """Delete the stored login.

    Deletes the file. The instance is not notified: a token that is still valid expires by itself.

    Example:
      halo-async logout
    """
    from halo_async.cli.errors import remark
    from halo_async.cli.login_file import default_path, remove

    path = store or default_path()
    if remove(path):
        print(f"logged out: {path} is deleted")
    else:
        remark(f"nobody was logged in: there is no {path}")
    return 0
