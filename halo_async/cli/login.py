"""`halo-async login` and `halo-async logout`: a person's own login, stored in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

import typer

from halo_async.cli.errors import Exit, UsageError, as_sentence, remark
from halo_async.cli.options import (
    AuthUrlOption,
    ClientIdOption,
    InstanceOption,
    ScopeOption,
    StoreOption,
    TenantOption,
)

if TYPE_CHECKING:
    from halo_async.settings import Instance

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
        int,
        typer.Option(
            "--port", metavar="PORT", min=0, max=65535, help="Port of the redirect listener; 0: any free one."
        ),
    ] = PORT,
    wait: Annotated[
        int, typer.Option("--wait", metavar="SECONDS", min=1, help="Time limit for the browser login.")
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
    from halo_async.cli.signals import run_awake

    return run_awake(enter(BrowserLogin.of(instance, client_id, tenant, scope, store, port, wait, auth_url)))


def logout(store: StoreOption = None) -> int:
    """Delete the stored login.

    Deletes the file. The instance is not notified: a token that is still valid expires by itself.

    Example:
      halo-async logout
    """
    from halo_async.cli.login_file import default_path, remove

    path = store or default_path()
    if remove(path):
        print(f"logged out: {path} is deleted")
    else:
        remark(f"no login is stored in {path}")
    return 0


class BrowserLogin(NamedTuple):
    """Values of the command's options."""

    instance: Instance
    client_id: str
    tenant: str | None
    scope: str
    path: Path
    port: int
    wait: int
    auth_url: str | None = None

    @classmethod
    def of(
        cls,
        instance: str | None,
        client_id: str | None,
        tenant: str | None,
        scope: str | None,
        store: Path | None,
        port: int,
        wait: int,
        auth_url: str | None = None,
    ) -> Self:
        """Return the checked options, so that nobody visits an address in vain.

        :raises UsageError: something is missing, or the login could not be stored.
        """
        from halo_async.cli.connection import Connection
        from halo_async.cli.login_file import check_place, default_path

        where, who = Connection(instance, client_id, None, None, None, None).named()
        path = store or default_path()
        check_place(path)
        tenant, auth_url = (tenant or "").strip() or None, (auth_url or "").strip() or None
        return cls(where, who, tenant, (scope or "").strip() or "all", path, port, wait, auth_url)


async def enter(entry: BrowserLogin) -> int:
    """Log in, then show the user and where the login is stored.

    :raises AuthenticationError: there was no redirect, or it reported a refusal.
    :raises UsageError: the port is taken.
    """
    import secrets

    from halo_async.auth.credentials import AuthorizationCodeCredentials
    from halo_async.cli.connection import secret_from_environment
    from halo_async.cli.login_file import LoginFileStore, StoredLogin
    from halo_async.cli.output import clean
    from halo_async.cli.whoami import agent
    from halo_async.client import Halo
    from halo_async.errors import AuthenticationError

    kept = StoredLogin(
        entry.path,
        entry.instance.api_url,
        entry.client_id,
        entry.tenant,
        auth_url=entry.auth_url,
        scope=entry.scope,
        login=secrets.token_hex(16),
    )
    store = LoginFileStore(kept, fresh=True)
    credentials = AuthorizationCodeCredentials(entry.client_id, show_address, entry.port, entry.wait)
    halo = Halo(
        entry.instance,
        credentials,
        tenant=entry.tenant,
        scope=entry.scope,
        rate_limit=None,
        token_store=store,
        auth_url=entry.auth_url,
    )
    remark(f"visit this address within {entry.wait} s:")
    try:
        async with halo:
            who = await agent(halo)
    except AuthenticationError as error:
        if isinstance(error.__cause__, OSError):
            raise UsageError(
                f"{as_sentence(error)} Give it with --port, and list its address with the application."
            ) from error
        raise
    print(f"logged in to {entry.instance.origin}; agent: {clean(who)}")
    print(f"stored in {entry.path}")
    if secret_from_environment():
        remark(f"HALO_CLIENT_SECRET is set and comes first. Unset it, or give --store {entry.path}")
    if store.kept.token is not None and store.kept.token.refresh_token is None:
        remark("The instance returned no refresh token. Log in again when the token has expired.")
    return Exit.DONE


def show_address(address: str) -> None:
    """Print the address to visit, alone on a line of stdout."""
    from halo_async.cli.output import clean

    print(clean(address), file=sys.stdout, flush=True)
