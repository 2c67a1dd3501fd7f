"""Concurrent export of several resources: one task each, one limiter for all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from halo_async._operations.common_mistakes import called_as
from halo_async._utils.since import LAST
from halo_async._utils.task_groups import run_all
from halo_async._utils.validation import article, names
from halo_async.errors import SettingsError
from halo_async.export.changed_parents import changed_file
from halo_async.export.children import CHILDREN, parents_file
from halo_async.export.cluster.export_cluster import export_cluster
from halo_async.export.cluster.scheduler import ClusterRequest, cluster_request
from halo_async.export.cluster.staging import PARTS
from halo_async.export.context import ExportContext
from halo_async.export.names import resource_name
from halo_async.export.options import Filters, header, plain
from halo_async.export.progress import OnProgress
from halo_async.export.progress_callback import CallbackError, ProgressWatcher
from halo_async.export.protocols import ExportClient
from halo_async.export.remote import export_remote
from halo_async.export.replay import PastExport
from halo_async.export.report import Report
from halo_async.export.resource_job import ResourceJob
from halo_async.export.sinks import sink
from halo_async.export.sinks.files import PART
from halo_async.export.spec import ExportSpec, parse_spec
from halo_async.export.spool import codec
from halo_async.export.watermarks import next_moments, next_watermarks, rows_before
from halo_async.export.workspace import Workspace, check_folder, is_finished, open_workspace

__all__ = ["check_folder", "export"]


@called_as('export(halo, ["tickets"], "out", format="csv")')
async def export(
    halo: ExportClient,
    resources: str | Iterable[str],
    out: str | os.PathLike[str],
    *,
    format: str | None = None,
    since: str | date | timedelta | None = None,
    resume: bool = False,
    filters: Filters | None = None,
    flatten: str | Iterable[str] = (),
    concurrency: int | None = None,
    include_inactive: bool = False,
    all_parents: bool = False,
    columns: Mapping[str, str | Iterable[str]] | str | Iterable[str] | None = None,
    partition_by: str | Mapping[str, str] | None = None,
    rows_per_file: int | None = None,
    nested: Literal["json"] | None = None,
    never_as_null: bool = False,
    on_progress: OnProgress | None = None,
    scheduler: Any = None,
    staging: str | None = None,
    worker_login: Literal["environment", "send"] | None = None,
) -> Report:
    """Write one file per resource into the folder `out`, and `report.json` beside them.

    A resource that fails or stays incomplete leaves a `.part` file, and the others go on; the report
    says which, and a later call with `resume=True` goes on where this one ended. On cancellation the
    report is written, too.

    :param resources: such as `tickets`, `ClientContract` or `client_contract`; none for those of an export that
        is resumed (`resume`, `since="last"`), whose other options hold, too, where none is given.
    :param out: a folder that is new or empty, or an address that fsspec knows (`s3://bucket/folder`).
    :param format: `jsonl` (rows as they came), `jsonl.gz`, `jsonl.zst`, `csv`, `parquet`, `duckdb` or `sqlite`;
        None: `jsonl`, or that of the export that is resumed.
    :param since: only rows changed since a moment (`"2026-01-31"`, a date, a datetime) or for a span before now
        (`"7d"`, `"12h"`, `"30m"`, `"2w"`, `"P7D"`, a timedelta); `"last"`: since the export in `out`, which is brought
        up to date.
    :param resume: resume what is unfinished in `out`; where nothing is, begin.
    :param filters: query parameters by resource: `{"tickets": {"open_only": True}}`.
    :param flatten: for formats with columns, fields such as `customfields` whose named values get their own.
    :param concurrency: requests in flight for one resource; 2 under a limit and 8 without, if not given.
    :param include_inactive: also ask for inactive, disabled and API-only rows, by the switches of each list that has
        some (`includeinactive`, `includedisabled`, `includeapiagents`, …); no effect on other lists. They count as
        filters; one given in `filters` wins.
    :param all_parents: with `since="last"`, ask for the rows of all parents (`actions` of all tickets), not only of
        those that changed.
    :param columns: fields by resource, in the order of the file: `{"tickets": ["id", "summary"]}`; a list of fields
        where one resource is exported; None: all fields of all resources.
    :param partition_by: for Parquet, a folder of files per resource that has the field, divided by `month:dateoccurred`
        (or `year:`, `day:`) or by the values of a field such as `status_id`; by resource, if it is a mapping.
    :param rows_per_file: for Parquet, a folder of files of at most so many rows.
    :param nested: `"json"`: in Parquet and DuckDB, too, objects and lists are JSON text, not `struct` and `list`.
    :param never_as_null: in tables, dates that mean "never" (0001-01-01, 1899-12-30, 1900-01-01, 9999-12-31) are null.
    :param on_progress: is called after every page; what it raises ends the export, is raised here as it is, and
        leaves what can be resumed.
    :param scheduler: have lanes read by the workers of a Dask cluster: an address such as `tcp://host:8786`, `local:4`
        for processes of this machine, or an open `distributed.Client`. Needs the extra `dask`.
    :param staging: a folder or an address that fsspec knows, for the parts that workers write and this process reads;
        `.halo-parts` below `out` by default.
    :param worker_login: `environment` (default): workers log in by their own HALO_CLIENT_ID and HALO_CLIENT_SECRET;
        `send`: the login is sent to them, only to a scheduler with `tls://` or on this machine.
    :param halo: an open client.
    :raises SettingsError: an unknown resource or option, a folder that cannot be used or is in use, or an
        unfinished export that was begun with other options.
    :raises AuthenticationError: the login was refused; nothing was written.
    :raises ClusterError: the scheduler does not respond, or has no workers.
    :raises OSError: the report cannot be written.
    """
    ask = partial(
        parse_spec,
        names("resources", resources),
        format=format,
        since=since,
        resume=resume,
        filters=filters,
        flatten=names("flatten", flatten),
        concurrency=concurrency,
        include_inactive=include_inactive,
        all_parents=all_parents,
        columns=columns,
        partition_by=partition_by,
        rows_per_file=rows_per_file,
        nested=nested,
        never_as_null=never_as_null,
    )
    if not isinstance(out, str | os.PathLike):
        raise SettingsError(f'out must be a folder or an address, for example "export", not {article(out)}.')
    cluster = cluster_request(scheduler, staging, worker_login)
    if "://" in str(out):
        return await export_remote(
            halo, str(out), ask, on_progress, resume=resume, since=since, cluster=cluster
        )
    return await export_here(halo, ask(Path(out)), Path(out), on_progress, resume=resume, cluster=cluster)


async def export_here(
    halo: ExportClient,
    found: ExportSpec,
    out: Path,
    on_progress: OnProgress | None,
    *,
    resume: bool,
    cluster: ClusterRequest | None = None,
    staging: str | None = None,
) -> Report:
    """Export into a local folder; see `export`.

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
                rows_before=rows_before(place.before),
                cluster=workers,
            )
            jobs = [
                ResourceJob(item, setting, place.past.get(resource_name(item), PastExport()))
                for item in operations
            ]
            return await _run(place, jobs, setting, halo.transport.data_of)
    finally:
        place.close()


