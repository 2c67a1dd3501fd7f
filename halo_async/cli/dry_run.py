"""`halo-async export --dry-run`: counts, and what the quota makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from halo_async.cli.errors import Exit
from halo_async.cli.terminal import grid, output, text
from halo_async.cli.wanted import Wanted
from halo_async.client import Halo
from halo_async.export.estimate import Estimate, estimate, seconds
from halo_async.export.report import Report
from halo_async.settings import RateLimit


async def run(halo: Halo, asked: Wanted, limit: RateLimit | None) -> int:
    """Count, print, and write nothing."""
    async with halo:
        meant = asked.ask()
        found = await estimate(halo, meant.operations, meant.options, Report.read(Path(asked.out or ".")))
    _show(found)
    total = sum(item.requests or 0 for item in found)
    wait = seconds(total, limit)
    how = f", the quota makes them take {duration(wait)}" if wait else ""
    output().print(f"about {total:,} requests{how}; nothing was written", soft_wrap=True)
    return Exit.REFUSED if all(item.refused for item in found) else Exit.DONE


def _show(found: Sequence[Estimate]) -> None:
    table = grid("resource", "would ask", "rows", "requests", numbers=("rows", "requests"))
    for item in found:
        asked = f"GET {item.path}"
        cells = (item.resource, asked, _number(item.rows), item.refused or _number(item.requests))
        table.add_row(*(text(cell, style="red" if item.refused else "") for cell in cells))
    output().print(table)


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


def duration(count: float) -> str:
    """Seconds for people: `45 s`, `12 min`, `3 h 20 min`."""
    if count < 90:
        return f"{count:.0f} s"
    minutes = round(count / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
