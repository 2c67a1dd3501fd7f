"""Export by one process and by workers of Dask, from a server that is not the limit.

    python -m benchmarks.cluster [ROWS]

Prints, at several latencies of the server, rows per second of both ways, how many times as many the workers have, and
the processor time of 10,000 rows: of the process alone, and of driver, scheduler and workers together. The turns of
both ways alternate; the cluster runs already, and its connection is no part of the figures. It ends with 1 where the
median at `JUDGED` misses `TARGET`. Not part of the whole run: it needs idle cores, which the load that it prints tells.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import attrs

from benchmarks.core.instance import Served, served

WORKERS, TURNS = 3, 3
LATENCIES = (0.1, 0.05, 0.02, 0.0)
CONCURRENCY = 8
TARGET, JUDGED = 1.8, 0.1
"""Times the rows per second of one process, at a latency in seconds."""


@attrs.frozen
class Run:
    """One export."""

    rate: float
    """Rows per second."""
    cpu: float
    """Seconds of all its processes for 10,000 rows."""


class Clock:
    """Processor time of this process and of the workers."""

    def __init__(self, workers: Sequence[int]) -> None:
        psutil: Any = import_module("psutil")  # distributed requires it
        self._own = psutil.Process()
        self._workers = [psutil.Process(pid) for pid in workers]

    def read(self, *, workers: bool) -> float:
        """Return the seconds so far."""
        times = [one.cpu_times() for one in (self._own, *(self._workers if workers else ()))]
        return float(sum(one.user + one.system for one in times))


async def export(url: str, out: Path, rows: int, scheduler: Any, clock: Clock) -> Run:
    """Export all rows, and check that they are all."""
    from halo_async import ClientCredentials, Halo

    login = ClientCredentials("id", "secret")
    shutil.rmtree(out, ignore_errors=True)
    began = clock.read(workers=scheduler is not None)
    async with Halo(url, login, rate_limit=None) as halo:
        report = await halo.export(["tickets"], out, concurrency=CONCURRENCY, scheduler=scheduler)
    used = clock.read(workers=scheduler is not None) - began
    (item,) = report.resources
    if not report.complete or item.rows != rows:
        raise LookupError(f"the export has {item.rows} of {rows} rows: {item.error}")
    return Run(rows / item.seconds, used * 10_000 / rows)


async def measure(server: Served, rows: int, folder: Path) -> bool:
    """Print a line per latency; return whether the target was met."""
    distributed: Any = import_module("distributed")
    os.environ.update(HALO_CLIENT_ID="id", HALO_CLIENT_SECRET="secret")
    is_met = True
    async with (
        distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            processes=True,
            asynchronous=True,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
    ):
        address = cluster.scheduler_address
        clock = Clock([worker.pid for worker in cluster.workers.values()])
        for latency in LATENCIES:
            server.latency(latency)
            alone, together = [], []
            for scheduler in (address, None):  # imports, and the pages that the server compresses first
                await export(server.url, folder / "out", rows, scheduler, clock)
            for _ in range(TURNS):
                alone.append(await export(server.url, folder / "out", rows, None, clock))
                together.append(await export(server.url, folder / "out", rows, address, clock))
            found = _tell(latency, alone, together)
            is_met = is_met and (latency != JUDGED or found >= TARGET)
    print(f"target: {TARGET} times at {JUDGED * 1000:.0f} ms, {'met' if is_met else 'missed'}")
    return is_met


def _tell(latency: float, alone: Sequence[Run], together: Sequence[Run]) -> float:
    """Print the medians; return how many times the rows per second of one process the workers have."""
    times = [many.rate / one.rate for one, many in zip(alone, together, strict=True)]
    print(
        f"latency {latency * 1000:.0f} ms: one process {median(run.rate for run in alone):,.0f} rows/s, "
        f"{WORKERS} workers {median(run.rate for run in together):,.0f} rows/s, {median(times):.2f} times "
        f"({min(times):.2f} to {max(times):.2f}); processor time of 10,000 rows "
        f"{median(run.cpu for run in alone):.2f} s and {median(run.cpu for run in together):.2f} s; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        flush=True,
    )
    return median(times)


def main() -> int:
    """Measure, with as many rows as the command line says."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    with served(rows) as server, tempfile.TemporaryDirectory() as folder:
        return 0 if asyncio.run(measure(server, rows, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
