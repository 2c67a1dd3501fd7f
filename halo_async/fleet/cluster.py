"""Exports of a fleet on a cluster of Dask: an instance is a task.

A task is sent what the file says of its instance, and no secret: the worker reads that from its own environment, file,
command or keychain. It can run again, or twice at once: the folder of an export is locked, and resumed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs

from halo_async._utils.background import complete
from halo_async._utils.task_groups import run_all
from halo_async.auth.profiles.arguments import client_arguments
from halo_async.auth.profiles.file import ProfileFile
from halo_async.auth.profiles.profile import profile_of
from halo_async.auth.profiles.secret_sources import environment_variable
from halo_async.errors import ClusterError
from halo_async.export.cluster.scheduler import ClusterConnection, cluster_request, connected
from halo_async.export.cluster.worker_host import DaskHost
from halo_async.export.journal import NAME as JOURNAL
from halo_async.export.report import Report

LOOK_AGAIN = 1.0
"""Seconds between looks whether a task is still wanted."""


@attrs.frozen
class InstanceExport:
    """The export of one instance, as it is sent to a worker."""

    name: str
    table: Mapping[str, Any] = attrs.field(repr=False)
    defaults: Mapping[str, Any] = attrs.field(repr=False)
    folder: str
    """Folder that paths in the tables are relative to."""
    out: str
    """Folder or address of the export."""
    options: Mapping[str, Any] = attrs.field(repr=False)
    """Those of `Client.export`."""
    key: str = attrs.field(factory=lambda: f"halo-fleet-{uuid4().hex}")

    @classmethod
    def of(cls, file: ProfileFile, name: str, out: str, options: Mapping[str, Any]) -> InstanceExport:
        """Return the task of an instance of a file.

        :param out: folder or address of the export.
        :param options: those of `Client.export`.
        """
        folder = str(file.path.parent.absolute())
        return cls(name, dict(file.tables[name]), dict(file.defaults), folder, out, dict(options))


@attrs.frozen
class InstanceOutcome:
    """The end of a task: a report, or the error in its place. An error that were raised would fill the worker's log."""

    report: Report | None
    error: Exception | None = None


async def export_instance(task: InstanceExport) -> InstanceOutcome:
    """Export one instance on a worker. It ends soon after nobody waits for it any more."""
    host = DaskHost(task.key, task.key)
    found: list[Report] = []

    async def export() -> None:
        found.append(await _exported(task))
        raise _ClusterDone

    async def watch() -> None:
        while host.is_wanted():  # noqa: ASYNC110 - the worker has no event for it
            await asyncio.sleep(LOOK_AGAIN)
        raise _ClusterDone

    try:
        with suppress(_ClusterDone):
            await run_all([export(), watch()])
    except Exception as error:
        return InstanceOutcome(None, error)
    return InstanceOutcome(found[0] if found else None)


class _ClusterDone(Exception):
    """Ends the task: it is exported, or no longer wanted."""


async def _exported(task: InstanceExport) -> Report:
    from halo_async.client import Halo

    profile = profile_of(task.name, task.table, task.defaults, Path(task.folder))
    options = dict(task.options)
    if "://" not in task.out and (Path(task.out) / JOURNAL).exists():
        options["resume"] = True  # this task ran before, and its worker died
    async with Halo(**client_arguments(profile, environment_variable())) as halo:
        return await halo.export(options.pop("resources"), task.out, **options)


@asynccontextmanager
async def fleet_cluster(scheduler: Any) -> AsyncIterator[Callable[[InstanceExport], Any]]:
    """Connect to a cluster; the block gets an async function that has a worker export an instance.

    :param scheduler: address of a scheduler, `local:4`, or an open `distributed.Client`.
    :raises SettingsError: it is not one, or Dask is not installed.
    :raises ClusterError: the cluster does not respond.
    """
    request = cluster_request(scheduler, None, None)
    assert request is not None
    async with connected(request, {}) as connection:

        async def run(task: InstanceExport) -> Report:
            return await _run_export(connection, task)

        yield run


async def _run_export(connection: ClusterConnection, task: InstanceExport) -> Report:
    client, distributed = connection.client, import_module("distributed")
    future = client.submit(export_instance, task, key=task.key, pure=False)
    try:
        outcome: InstanceOutcome = await future
    except distributed.KilledWorker as error:
        raise ClusterError(
            f"Several workers died one after another while they exported {task.name}. Look into their logs, give them "
            "more memory, then resume the export."
        ) from error
    except (distributed.client.FutureCancelledError, distributed.client.ClosedClientError, OSError) as error:
        raise ClusterError(
            "The connection to the scheduler was lost. Resume the export when it runs again."
        ) from error
    finally:
        if not future.done():
            with suppress(Exception):
                await complete(client.cancel([future]))
    if outcome.error is not None:
        raise outcome.error
    if outcome.report is None:
        raise ClusterError(f"The export of {task.name} was stopped. Resume it.")
    return outcome.report
