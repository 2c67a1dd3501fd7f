"""Concurrent export of several resources: one task each, one limiter for all."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from halo_async._utils.since import LAST
from halo_async._utils.task_groups import run_all
from halo_async._utils.validation import article
from halo_async.errors import SettingsError
from halo_async.export.changed_parents import changed_file
from halo_async.export.children import CHILDREN, parents_file
from halo_async.export.cluster.export_cluster import export_cluster
from halo_async.export.cluster.scheduler import ClusterRequest, cluster_request
from halo_async.export.cluster.staging import PARTS
from halo_async.export.context import ExportContext
from halo_async.export.names import resource_name
from halo_async.export.options import header, plain
from halo_async.export.progress import OnProgress
from halo_async.export.progress_callback import CallbackError, ProgressWatcher
from halo_async.export.protocols import ExportClient
from halo_async.export.remote import export_remote
from halo_async.export.replay import PastExport
from halo_async.export.report import Report
from halo_async.export.resource_job import ResourceJob
from halo_async.export.sinks import sink
from halo_async.export.sinks.files import PART
from halo_async.export.spec import ExportSpec, GivenOptions, parse_spec
from halo_async.export.spool import codec
from halo_async.export.watermarks import next_moments, next_watermarks, rows_before, still_to_come
from halo_async.export.workspace import Workspace, check_folder, is_finished, open_workspace

__all__ = ["check_folder", "run_export"]


async def run_export(
    halo: ExportClient,
    resources: Sequence[str],
    out: str | os.PathLike[str],
    on_progress: OnProgress | None,
    cluster_options: tuple[Any, str | None, str | None],
    **options: Unpack[GivenOptions],
) -> Report:
    """Export to a folder or an address; see `halo_async.export.export`.

    :param cluster_options: the scheduler, the place for parts, and how workers log in.
    :raises SettingsError: an option is invalid, or the folder cannot be used.
    """
    ask = partial(parse_spec, resources, **options)
    resume, since = options.get("resume", False), options.get("since")
    if not isinstance(out, str | os.PathLike):
        raise SettingsError(f'out must be a folder or an address, for example "export", not {article(out)}.')
    cluster = cluster_request(*cluster_options)
    export_here = partial(_export_here, halo, on_progress=on_progress, resume=resume, cluster=cluster)
    if "://" in str(out):
        return await export_remote(str(out), ask, export_here, resume=resume, since=since)
    return await export_here(ask(Path(out)), Path(out))


async def _export_here(
    halo: ExportClient,
    found: ExportSpec,
    out: Path,
    staging: str | None = None,
    *,
    on_progress: OnProgress | None,
    resume: bool,
    cluster: ClusterRequest | None,
) -> Report:
    """Export into a local folder; see `run_export`.

    :param staging: the usual address of the parts of a cluster; None for one below the folder.
    """
    operations, chosen = found.operations, found.options
    made = sink(chosen.format, chosen.layouts)
    codec(chosen.codec)
    folder = check_folder(out, resume=resume, since=chosen.since)
    ours = header(halo.transport.data_of, operations, chosen)
    done = is_finished(folder, ours) if resume and chosen.since != LAST else None
    if done is not None:
        return done
    await halo.transport.token()
    own = map(resource_name, operations)
    spools = {name: folder / f"{name}.jsonl{chosen.suffix}{PART}" for name in own}
    place = open_workspace(folder, ours, spools)
    try:
        usual = str(folder.resolve() / PARTS) if staging is None else staging
        async with export_cluster(cluster, halo, place.journal, usual) as workers:
            setting = ExportContext(
                halo=halo,
                folder=folder,
                options=chosen,
                sink=made,
                syncer=place.syncer,
                watcher=ProgressWatcher(on_progress),
                limited=halo.statistics().remaining is not None,
                stamps=next_watermarks(operations, chosen, place.before, partial(made.there, folder)),
                to_come=still_to_come(place.before),
                rows_before=rows_before(place.before),
                cluster=workers,
            )
            jobs = [
                ResourceJob(item, setting, place.past.get(resource_name(item), PastExport()))
                for item in operations
            ]
            return await _run_jobs(place, jobs, setting, halo.transport.data_of)
    finally:
        place.close()


async def _run_jobs(
    place: Workspace, jobs: Sequence[ResourceJob], setting: ExportContext, instance: str
) -> Report:
    started, began = datetime.now(UTC), time.monotonic()
    named = {job.name: job for job in jobs}
    for job in jobs:
        if job.name in CHILDREN:
            named[CHILDREN[job.name].parent].dependents.append(job.name)
    try:
        await run_all(
            job.run(named[CHILDREN[job.name].parent] if job.name in CHILDREN else None) for job in jobs
        )
        if setting.cluster is not None and all(job.is_done for job in jobs):
            await setting.cluster.remove()
    except CallbackError:
        setting.watcher.object()
        raise
    finally:
        report = Report(
            instance=instance,
            started=started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - began, 3),
            resources=tuple(job.report() for job in jobs),
            format=setting.options.format,
            filters=_join_filters(place, setting),
            flatten=setting.options.flatten,
            nested=setting.options.nested,
            never_as_null=setting.options.never_as_null,
            columns=_join_columns(place, setting),
            layouts=_layouts(place, setting),
            stamps=_stamps(place, jobs),
        )
        _write_report(place, report, jobs)
    return report


def _join_filters(place: Workspace, setting: ExportContext) -> dict[str, list[list[str]]]:
    """Return the filters by resource; those of earlier runs apply to the resources not in this run."""
    before = place.before.filters if place.before is not None else {}
    return {**before, **plain(setting.options.filters)}


def _join_columns(place: Workspace, setting: ExportContext) -> dict[str, list[str]]:
    before = place.before.columns if place.before is not None else {}
    return {**before, **{name: list(names) for name, names in setting.options.columns.items()}}


def _layouts(place: Workspace, setting: ExportContext) -> dict[str, dict[str, object]]:
    before = place.before.layouts if place.before is not None else {}
    return {**before, **{name: layout.as_json() for name, layout in setting.options.layouts.items()}}


def _stamps(place: Workspace, jobs: Sequence[ResourceJob]) -> dict[str, str]:
    return next_moments([job.report() for job in jobs], {} if place.before is None else place.before.stamps)


def _write_report(place: Workspace, report: Report, jobs: Sequence[ResourceJob]) -> None:
    """Write the report; delete the journal once nothing is left to resume."""
    if report.complete:
        report.write(place.folder)
        for job in jobs:
            parents_file(place.folder, job.name).unlink(missing_ok=True)
            changed_file(place.folder, job.name).unlink(missing_ok=True)
        place.journal.remove()
        return
    with suppress(OSError):  # a full disk has been reported already
        place.syncer.flush()
    try:
        report.write(place.folder)
    except OSError:
        if not any(item.error_type and "Error" in item.error_type for item in report.resources):
            raise
