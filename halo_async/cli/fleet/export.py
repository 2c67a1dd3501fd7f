"""`halo-async fleet export`: the same lists of all instances, each in a folder `instance=NAME`."""

from __future__ import annotations

import os
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halo_async.cli.errors import Exit, UsageError, remark
from halo_async.cli.export import export as export_one
from halo_async.cli.export_request import STDOUT, check_format, export_request
from halo_async.cli.fleet.options import like_the_one, over_fleet

if TYPE_CHECKING:
    from halo_async.auth.profiles.profile import Profile
    from halo_async.cli.export_request import ExportRequest
    from halo_async.cli.fleet.running import FleetRun, InstanceResult
    from halo_async.client import Halo
    from halo_async.export import Report

REPORT = "fleet.json"
"""Name of the file in DIR that has the results of all instances."""
COLUMNS = ("resource", "rows", "requests", "received", "seconds", "consistency")
_OTHERS = {"progress", "staging", "worker_login"}
"""Parameters of the command for one instance that this one lacks."""


@over_fleet
@like_the_one(export_one, leaving=_OTHERS)
def export(fleet: FleetRun, **options: Any) -> int:
    """Export the same lists of each instance, into folders that are read as one table.

    DIR/instance=NAME has the export of an instance, with its report.json; DIR/fleet.json has the results of
    all. With --scheduler the workers of a Dask cluster export them, one task each.
    Readers of Hive folders give each row the column `instance`. Missing rows of one instance make the
    exit code 5; --resume continues those that are unfinished, and --since last brings all up to date.

    Example:
      halo-async fleet export tickets client --out backup --format parquet --group production
    """
    from halo_async.cli.fleet.output import print_json, show

    dry_run, out = options.pop("dry_run"), _name_folder(options["out"])
    scheduler = options.pop("scheduler")
    asked = export_request(**_as_given(options), progress="none", dry_run=True, cluster={})
    check_format(asked.how)
    _check_names(fleet)
    if dry_run:
        return _show_counts(fleet, asked, out)
    if scheduler is None:
        results = _run_exports(fleet.run(partial(_export_instance, asked.how, out)), out)
    else:
        results = _run_exports(_on_cluster(fleet, scheduler, asked.how, _absolute(out)), out)
    _write_results(results, out)
    if fleet.as_json:
        return print_json(results, _report_as_json)
    code = show(results, COLUMNS, _cells, numbers=COLUMNS[1:5], prose=COLUMNS[5:], elsewhere=REPORT)
    print(f"in {out}, with {REPORT}")
    return code


def _run_exports(work: Coroutine[Any, Any, list[InstanceResult]], out: str) -> list[InstanceResult]:
    from halo_async.cli.signals import run_awake

    try:
        return run_awake(work)
    except KeyboardInterrupt:
        remark(f"The exports in {out} are unfinished. Run the same command with --resume.")
        raise


