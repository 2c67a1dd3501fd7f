"""`halo-async demo`: a complete tour on one machine, without an account."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

RESOURCES = ("tickets", "client", "site", "users", "asset")


def demo(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="New or empty folder. Default: a new halo-demo."),
    ] = None,
) -> int:
    """See it work on an emulated instance.

    Needs no account and no network: starts the emulator, compares its API document with the built-in
    operations, logs in and exports five resources at once.

    Example:
      halo-async demo --out /tmp/halo-demo
    """
    from halo_async.cli.signals import run_awake
    from halo_async.export.engine import check_folder

    folder = _free_folder() if out is None else check_folder(out)
    return run_awake(_tour(folder))


def _free_folder() -> Path:
    """Return `halo-demo`, or a new folder if that is taken or cannot be created."""
    import tempfile

    folder = Path("halo-demo")
    if not os.access(".", os.W_OK):
        return Path(tempfile.mkdtemp(prefix="halo-demo-"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return Path(os.path.relpath(tempfile.mkdtemp(prefix="halo-demo-", dir=".")))
    return folder


async def _tour(folder: Path) -> int:
    """Run the demo and return its exit code."""
    from halo_async._utils.threads import run_in_thread
    from halo_async.cli.diff import built_in, compare
    from halo_async.cli.export_report import exit_code, show_report
    from halo_async.cli.output import output
    from halo_async.cli.progress import watching
    from halo_async.client import Halo
    from halo_async.emulator import Emulator
    from halo_async.export import export
    from halo_async.settings import ClientCredentials

    console = output()
    async with Emulator(seed=1, tickets=1000) as emulator:
        console.print(f"An emulated Halo instance with 1,000 tickets runs at {emulator.url}.", soft_wrap=True)
        differences = await run_in_thread(compare, emulator.url)
        count = len(built_in())
        if differences:
            console.print("Its API document differs from the built-in operations:")
            for line in differences:
                console.print(f"  {line}", soft_wrap=True)
        else:
            console.print(f"Its API document against the built-in operations: same, {count:,} operations.")
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials) as halo:
            console.print(f"Logged in. Exporting {', '.join(RESOURCES)}:\n")
            with watching() as on_progress:
                report = await export(halo, RESOURCES, folder, on_progress=on_progress)
    show_report(report, folder)
    _show_next_steps(folder)
    return exit_code(report)


def _show_next_steps(folder: Path) -> None:
    print(
        f"""
What to try next:
  head -n 1 {folder / "tickets.jsonl"}
  halo-async operations timesheet     what can be called
  halo-async emulator                 the same instance, to write code against
  halo-async whoami --help            your own instance"""
    )
