"""`halo-async login` and `halo-async logout`: a person's own login, stored in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

import typer

from halo_async.cli.errors import Exit, UsageError, as_sentence, remark
from halo_async.cli.options import (
    AuthUrlOption,
    ClientIdOption,
    InstanceOption,
    ProfileOption,
    ScopeOption,
    StoreOption,
    TenantOption,
)

if TYPE_CHECKING:
    from halo_async.auth.login_file import LoginFileStore
    from halo_async.auth.stored_login import WantedLogin
    from halo_async.cli.chosen_profile import GivenLogin
    from halo_async.client import Halo
    from halo_async.settings import Instance

PORT = 8491
"""Fixed port, since an application's redirect addresses include it."""


def login(
    profile: ProfileOption = None,
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
    secret is given. With --profile it is the login of that profile, which is added if it is new.

    Example:
      halo-async login --instance acme.halopsa.com --client-id ID
      halo-async login --profile acme --instance acme.halopsa.com --client-id ID
    """
    from halo_async.cli.chosen_profile import GivenLogin
    from halo_async.cli.signals import run_awake

    given = GivenLogin(instance, client_id, tenant, scope, auth_url, profile)
    return run_awake(enter(BrowserLogin.of(given, store, port, wait)))


def logout(profile: ProfileOption = None, store: StoreOption = None) -> int:
    """Delete the stored login.

    Deletes the file. The instance is not notified: a token that is still valid expires by itself.

    Example:
      halo-async logout
    """
    from halo_async.auth.login_file import default_path, remove
    from halo_async.auth.profiles.file import chosen_name

    path = store or default_path(chosen_name(profile))
    if remove(path):
        print(f"logged out: {path} is deleted")
    else:
        remark(f"no login is stored in {path}")
    return 0


class BrowserLogin(NamedTuple):
    """Values of the command's options."""

    instance: Instance
    client_id: str
    wanted: WantedLogin
    path: Path
    port: int
    wait: int
    new_profile: str | None = None
    """Name of the profile to add; None if it is there, or none is named."""
    is_default: bool = True
    """True if it is the login that commands use without a profile."""

    @classmethod
    def of(cls, given: GivenLogin, store: Path | None, port: int, wait: int) -> Self:
        """Return the checked options, so that nobody visits an address in vain.

        :raises UsageError: something is missing, or the profile has another login.
        :raises SettingsError: the login could not be stored, or the profile is not valid.
        """
        from halo_async.auth.login_file import check_place, default_path
        from halo_async.auth.profiles.file import chosen_name
        from halo_async.cli.connection import named
        from halo_async.cli.login_profile import known_profile

        name = chosen_name(given.profile)
        path = store or default_path(name)
        known = None if name is None else known_profile(name, given)
        wanted = given.completed(known)
        where, who = named(wanted)
        check_place(path)
        return cls(where, who, wanted, path, port, wait, name if known is None else None, name is None)


async def enter(entry: BrowserLogin) -> int:
    """Log in, then show the user and where the login is stored.

    :raises AuthenticationError: there was no redirect, or it reported a refusal.
    :raises UsageError: the port is taken.
    """
    from halo_async.cli.client_secret import secret_from_environment
    from halo_async.cli.login_profile import add_after_login
    from halo_async.cli.output import clean
    from halo_async.cli.whoami import agent
    from halo_async.errors import AuthenticationError

    halo, store = _client(entry)
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
    if entry.new_profile is not None:
        print(add_after_login(entry.new_profile, entry.wanted))
    if entry.is_default and secret_from_environment():
        remark(f"HALO_CLIENT_SECRET is set and comes first. Unset it, or give --store {entry.path}")
    if store.kept.token is not None and store.kept.token.refresh_token is None:
        remark("The instance returned no refresh token. Log in again when the token has expired.")
    return Exit.DONE


def _client(entry: BrowserLogin) -> tuple[Halo, LoginFileStore]:
    import secrets

    from halo_async.auth.credentials import AuthorizationCodeCredentials
    from halo_async.auth.login_file import LoginFileStore, StoredLogin
    from halo_async.client import Halo
    from halo_async.transport.proxy import has_environment_proxy

    wanted, scope = entry.wanted, entry.wanted.scope or "all"
    kept = StoredLogin(
        entry.path,
        entry.instance.api_url,
        entry.client_id,
        wanted.tenant,
        auth_url=wanted.auth_url,
        scope=scope,
        login=secrets.token_hex(16),
    )
    store = LoginFileStore(kept, fresh=True)
    credentials = AuthorizationCodeCredentials(entry.client_id, show_address, entry.port, entry.wait)
    options: dict[str, Any] = {"tenant": wanted.tenant, "scope": scope, "auth_url": wanted.auth_url}
    options["coordination"] = "none"
    options["trust_env"] = has_environment_proxy(entry.instance.api_url)
    return Halo(entry.instance, credentials, rate_limit=None, token_store=store, **options), store


def show_address(address: str) -> None:
    """Print the address to visit, alone on a line of stdout."""
    from halo_async.cli.output import clean

    print(clean(address), file=sys.stdout, flush=True)
