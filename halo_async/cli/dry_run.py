"""The estimate of `halo-async export --dry-run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from halo_async._utils.wait_notice import duration
from halo_async.cli.errors import Exit
from halo_async.cli.export_request import ExportRequest, find_folder
from halo_async.cli.output import OutputTable, clean, output
from halo_async.cli.wait_display import shown
from halo_async.client import Halo
from halo_async.export import Report
from halo_async.export.estimate import Estimate, estimate, seconds
from halo_async.export.journal import NAME
from halo_async.export.options import header
from halo_async.export.rehearsal import has_all
from halo_async.export.spec import ExportSpec


async def count(halo: Halo, asked: ExportRequest) -> int:
    """Count and print the rows, and write nothing.

    :raises SettingsError: the export would be refused.
    """
    with shown(asked.progress):
        async with halo:
            meant = asked.ask()
            folder = find_folder(asked.out)
            if folder is not None and has_all_of(halo, folder, meant, resume=asked.how["resume"]):
                output().print(f"{asked.out} has all rows; nothing would be requested", soft_wrap=True)
                return Exit.DONE
            found = await estimate(halo, meant.operations, meant.options, Report.read(folder or Path()))
            wait = seconds(halo, found)
    _show_estimates(found)
    if asked.how["resume"] and folder is not None and (folder / NAME).exists():
        line = f"what the unfinished export in {asked.out} has already would not be requested again"
        output().print(clean(line), soft_wrap=True, style="dim")
    for name, columns in meant.options.columns.items():
        line = f"{name}: only {', '.join(columns)} would be written; Halo sends all columns in any case"
        output().print(clean(line), soft_wrap=True, style="dim")
    for name, layout in meant.options.layouts.items():
        by = f", by {layout.unit or 'the values'} of {layout.field}" if layout.field else ""
        size = f", at most {layout.rows_per_file:,} rows in each" if layout.rows_per_file else ""
        output().print(clean(f"{name}: a folder of Parquet files{by}{size}"), soft_wrap=True, style="dim")
    total = sum(item.requests or 0 for item in found)
    how = f", the quota makes them take {duration(wait)}" if wait else ""
    requests = "1 request" if total == 1 else f"{total:,} requests"
    output().print(f"about {requests}{how}; nothing was written", soft_wrap=True)
    return Exit.REFUSED if all(item.refused for item in found) else Exit.DONE


def has_all_of(halo: Halo, folder: Path, meant: ExportSpec, *, resume: bool) -> bool:
    """Return whether an export would find all rows in its folder.

    :raises SettingsError: it would be refused.
    """
    wanted = header(halo.transport.data_of, meant.operations, meant.options)
    return has_all(folder, wanted, resume=resume)


def _show_estimates(found: Sequence[Estimate]) -> None:
    table = OutputTable(
        ("resource", "would ask", "rows", "requests"),
        numbers=("rows", "requests"),
        ranking=("resource", "requests", "rows", "would ask"),
    )
    for item in found:
        requests = "refused" if item.refused else _format_count(item.requests)
        cells = (item.resource, f"GET {item.path}", _format_count(item.rows), requests)
        table.add(*cells, style="red" if item.refused else "")
    table.print()
    for item in found:
        if item.refused:
            output().print(clean(f"{item.resource}: {item.refused}"), soft_wrap=True, style="red")
        if item.parents_asked:
            line = f"{item.resource}: would ask for the rows of parents ({item.parents_asked})"
            output().print(clean(line), soft_wrap=True, style="dim")


def _format_count(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
