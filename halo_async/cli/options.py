"""Options that several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from halo_async._utils.secret import Secret
from halo_async.cli.commands import COMMAND
from halo_async.cli.log_output import LogOption

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection

InstanceOption = Annotated[
    str | None,
    typer.Option(
        "--instance",
        metavar="HOST",
        help="Host name or URL, such as acme.halopsa.com (HALO_INSTANCE).",
    ),
]
ClientIdOption = Annotated[
    str | None,
    typer.Option(
        "--client-id",
        metavar="ID",
        help="Client ID of the API application (HALO_CLIENT_ID).",
    ),
]
SecretFileOption = Annotated[
    Path | None,
    typer.Option(
        "--client-secret-file",
        metavar="FILE",
        help="File with the client secret (HALO_CLIENT_SECRET).",
    ),
]
TenantOption = Annotated[
    str | None,
    typer.Option(
        "--tenant",
        metavar="NAME",
        help="Tenant, if /api/authinfo does not provide one (HALO_TENANT).",
    ),
]
AuthUrlOption = Annotated[
    str | None,
    typer.Option(
        "--auth-url",
        metavar="URL",
        help="Authorization server URL, if not discoverable (HALO_AUTH_URL).",
    ),
]
ScopeOption = Annotated[
    str | None,
    typer.Option(
        "--scope",
        metavar="SCOPE",
        help="Scopes, separated by blanks (HALO_SCOPE). Default: all.",
    ),
]
RateLimitOption = Annotated[
    str | None,
    typer.Option(
        "--rate-limit",
        metavar="LIMIT",
        help="Requests/seconds, or none (HALO_RATE_LIMIT). Default: 300/300.",
    ),
]
CoordinationOption = Annotated[
    str | None,
    typer.Option(
        "--coordination",
        metavar="URL",
        help="Redis that processes share quota and login in (HALO_COORDINATION), or none.",
    ),
]
DeadlineOption = Annotated[
    float | None,
    typer.Option(
        "--deadline",
        metavar="SECONDS",
        help="Time limit for opening, and for each request with its retries. Default: 900.",
    ),
]
OverlayOption = Annotated[
    Path | None,
    typer.Option(
        "--overlay",
        metavar="FILE",
        help="Act on what doctor --probe --out measured (HALO_OVERLAY).",
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Login of this profile (HALO_PROFILE); see `profiles`.",
    ),
]
StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        help=f"File of the stored login. Default: ~/.config/{COMMAND}/login.json.",
    ),
]


def _login(
    profile: ProfileOption = None,
    instance: InstanceOption = None,
    client_id: ClientIdOption = None,
    secret_file: SecretFileOption = None,
    tenant: TenantOption = None,
    auth_url: AuthUrlOption = None,
    scope: ScopeOption = None,
    rate_limit: RateLimitOption = None,
    coordination: CoordinationOption = None,
    store: StoreOption = None,
    deadline: DeadlineOption = None,
    overlay: OverlayOption = None,
    log: LogOption = None,
) -> Connection:
    """The options of every command that connects to an instance, and the object built from them."""
    from halo_async.cli.chosen_profile import GivenLogin
    from halo_async.cli.connection import Connection

    given = GivenLogin(instance, client_id, tenant, scope, auth_url, profile)
    shared = Secret(coordination) if coordination else None
    return Connection(given, secret_file, rate_limit, store, deadline, overlay, shared)


def connected(command: Callable[..., int]) -> Callable[..., int]:
    """Wrap a command whose parameter `connection` is built from the login options and replaces them."""
    return with_options(command, _login, "connection")


def with_options(command: Callable[..., int], shared: Callable[..., Any], name: str) -> Callable[..., int]:
    """Wrap a command so that one of its parameters is made by a function, whose options it then has in its place.

    :param shared: the function; its parameters are options of typer.
    :param name: of the command's parameter.
    """
    options = inspect.signature(shared).parameters
    own = [item for item in inspect.signature(command).parameters.values() if item.name != name]

    @wraps(command)
    def run(**given: Any) -> int:
        made = shared(**{option: given.pop(option) for option in options})
        return command(**{name: made}, **given)

    parameters = [item.replace(kind=item.KEYWORD_ONLY) for item in (*own, *options.values())]
    hints = {**hints_of(command), **hints_of(shared)}
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [item.replace(annotation=hints[item.name]) for item in parameters], return_annotation=int
    )
    run.__annotations__ = {**{item.name: hints[item.name] for item in parameters}, "return": int}
    return run


def hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Resolve the annotations: typer would look up their names outside the function's module."""
    known = {"Connection": object, "FleetRun": object, **vars(inspect.getmodule(function))}
    return get_type_hints(function, globalns=known, include_extras=True)
