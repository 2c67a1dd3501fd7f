"""The export with everything that a person sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from halo_async.cli.errors import Exit, say
from halo_async.cli.progress import watching
from halo_async.cli.terminal import grid, output, size, text
from halo_async.client import Halo
from halo_async.export import Report, ResourceReport
from halo_async.export import export as run_export
from halo_async.export.progress import State


async def run(halo: Halo, resources: Sequence[str], out: Path) -> int:
    """Export under progress bars, print the table, and turn the report into an exit code."""
    async with halo:
        with watching() as on_progress:
            report = await run_export(halo, resources, out, on_progress=on_progress)
    show(report, out)
    return exit_code(report)


def show(report: Report, out: Path) -> None:
    """The closing table."""
    columns = ("resource", "rows", "requests", "received", "seconds", "consistency")
    table = grid(*columns, numbers=("rows", "requests", "received", "seconds"))
    for item in report.resources:
        style = "" if item.complete else "red"
        table.add_row(*(text(value, style=style) for value in _cells(item)))
    console = output()
    if console.is_terminal:
        console.print()  # bars end right above
    console.print(table)
    console.print(f"in {out}, with report.json", soft_wrap=True)


def _cells(item: ResourceReport) -> tuple[str, ...]:
    rows = f"{item.rows:,}"
    if not item.complete and item.record_count is not None:
        rows += f" of {item.record_count:,}"
    return (
        item.resource,
        rows,
        f"{item.requests:,}",
        size(item.bytes),
        f"{item.seconds:.1f}",
        item.consistency if item.complete else item.state.value,
    )


def exit_code(report: Report) -> int:
    """0 when all is there, 4 when the instance refused everything, else 5; says why for each."""
    bad = [item for item in report.resources if not item.complete]
    for item in bad:
        say(f"{item.resource} is {_what(item)}: {item.error}")
    if not bad:
        return Exit.DONE
    refused = len(bad) == len(report.resources) and all(
        item.state is State.FAILED and item.rows == 0 for item in bad
    )
    return Exit.REFUSED if refused else Exit.INCOMPLETE


def _what(item: ResourceReport) -> str:
    if item.rows == 0:
        return "missing"
    return f"incomplete, what came is in {item.file}"
