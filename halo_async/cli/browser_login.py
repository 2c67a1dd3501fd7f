"""A browser login, from the address to the stored token."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Self

import attrs

from halo_async.auth.credentials import AuthorizationCodeCredentials
from halo_async.cli import client_secret
from halo_async.cli.connection import Connection
from halo_async.cli.errors import Exit, UsageError, remark
from halo_async.cli.identity import agent
from halo_async.cli.login_file import LoginFileStore, StoredLogin, check_place, default_path
from halo_async.cli.terminal import clean
from halo_async.client import Halo
from halo_async.errors import AuthenticationError
from halo_async.settings import Instance


@attrs.frozen
class BrowserLogin:
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
    credentials = AuthorizationCodeCredentials(entry.client_id, show, entry.port, entry.wait)
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
            raise UsageError(f"{error}: use --port, and list its address with the application") from error
        raise
    print(f"logged in to {entry.instance.origin}; agent: {clean(who)}")
    print(f"kept in {entry.path}")
    if client_secret.environment():
        remark(f"HALO_CLIENT_SECRET is set and comes first: unset it, or give --store {entry.path}")
    if store.kept.token is not None and store.kept.token.refresh_token is None:
        remark("the instance gave no refresh token: this login ends with its first token")
    return Exit.DONE


def show(address: str) -> None:
    """Print the address to visit, alone on a line of stdout."""
    print(clean(address), file=sys.stdout, flush=True)
