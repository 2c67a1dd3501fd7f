"""`halo-async emulator`: an instance on this machine, until interrupted."""

from __future__ import annotations

from typing import Annotated

import typer


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
) -> int:
    """Serve an emulated instance on this machine.

    Serves on 127.0.0.1 until interrupted. Prints HALO_INSTANCE, HALO_CLIENT_ID and HALO_CLIENT_SECRET,
    one a line, and nothing else on stdout.
    The secret is made up and opens nothing but this emulator.

    Example:
      halo-async emulator --port 8080 --tickets 100000 --rate-limit none
    """
    import asyncio
    from contextlib import suppress

    from halo_async.cli.connection import parse_rate_limit
    from halo_async.cli.serving import serve

    limit = parse_rate_limit(rate_limit)
    with suppress(KeyboardInterrupt):  # where signals cannot be handled by the loop (Windows)
        asyncio.run(serve(port=port, seed=seed, tickets=tickets, rate_limit=limit))
    return 0