async def _run(
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
            filters=_filters(place, setting),
            flatten=setting.options.flatten,
            nested=setting.options.nested,
            never_as_null=setting.options.never_as_null,
            columns=_columns(place, setting),
            layouts=_layouts(place, setting),
            stamps=_stamps(place, jobs),
        )
        _close(place, report, jobs)
    return report


def _filters(place: Workspace, setting: ExportContext) -> dict[str, list[list[str]]]:
    """Return the filters by resource; those of earlier runs apply to the resources not in this run."""
    before = place.before.filters if place.before is not None else {}
    return {**before, **plain(setting.options.filters)}


def _columns(place: Workspace, setting: ExportContext) -> dict[str, list[str]]:
    before = place.before.columns if place.before is not None else {}
    return {**before, **{name: list(names) for name, names in setting.options.columns.items()}}


def _layouts(place: Workspace, setting: ExportContext) -> dict[str, dict[str, object]]:
    before = place.before.layouts if place.before is not None else {}
    return {**before, **{name: layout.as_json() for name, layout in setting.options.layouts.items()}}


def _stamps(place: Workspace, jobs: Sequence[ResourceJob]) -> dict[str, str]:
    return next_moments([job.report() for job in jobs], {} if place.before is None else place.before.stamps)


def _close(place: Workspace, report: Report, jobs: Sequence[ResourceJob]) -> None:
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