def _as_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as `export_request` takes them."""
    from halo_async.cli.export_request import partitions

    given = {name: value for name, value in options.items() if name not in ("where", "filters")}
    given["filters"] = [*(options["where"] or []), *(options["filters"] or [])]
    given["partition_by"] = partitions(options["partition_by"] or [])
    return given | {name: options[name] or [] for name in ("columns", "resources", "flatten")}


def _name_folder(out: str | None) -> str:
    if not out:
        raise UsageError("Missing option '--out'. Name a folder for the files.")
    if out == STDOUT:
        raise UsageError("--out - takes one instance. Name a folder.")
    return out.rstrip("/")


def _check_names(fleet: FleetRun) -> None:
    """Check that each instance has a folder of its own.

    :raises SettingsError: a name cannot be part of a folder's name.
    :raises UsageError: two names differ only in case.
    """
    from halo_async.fleet.folders import folders_of

    folders_of(fleet.instances()[1], "")


async def _export_instance(how: Mapping[str, Any], out: str, name: str, halo: Halo) -> Any:
    from halo_async.export import export as run_export
    from halo_async.fleet.folders import folders_of

    place = folders_of([name], out)[name]
    return _judged(await run_export(halo, out=place, **_begun(how, place)))


def _absolute(out: str) -> str:
    """Return a folder as workers see it, who run elsewhere."""
    return out if "://" in out else os.path.abspath(out)


async def _on_cluster(
    fleet: FleetRun, scheduler: str, how: Mapping[str, Any], out: str
) -> list[InstanceResult]:
    """Have the workers of a cluster export the instances, a task each."""
    from halo_async.export.workspace import check_folder
    from halo_async.fleet.cluster import InstanceExport, fleet_cluster
    from halo_async.fleet.folders import folders_of

    file = fleet.instances()[0].file
    async with fleet_cluster(scheduler) as run:

        async def export(name: str, profile: Profile) -> Any:
            place = folders_of([name], out)[name]
            given = _begun(how, place)
            if "://" not in place:
                check_folder(Path(place), resume=given["resume"], since=given["since"])
            return _judged(await run(InstanceExport.of(file, name, place, given)))

        return await fleet.run_without_login(export, at_once=True)


def _judged(report: Report) -> Any:
    """Return a report, with what is missing if anything is."""
    from halo_async.cli.fleet.running import Partial

    bad = [item for item in report.resources if not item.complete]
    if not bad:
        return report
    missing = "; ".join(f"{item.resource}: {item.error}" for item in bad)
    return Partial(
        report, Exit.INCOMPLETE, f"Rows are missing ({missing}). Run the command again with --resume."
    )


def _begun(how: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the options for one instance: a new one of the fleet has nothing yet to resume or to update."""
    from halo_async._utils.since import LAST

    folder = None if "://" in place else Path(place)
    if folder is None or (folder.is_dir() and any(folder.iterdir())):
        return dict(how)
    return {**how, "resume": False, "since": None if how["since"] == LAST else how["since"]}


def _cells(report: Report) -> list[dict[str, Any]]:
    from halo_async.cli.export_report import cells_of

    return [dict(zip(COLUMNS, cells_of(item), strict=True)) for item in report.resources]


def _report_as_json(report: Report) -> Any:
    return {"complete": report.complete, "resources": [item.as_json() for item in report.resources]}


def _write_results(results: Sequence[InstanceResult], out: str) -> None:
    """Write the results of all instances, for a folder of this machine."""
    from halo_async.export.report import write_json

    if "://" in out:
        return
    found = [
        result.as_json(None if result.value is None else _report_as_json(result.value)) for result in results
    ]
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / REPORT, found, indent=1)


def _show_counts(fleet: FleetRun, asked: ExportRequest, out: str) -> int:
    """Show what would be requested of each instance."""
    from halo_async.cli.fleet.output import print_json, show
    from halo_async.cli.signals import run_awake

    async def ask(name: str, halo: Halo) -> list[dict[str, Any]]:
        from halo_async.cli.dry_run import has_all_of
        from halo_async.cli.export_request import find_folder
        from halo_async.export.estimate import estimate
        from halo_async.export.names import resource_name
        from halo_async.export.report import Report
        from halo_async.export.spec import parse_spec
        from halo_async.fleet.folders import folders_of

        place = folders_of([name], out)[name]
        given, folder = _begun(asked.how, place), find_folder(place)
        meant = parse_spec(folder=folder, **given)
        if folder is not None and has_all_of(halo, folder, meant, resume=given["resume"]):
            return [
                {"resource": resource_name(item), "rows": 0, "requests": 0, "refused": None}
                for item in meant.operations
            ]
        before = None if folder is None else Report.read(folder)
        found = await estimate(halo, meant.operations, meant.options, before)
        return [
            {"resource": item.resource, "rows": item.rows, "requests": item.requests, "refused": item.refused}
            for item in found
        ]

    results = run_awake(fleet.run(ask))
    if fleet.as_json:
        return print_json(results)

    def cells(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                key: "?" if value is None else f"{value:,}" if isinstance(value, int) else value
                for key, value in row.items()
            }
            for row in found
        ]

    return show(results, ("resource", "rows", "requests"), cells, numbers=("rows", "requests"))
