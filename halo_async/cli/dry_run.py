"""`halo-async export --dry-run`: row counts, and the time they take under the quota."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from halo_async._utils.wait_notice import duration
from halo_async.cli.errors import Exit
from halo_async.cli.export_options import ExportRequest
from halo_async.cli.table import Table
from halo_async.cli.terminal import clean, output
from halo_async.cli.wait_display import shown
from halo_async.client import Halo
from halo_async.export.estimate import Estimate, estimate, seconds
from halo_async.export.report import Report


async def run(halo: Halo, asked: ExportRequest) -> int:
    """Count and print the rows, and write nothing."""
    with shown(asked.progress):
        async with halo:
            meant = asked.ask()
            found = await estimate(halo, meant.operations, meant.options, Report.read(Path(asked.out or ".")))
            wait = seconds(halo, found)
    _show(found)
    total = sum(item.requests or 0 for item in found)
    how = f", the quota makes them take {duration(wait)}" if wait else ""
    output().print(f"about {total:,} requests{how}; nothing was written", soft_wrap=True)
    return Exit.REFUSED if all(item.refused for item in found) else Exit.DONE


def _show(found: Sequence[Estimate]) -> None:
    table = Table(
        ("resource", "would ask", "rows", "requests"),
        numbers=("rows", "requests"),
        ranking=("resource", "requests", "rows", "would ask"),
    )
    for item in found:
        requests = "refused" if item.refused else _number(item.requests)
        cells = (item.resource, f"GET {item.path}", _number(item.rows), requests)
        table.add(*cells, style="red" if item.refused else "")
    table.print()
    for item in found:
        if item.refused:
            output().print(clean(f"{item.resource}: {item.refused}"), soft_wrap=True, style="red")


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
