"""Options that several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection

InstanceOption = Annotated[
    str | None,
    typer.Option(
        "--instance", metavar="HOST", envvar="HALO_INSTANCE", help="Host name or URL: acme.halopsa.com."
    ),
]
ClientIdOption = Annotated[
    str | None,
    typer.Option(
        "--client-id", metavar="ID", envvar="HALO_CLIENT_ID", help="Client ID of the API application."
    ),
]
SecretFileOption = Annotated[
    Path | None,
    typer.Option(
        "--client-secret-file",
        metavar="FILE",
        help="File that holds the secret; else HALO_CLIENT_SECRET.",
    ),
]
TenantOption = Annotated[
    str | None,
    typer.Option(
        "--tenant", metavar="NAME", envvar="HALO_TENANT", help="Where the instance names none itself."
    ),
]
AuthUrlOption = Annotated[
    str | None,
    typer.Option(
        "--auth-url", metavar="URL", envvar="HALO_AUTH_URL", help="Of the login, if the instance hides it."
    ),
]
ScopeOption = Annotated[
    str | None,
    typer.Option("--scope", metavar="SCOPE", envvar="HALO_SCOPE", help="Default: all."),
]
RateLimitOption = Annotated[
    str | None,
    typer.Option(
        "--rate-limit",
        metavar="REQUESTS/SECONDS|none",
        envvar="HALO_RATE_LIMIT",
        help="Default: 300/300, as hosted instances have it.",
    ),
]
DeadlineOption = Annotated[
    float | None,
    typer.Option(
        "--deadline",
        metavar="SECONDS",
        help="For opening, and for each request with its retries. Default: 900.",
    ),
]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", metavar="FILE", help="Kept login. Default: ~/.config/halo-async/login.json."),
]


def _login(
    instance: InstanceOption = None,
    client_id: ClientIdOption = None,
    secret_file: SecretFileOption = None,
    tenant: TenantOption = None,
    auth_url: AuthUrlOption = None,
    scope: ScopeOption = None,
    rate_limit: RateLimitOption = None,
    store: StoreOption = None,
    deadline: DeadlineOption = None,
) -> Connection:
    """The options of every command that connects to an instance, and the object built from them."""
    from halo_async.cli.connection import Connection

    return Connection(instance, client_id, secret_file, tenant, scope, rate_limit, store, auth_url, deadline)


def connected(command: Callable[..., int]) -> Callable[..., int]:
    """Wrap a command whose parameter `connection` is built from the login options and replaces them."""
    shared = inspect.signature(_login).parameters
    own = [item for name, item in inspect.signature(command).parameters.items() if name != "connection"]

    @wraps(command)
    def run(**given: Any) -> int:
        login = {name: given.pop(name) for name in shared}
        return command(connection=_login(**login), **given)

    parameters = [item.replace(kind=item.KEYWORD_ONLY) for item in (*own, *shared.values())]
    hints = {**_hints(command), **_hints(_login)}
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [item.replace(annotation=hints[item.name]) for item in parameters], return_annotation=int
    )
    run.__annotations__ = {**{item.name: hints[item.name] for item in parameters}, "return": int}
    return run


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Resolve the annotations: typer would look up their names outside the function's module."""
    known = {**vars(inspect.getmodule(function)), "Connection": object}
    return get_type_hints(function, globalns=known, include_extras=True)
