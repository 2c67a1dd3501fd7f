"""`halo-async emulator`: an instance on this machine, until interrupted."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halo_async.cli.errors import UsageError

if TYPE_CHECKING:
    from halo_async.emulator import Emulator

SECRET = "HALO_EMULATOR_SECRET"  # noqa: S105 - the variable's name; not HALO_CLIENT_SECRET, which may open more


class Dialect(StrEnum):
    """The two dialects in which instances publish their document."""

    OLDER = "2024"
    NEWER = "2026"


# Each option is named after a field of `EmulatorConfig`, which has the defaults; a test compares them. None: not given.
def emulator(
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Read options from a TOML file; see above."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="PORT", help="Port to listen on. Default: any free one."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of the data. Default: 1.")
    ] = None,
    tickets: Annotated[
        int | None, typer.Option("--tickets", metavar="N", help="Number of tickets. Default: 1000.")
    ] = None,
    rate_limit: Annotated[
        str | None,
        typer.Option("--rate-limit", metavar="LIMIT", help="Requests/seconds, or none. Default: 300/300."),
    ] = None,
    tenant: Annotated[
        str | None,
        typer.Option(
            "--tenant", metavar="NAME|none", help="none: an instance on premises. Default: emulator."
        ),
    ] = None,
    tenants: Annotated[
        list[str] | None,
        typer.Option(
            "--tenants", metavar="NAME,...", help="More tenants of the host, each with its own data."
        ),
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", metavar="ID", help="Default: derived from the seed.")
    ] = None,
    token_lifetime: Annotated[
        int | None,
        typer.Option(
            "--token-lifetime", metavar="SECONDS", help="Lifetime of an access token. Default: 3600."
        ),
    ] = None,
    rotate_refresh_tokens: Annotated[
        bool | None,
        typer.Option(
            "--rotate-refresh-tokens/--no-rotate-refresh-tokens",
            help="Replace the refresh token at each refresh. Default: replaced.",
        ),
    ] = None,
    revoke_on_reuse: Annotated[
        bool | None,
        typer.Option("--revoke-on-reuse", help="Revoke a login whose used refresh token is sent again."),
    ] = None,
    separate_auth: Annotated[
        bool | None, typer.Option("--separate-auth", help="Serve the login on a port of its own.")
    ] = None,
    presigned: Annotated[
        bool | None, typer.Option("--presigned", help="Offer presigned upload URLs.")
    ] = None,
    page_cap: Annotated[
        int | None,
        typer.Option("--page-cap", metavar="N", help="Maximum number of rows per page. Default: 100."),
    ] = None,
    page_caps: Annotated[
        list[str] | None,
        typer.Option("--page-caps", metavar="PATH=N", help="The same for one list; may be repeated."),
    ] = None,
    strict: Annotated[
        bool | None, typer.Option("--strict", help="Refuse parameters and fields unknown to the document.")
    ] = None,
    faults: Annotated[
        list[str] | None,
        typer.Option("--faults", metavar="FAULT", help="Arm a fault, see above; may be repeated."),
    ] = None,
    churn: Annotated[
        str | None,
        typer.Option("--churn", metavar="CHURN", help="Change rows after each list request, see above."),
    ] = None,
    behaviour: Annotated[
        str | None,
        typer.Option("--behaviour", metavar="BEHAVIOUR", help="Differ from most instances, see above."),
    ] = None,
    proxies: Annotated[
        list[str] | None,
        typer.Option(
            "--proxies", metavar="PROXY", help="Third party behind a proxy, see above; may be repeated."
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="YYYY-MM", help="Release of Halo to be. Default: newest."),
    ] = None,
    dialect: Annotated[
        Dialect | None,
        typer.Option("--dialect", help="OpenAPI dialect to serve. Default: that of the release."),
    ] = None,
    bom: Annotated[
        bool | None, typer.Option("--bom", help="Prefix the document with a byte order mark.")
    ] = None,
    drift: Annotated[
        int | None,
        typer.Option(
            "--drift",
            metavar="N",
            help="Number of changes of the document, up to 500; listed on stderr.",
        ),
    ] = None,
    document: Annotated[
        Path | None,
        typer.Option(
            "--document", metavar="FILE", help="Canonical document to serve. Default: the built-in one."
        ),
    ] = None,
) -> int:
    """Serve an emulated instance on this machine.

    Serves on 127.0.0.1 until interrupted. Prints HALO_INSTANCE, HALO_CLIENT_ID and HALO_CLIENT_SECRET,
    one per line, and nothing else on stdout.
    The secret is made up and valid only for this emulator; HALO_EMULATOR_SECRET sets another one.

    FILE has every option below, with _ or - in its name, and the same tables as the admin API
    /_emulator/: [[faults]], [churn], [rate-limit], [proxies.NAME]. Options given here come first.

    \b
    FAULT  NUMBER[:METHOD /PATH][:KEY=VALUE...], such as F10:GET /Tickets:after=3
    CHURN  KEY=VALUE[,KEY=VALUE...], such as path=/Client,insert=0.5,delete=0.3
    BEHAVIOUR  KEY=VALUE[,KEY=VALUE...], such as order=ignored,utc_offset=60
    PROXY  [NAME:]KEY=VALUE[,KEY=VALUE...], such as NinjaRMM:rows=250,page=100

    For an unknown key, number or variant, the known ones are listed.

    Example:
      halo-async emulator --port 8080 --tickets 100000 --rate-limit none
      halo-async emulator --faults "F10:GET /Tickets:after=3:times=1" --strict
      halo-async emulator --config emulator.toml
    """  # noqa: D301 - not a raw one: the control character keeps the lines of its paragraph
    import asyncio

    import attrs

    from halo_async.cli.emulator_config import configure
    from halo_async.emulator import Emulator

    given = {
        "port": port,
        "seed": seed,
        "tickets": tickets,
        "client_id": (client_id or "").strip() or None,
        "token_lifetime": token_lifetime,
        "rotate_refresh_tokens": rotate_refresh_tokens,
        "revoke_on_reuse": revoke_on_reuse,
        "separate_auth": separate_auth,
        "presigned": presigned,
        "page_cap": page_cap,
        "strict": strict,
        "as_of": as_of,
        "dialect": None if dialect is None else dialect.value,
        "bom": bom,
        "drift": drift,
        "document": document,
    }
    written = {
        "rate_limit": rate_limit,
        "tenant": tenant,
        "tenants": tenants,
        "page_caps": page_caps,
        "faults": faults,
        "churn": churn,
        "behaviour": behaviour,
        "proxies": proxies,
    }
    chosen, shown = configure(
        config,
        {name: value for name, value in given.items() if value is not None},
        {name: value for name, value in written.items() if value is not None},
    )
    secret = os.environ.get(SECRET, "").strip() or None
    options = {**attrs.asdict(chosen, recurse=False), "document": shown, "client_secret": secret}
    with suppress(KeyboardInterrupt):  # if the loop cannot handle signals (Windows)
        asyncio.run(_serve(Emulator(**options), chosen.port))
    return 0


async def _serve(made: Emulator, port: int) -> None:
    """Serve until SIGINT or SIGTERM; both are a normal exit, not a failure.

    :raises UsageError: the port is taken.
    """
    import asyncio

    from anyio import CancelScope

    from halo_async.cli.signals import on_signals
    from halo_async.emulator import serve

    try:
        with suppress(asyncio.CancelledError), CancelScope() as signalled:
            on_signals(signalled.cancel)
            await serve(made, _announce)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise UsageError(f"Port {port} cannot be listened on ({reason}). Use --port 0.") from error


def _announce(running: Emulator) -> None:
    """Print the login for the parent process: a shell or a test reads it line by line."""
    _remark(running)
    print(f"HALO_INSTANCE={running.url}")
    print(f"HALO_CLIENT_ID={running.client_id}")
    print(f"HALO_CLIENT_SECRET={running.client_secret}", flush=True)


def _remark(running: Emulator) -> None:
    """Print further details on stderr: other tenants, and the actual drift."""
    if running.tenants:
        others = ", ".join(sorted(running.tenants))
        print(f"more tenants of this host: {others}; HALO_TENANT=NAME (--tenant NAME) logs in to one",
              file=sys.stderr)  # fmt: skip
    for change in running.changes:
        print(f"drift: {change.kind}: {' '.join((change.where, change.name)).strip()}", file=sys.stderr)
