"""`halo-async emulator`: an instance on this machine, until interrupted."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Dialect(StrEnum):
    """The two dialects in which instances publish their document."""

    OLDER = "2024"
    NEWER = "2026"


# Each option is named after a parameter of `Emulator`, which has the defaults too; a test compares them.
def emulator(
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0: any free one.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same data.")] = 1,
    tickets: Annotated[
        int, typer.Option("--tickets", metavar="N", min=0, help="How many; the rest follows.")
    ] = 1000,
    rate_limit: Annotated[
        str | None,
        typer.Option("--rate-limit", metavar="REQUESTS/SECONDS|none", help="Default: 300/300, as hosted."),
    ] = None,
    tenant: Annotated[
        str, typer.Option("--tenant", metavar="NAME|none", help="none: an instance on premises.")
    ] = "emulator",
    tenants: Annotated[
        list[str] | None,
        typer.Option("--tenants", metavar="NAME,...", help="More tenants of the host, with other data."),
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", metavar="ID", help="Default: made from the seed.")
    ] = None,
    token_lifetime: Annotated[
        int, typer.Option("--token-lifetime", metavar="SECONDS", min=1, help="Until a token expires.")
    ] = 3600,
    rotate_refresh_tokens: Annotated[
        bool,
        typer.Option(
            "--rotate-refresh-tokens/--no-rotate-refresh-tokens", help="Whether a refresh gives a new one."
        ),
    ] = True,
    revoke_on_reuse: Annotated[
        bool, typer.Option("--revoke-on-reuse", help="A spent refresh token ends its login.")
    ] = False,
    separate_auth: Annotated[
        bool, typer.Option("--separate-auth", help="The login has a port of its own.")
    ] = False,
    presigned: Annotated[
        bool, typer.Option("--presigned", help="It gives addresses to send files to.")
    ] = False,
    page_cap: Annotated[
        int, typer.Option("--page-cap", metavar="N", min=1, help="The most rows in a page.")
    ] = 100,
    page_caps: Annotated[
        list[str] | None,
        typer.Option("--page-caps", metavar="PATH=N", help="Of one list; may be repeated."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what the document does not know.")] = False,
    faults: Annotated[
        list[str] | None,
        typer.Option("--faults", metavar="FAULT", help="See above; may be repeated."),
    ] = None,
    churn: Annotated[
        str | None, typer.Option("--churn", metavar="CHURN", help="Rows that come and go; see above.")
    ] = None,
    proxies: Annotated[
        list[str] | None,
        typer.Option("--proxies", metavar="PROXY", help="Behind /IntegrationData; see above."),
    ] = None,
    dialect: Annotated[
        Dialect, typer.Option("--dialect", help="Of the document that it serves.")
    ] = Dialect.OLDER,
    bom: Annotated[bool, typer.Option("--bom", help="The document begins with a byte order mark.")] = False,
    drift: Annotated[
        int,
        typer.Option("--drift", metavar="N", min=0, max=500, help="Changes of the document; told on stderr."),
    ] = 0,
    document: Annotated[
        Path | None,
        typer.Option(
            "--document", metavar="FILE", help="Canonical document to serve instead of the built-in one."
        ),
    ] = None,
) -> int:
    """Serve an emulated instance on this machine.

    Serves on 127.0.0.1 until interrupted. Prints HALO_INSTANCE, HALO_CLIENT_ID and HALO_CLIENT_SECRET,
    one per line, and nothing else on stdout.
    The secret is made up and valid only for this emulator; HALO_EMULATOR_SECRET sets another one.

    \b
    FAULT  NUMBER[:METHOD /PATH][:NAME=VALUE...], such as F05:GET /Tickets:times=1;
           names: variant, times, after, every, probability, delay, and what the
           variant takes. For an unknown number or variant, a list is shown.
    CHURN  [PATH:]NAME=RATE[:NAME=RATE...], such as insert=0.5:delete=0.3, after
           each list request; names: insert, delete, update, reenter.
    PROXY  [NAME:]NAME=VALUE[:...], such as NinjaRMM:rows=250:page=100; names:
           rows, page, under, key.

    Example:
      halo-async emulator --port 8080 --tickets 100000 --rate-limit none
      halo-async emulator --faults "F27:GET /Tickets:variant=503:times=2" --strict
    """  # noqa: D301 - not a raw one: the control character keeps the lines of its paragraph
    import asyncio
    from contextlib import suppress

    from halo_async.cli import emulator_options as knobs
    from halo_async.cli.connection import parse_rate_limit
    from halo_async.cli.serving import serve

    shown = knobs.document(document)
    made = knobs.EmulatorOptions(
        port=port,
        seed=seed,
        tickets=tickets,
        rate_limit=parse_rate_limit(rate_limit),
        tenant=knobs.tenant(tenant),
        tenants=knobs.names(tenants or ()),
        client_id=(client_id or "").strip() or None,
        client_secret=knobs.secret(),
        token_lifetime=token_lifetime,
        rotate_refresh_tokens=rotate_refresh_tokens,
        revoke_on_reuse=revoke_on_reuse,
        separate_auth=separate_auth,
        presigned=presigned,
        page_cap=page_cap,
        page_caps=knobs.page_caps(page_caps or (), shown),
        strict=strict,
        faults=[knobs.fault(text, shown) for text in faults or ()],
        churn=knobs.churn(churn, shown),
        proxies=knobs.proxies(proxies or ()),
        dialect=dialect.value,
        bom=bom,
        drift=drift,
        document=shown,
    )
    with suppress(KeyboardInterrupt):  # if the loop cannot handle signals (Windows)
        asyncio.run(serve(made))
    return 0
