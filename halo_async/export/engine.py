"""The export of several resources at once: one task each, one limiter for all."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from halo_async.client import Client
from halo_async.export.children import CHILDREN, parents_file
from halo_async.export.job import Job, Setting, codec_suffix
from halo_async.export.names import resolve, resource_name
from halo_async.export.options import LAST, Filters, Options, header, options
from halo_async.export.progress import OnProgress
from halo_async.export.replay import Past
from halo_async.export.report import Report
from halo_async.export.since import moments
from halo_async.export.sinks import sink
from halo_async.export.sinks.files import PART
from halo_async.export.spool import codec
from halo_async.export.workspace import Workspace, check_folder, enter, finished

__all__ = ["check_folder", "export"]


async def export(
    halo: Client,
    resources: Iterable[str],
    out: str | os.PathLike[str],
    *,
    format: str = "jsonl",
    since: str | datetime | None = None,
    resume: bool = False,
    filters: Filters | None = None,
    explode: Iterable[str] = (),
    width: int | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """Write one file a resource into the folder `out`, and `report.json` beside them.

    A resource that fails or stays incomplete leaves a `.part` file, and the others go on; the report
    says which, and a later call with `resume=True` goes on where this one ended. On cancellation the
    report is written, too.

    :param resources: such as `tickets`, `ClientContract` or `client_contract`.
    :param out: a folder that is new or empty, or an address that fsspec knows (`s3://bucket/folder`).
    :param format: `jsonl` (rows as they came), `jsonl.gz`, `jsonl.zst`, `csv`, `parquet`, `duckdb` or `sqlite`.
    :param since: only rows changed since a moment; `"last"`: since the export in `out`, which is brought up to date.
    :param resume: go on with what is unfinished in `out`; where nothing is, begin.
    :param filters: query parameters by resource: `{"tickets": {"open_only": True}}`.
    :param explode: for formats with columns, fields such as `customfields` whose named values get their own.
    :param width: requests in flight for one resource; 2 under a limit and 8 without, if not given.
    :raises SettingsError: an unknown resource or option, a folder that cannot be used or is in use, or an
        unfinished export that was begun with other options.
    :raises AuthenticationError: the login was refused; nothing was written.
    :raises OSError: the report cannot be written.
    """
    resources = list(resources)
    operations = resolve(resources)
    chosen = options(operations, format=format, since=since, filters=filters, explode=explode, width=width)
    if "://" in str(out):
        from halo_async.export.remote import export_remote

        return await export_remote(
            halo, list(resources), str(out), chosen, on_progress, filters, resume=resume
        )
    made = sink(chosen.format)
    codec(chosen.codec)
    folder = check_folder(Path(out), resume=resume, since=chosen.since)
    ours = header(halo._instance.origin, operations, chosen)
    done = finished(folder, ours) if resume and chosen.since != LAST else None
    if done is not None:
        return done
    await halo._transport.token()
    names = [resource_name(operation) for operation in operations]
    spools = {name: folder / f"{name}.jsonl{codec_suffix(chosen)}{PART}" for name in names}
    place = enter(folder, ours, spools)
    try:
        setting = Setting(
            halo=halo,
            folder=folder,
            options=chosen,
            sink=made,
            syncer=place.syncer,
            on_progress=on_progress,
            limited=halo.statistics().remaining is not None,
            stamps=moments(operations, chosen, place.before),
        )
        jobs = [Job(item, setting, place.past.get(resource_name(item), Past())) for item in operations]
        return await _run(place, jobs, chosen, halo._instance.origin)
    finally:
        place.close()


async def _run(place: Workspace, jobs: Sequence[Job], chosen: Options, instance: str) -> Report:
    started, began = datetime.now(UTC), time.monotonic()
    named = {job.name: job for job in jobs}
    for job in jobs:
        if job.name in CHILDREN:
            named[CHILDREN[job.name].parent].dependents.append(job.name)
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                child = CHILDREN.get(job.name)
                group.create_task(job.run(None if child is None else named[child.parent]))
    finally:
        report = Report(
            instance=instance,
            started=started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - began, 3),
            resources=tuple(job.report() for job in jobs),
            format=chosen.format,
            stamps=_stamps(place, jobs),
        )
        _close(place, report, jobs)
    return report


def _stamps(place: Workspace, jobs: Sequence[Job]) -> dict[str, str]:
    stamps = dict(place.before.stamps) if place.before is not None else {}
    for item in (job.report() for job in jobs):
        if item.complete and item.asked_at is not None:
            stamps[item.resource] = item.asked_at
    return stamps


def _close(place: Workspace, report: Report, jobs: Sequence[Job]) -> None:
    """Write the report; the journal goes once nothing is left to be resumed."""
    if report.complete:
        report.write(place.folder)
        for job in jobs:
            parents_file(place.folder, job.name).unlink(missing_ok=True)
        place.journal.remove()
        return
    with suppress(OSError):  # a full disk has been reported already
        place.syncer.flush()
    try:
        report.write(place.folder)
    except OSError:
        if not any(item.error_type and "Error" in item.error_type for item in report.resources):
            raise
