"""The export with all its terminal output."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from halo_async.cli.errors import Exit, remark, say
from halo_async.cli.export_options import STDOUT, ExportRequest
from halo_async.cli.next_steps import after_error, after_report, interrupted
from halo_async.cli.progress import watching
from halo_async.cli.table import Table
from halo_async.cli.terminal import clean, output, size
from halo_async.cli.wait_display import shown
from halo_async.client import Halo
from halo_async.errors import HaloError
from halo_async.export import Report, ResourceReport
from halo_async.export import export as run_export
from halo_async.export.failure_reason import is_fault
from halo_async.export.progress import OnProgress, State

_OURS = {"OSError", "PermissionError", "FileNotFoundError", "IsADirectoryError"}
"""True if the disk failed, not the instance."""


async def run(halo: Halo, asked: ExportRequest) -> int:
    """Export under progress bars, print the table, and turn the report into an exit code.

    :raises HaloError: the export could not begin, or ended as a whole; a note on it says how to go on.
    """
    try:
        with watching(how=asked.progress) as on_progress, shown(asked.progress):
            async with halo:
                report = await _exported(halo, asked, on_progress)
    except asyncio.CancelledError:
        # Below the bars, which are gone by now: what is written among them can be drawn over.
        remark(interrupted(asked))
        raise
    except (HaloError, OSError) as error:
        if how := after_error(error, asked):
            error.add_note(how)
        raise
    how = "" if report.complete else after_report(report, asked)
    if asked.out != STDOUT and asked.progress != "json":
        show(report, asked.out, how)
        return exit_code(report)
    code = exit_code(report)
    if how:
        remark(how)
    return code


async def _exported(halo: Halo, asked: ExportRequest, on_progress: OnProgress) -> Report:
    if asked.out == STDOUT:
        from halo_async.export.stream import stream

        found = asked.ask()
        return await stream(halo, found.operations[0], found.options, sys.stdout.buffer, on_progress)
    return await run_export(halo, out=asked.out, on_progress=on_progress, **asked.how)


def show(report: Report, out: Path | str, how: str = "") -> None:
    """The closing table, and how to go on where that is needed."""
    table = Table(
        ("resource", "rows", "requests", "received", "seconds", "consistency"),
        numbers=("rows", "requests", "received", "seconds"),
        ranking=("resource", "rows", "consistency", "requests", "seconds", "received"),
        elsewhere="report.json",
    )
    for item in report.resources:
        table.add(*_cells(item), style="" if item.complete else "red")
    console = output()
    if console.is_terminal:
        console.print()  # bars end directly above
    table.print()
    console.print(f"in {out}, with report.json", soft_wrap=True)
    if how:
        console.print(clean(how), soft_wrap=True)
    if left := [item.resource for item in report.resources if item.inactive_left_out]:
        line = f"without inactive rows (--include-inactive): {', '.join(left)}"
        console.print(clean(line), style="dim")
    for item in report.resources:
        for line in _remarks(item):
            console.print(clean(f"{item.resource}: {line}"), soft_wrap=True, style="dim")


def _remarks(item: ResourceReport) -> list[str]:
    remarks = list(item.warnings)
    if item.columns_widened:
        remarks.append(f"wider columns than expected: {', '.join(item.columns_widened)}")
    if item.changed is not None:
        gone = "" if item.deleted is None else f", {item.deleted:,} deleted"
        remarks.append(f"{item.changed:,} rows changed since {item.since}{gone}")
    return remarks


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
    """Return 0 if all is complete, 4 if the instance refused everything, else 5; print the reasons."""
    bad = [item for item in report.resources if not item.complete]
    for item in bad:
        say(f"{item.resource} is {_what(item)}: {item.error}")
    if not bad:
        return Exit.DONE
    refused = len(bad) == len(report.resources) and all(
        item.state is State.FAILED
        and item.rows == 0
        and item.error_type not in _OURS
        and not is_fault(item.error_type)
        for item in bad
    )
    return Exit.REFUSED if refused else Exit.INCOMPLETE


def _what(item: ResourceReport) -> str:
    if item.rows == 0:
        return "missing"
    return f"incomplete, what came is in {item.file or 'the output'}"
