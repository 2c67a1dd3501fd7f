"""Tasks of workers in this process: the same code, without a scheduler between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs

from halo_async import Halo
from halo_async.export.cluster.export_cluster import ExportCluster
from halo_async.export.cluster.lane_task import DRIVER, BatchOutcome, LaneBatch, read_lanes
from halo_async.export.cluster.scheduler import ClusterConnection
from halo_async.export.cluster.staging import open_area
from halo_async.export.cluster.worker_login import WorkerClient
from halo_async.export.context import ExportContext


class Here:
    """A worker that is this process."""

    def __init__(self) -> None:
        self.wanted = True
        self.messages: list[Mapping[str, Any]] = []

    def is_wanted(self) -> bool:
        return self.wanted

    def send(self, message: Mapping[str, Any]) -> None:
        self.messages.append(message)


Runner = Callable[[LaneBatch], Any]


@attrs.define
class OwnTasks(ExportCluster):
    """A cluster whose tasks run here, as a test says."""

    runner: Runner | None = None
    batches: list[LaneBatch] = attrs.field(factory=list)

    async def watch_workers(self, over: Any) -> None:
        """There is always this process."""

    async def run(self, batch: LaneBatch) -> BatchOutcome:
        self.batches.append(batch)
        outcome: BatchOutcome = await (self.runner or _run_here)(batch)
        return outcome


async def _run_here(batch: LaneBatch) -> BatchOutcome:
    return await read_lanes(batch, Here())


@asynccontextmanager
async def own_tasks(
    monkeypatch: Any, halo: Halo, address: str | Path, runner: Runner | None = None
) -> AsyncIterator[OwnTasks]:
    """Exports of the block have their lanes read by tasks of this process."""
    area = open_area(str(address))
    area.write(DRIVER, b"here")
    worker = WorkerClient.of(halo, 3, send=True)
    cluster = OwnTasks(area, str(address), ClusterConnection(None, 3, 3), worker, runner=runner)
    original = ExportContext.__init__

    def with_cluster(self: ExportContext, *args: Any, **options: Any) -> None:
        original(self, *args, **{**options, "cluster": cluster})

    with monkeypatch.context() as patched:
        patched.setattr(ExportContext, "__init__", with_cluster)
        yield cluster
