"""The cluster of one export, shared by its lists."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib import import_module
from typing import Any
from uuid import uuid4

import anyio
import attrs

from halo_async._utils.background import complete
from halo_async._utils.threads import run_in_thread
from halo_async.errors import ClusterError, SettingsError
from halo_async.export.cluster.lane_task import DRIVER, BatchOutcome, LaneBatch, read_lanes
from halo_async.export.cluster.scheduler import (
    FIRST_WORKER,
    NO_WORKERS,
    ClusterConnection,
    ClusterRequest,
    connected,
)
from halo_async.export.cluster.staging import StagingArea, open_area
from halo_async.export.cluster.worker_login import WorkerClient, login_environment
from halo_async.export.journal import ExportJournal
from halo_async.export.protocols import ExportClient

LOOK = 5.0
"""Seconds between two looks at how many workers there are."""
Listener = Callable[[Mapping[str, Any]], None]


@attrs.define
class ExportCluster:
    """Place of the parts, and the workers that write them. Without workers, earlier parts can still be taken."""

    area: StagingArea
    address: str
    """Of the files of this export alone."""
    connection: ClusterConnection | None = None
    worker: WorkerClient | None = None
    topic: str = ""
    listeners: dict[str, Listener] = attrs.field(factory=dict)
    """By list: receivers of its progress."""
    _remaining: dict[str, int] = attrs.field(factory=dict)

    @property
    def remaining(self) -> int | None:
        """Requests that the workers have left in the window; None without a limit, or before any of them says."""
        return sum(self._remaining.values()) if self._remaining else None

    def hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Receive an event of a task."""
        message = event[1]
        if message.get("remaining") is not None:
            self._remaining[str(message.get("worker"))] = int(message["remaining"])
        if listener := self.listeners.get(str(message.get("resource"))):
            listener(message)

    async def run(self, batch: LaneBatch) -> BatchOutcome:
        """Have lanes read by a worker. If cancelled, the task is no longer wanted, and ends.

        :raises ClusterError: workers died, or the scheduler cannot be reached any more.
        """
        assert self.connection is not None
        client, distributed = self.connection.client, import_module("distributed")
        future = None
        try:
            future = client.submit(read_lanes, batch, key=batch.key, pure=False)
            outcome: BatchOutcome = await future
        except distributed.KilledWorker as error:
            raise ClusterError(
                f"Several workers died one after another while they read {batch.resource}. Look into their logs, "
                "give them more memory, then resume the export."
            ) from error
        except (
            distributed.client.FutureCancelledError,
            distributed.client.ClosedClientError,
            OSError,
        ) as error:
            raise ClusterError(
                "The connection to the scheduler was lost. Resume the export when it runs again: complete lanes are "
                "not read again."
            ) from error
        finally:
            if future is not None and not future.done():
                with suppress(Exception):
                    await complete(client.cancel([future]))
        return outcome

    async def watch_workers(self, over: anyio.Event) -> None:
        """Raise when there has been no worker for long, as long as something is not over.

        :raises ClusterError: no task will ever be done.
        """
        if self.connection is None:
            return
        seen = time.monotonic()
        while not over.is_set():
            with anyio.move_on_after(LOOK):
                await over.wait()
            with suppress(OSError):  # a lost scheduler is told by the tasks
                seen = time.monotonic() if await self.connection.client.nthreads() else seen
            if time.monotonic() - seen > FIRST_WORKER:
                raise ClusterError(NO_WORKERS.format(seconds=FIRST_WORKER))

    async def remove(self) -> None:
        """Remove all parts."""
        await run_in_thread(self.area.remove, "")


@asynccontextmanager
async def export_cluster(
    request: ClusterRequest | None, halo: ExportClient, journal: ExportJournal, usual: str
) -> AsyncIterator[ExportCluster | None]:
    """Open the cluster of an export; None where neither this run nor an earlier one has any.

    :param usual: address of the parts, if none is given.
    :raises SettingsError: an option is invalid, or differs from that of the export that is resumed.
    :raises ClusterError: the cluster does not respond.
    """
    place = _find_parts(journal)
    if request is None and place is None:
        yield None
        return
    async with AsyncExitStack() as stack:
        worker = connection = None
        topic = f"halo-export-{uuid4().hex[:12]}"
        if request is not None:
            WorkerClient.of(halo, 1, send=False)  # refused before anything is started
            place = _noted(journal, place, request.staging, usual)
            connection = await stack.enter_async_context(connected(request, login_environment(halo)))
            worker = WorkerClient.of(halo, connection.workers, send=request.worker_login == "send")
        assert place is not None
        address = f"{place['address'].rstrip('/')}/{place['root']}"
        area = await run_in_thread(open_area, address)
        cluster = ExportCluster(area, address, connection, worker, topic)
        if connection is not None:
            await run_in_thread(_mark_area, area, address)
            connection.client.subscribe_topic(topic, cluster.hear)
        yield cluster


def _find_parts(journal: ExportJournal) -> dict[str, str] | None:
    """Return where the parts of an export are, if it has any."""
    found = None
    for entry in journal.entries():
        found = entry.get("staging", found)
    return found


def _noted(
    journal: ExportJournal, place: dict[str, str] | None, given: str | None, usual: str
) -> dict[str, str]:
    """Return where the parts are, from now on also in the journal."""
    if place is not None:
        if given is not None and given != place["address"]:
            raise SettingsError(
                f"The export in {journal.path.parent} cannot be resumed: staging changed. Leave that out, since the "
                "folder stores it, or name another folder."
            )
        return place
    place = {"address": usual if given is None else given, "root": uuid4().hex[:12]}
    journal.append({"staging": place}, sync=True)
    return place


def _mark_area(area: StagingArea, address: str) -> None:
    """Leave a file by which workers see that they reach the same place.

    :raises SettingsError: nothing can be written there.
    """
    try:
        area.write(DRIVER, json.dumps({"parts of": "an export"}).encode())
    except OSError as error:
        raise SettingsError(f"{address} cannot be written: {error}. Give another staging address.") from error
