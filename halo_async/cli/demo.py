"""`halo-async demo`: a complete tour on one machine, without an account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to export to. Default: a new halo-demo."),
    ] = None,
) -> int:
    """See it work on an emulated instance.

    Needs no account and no network: starts the emulator, compares its API document with the built-in
    operations, logs in and exports five resources at once.

    Example:
      halo-async demo --out /tmp/halo-demo
    """
    from halo_async.cli.demo_steps import free_folder, tour
    from halo_async.cli.running import run_awake
    from halo_async.export.engine import check_folder

    folder = free_folder() if out is None else check_folder(out)
    return run_awake(tour(folder))
