"""Export by one process and by workers of Dask, from a server that is not the limit.

    python -m benchmarks.cluster [ROWS]

Prints rows per second of the reading, cluster already running, at several latencies of the server. Not part of the
whole run: its workers and the server need more cores than the machine of the figures has, so it shows what a cluster
does about waiting, and hardly what it does about computing.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.core.instance import Served, served

WORKERS, TURNS = 3, 3
LATENCIES = (0.25, 0.1, 0.0)
CONCURRENCY = 8


async def export(url: str, out: Path, rows: int, scheduler: Any) -> float:
    """Return the rows per second of one export."""
    from halo_async import ClientCredentials, Halo

    login = ClientCredentials("id", "secret")
    shutil.rmtree(out, ignore_errors=True)
    async with Halo(url, login, rate_limit=None) as halo:
        report = await halo.export(["tickets"], out, concurrency=CONCURRENCY, scheduler=scheduler)
    (item,) = report.resources
    if not report.complete or item.rows != rows:
        raise LookupError(f"the export has {item.rows} of {rows} rows: {item.error}")
    return rows / item.seconds


async def measure(server: Served, rows: int, folder: Path) -> None:
    """Print a line per latency; the turns of both ways alternate."""
    distributed: Any = import_module("distributed")
    os.environ.update(HALO_CLIENT_ID="id", HALO_CLIENT_SECRET="secret")
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
        for latency in LATENCIES:
            server.latency(latency)
            alone, together = [], []
            await export(server.url, folder / "out", rows, address)  # warm: imports of the workers
            for _ in range(TURNS):
                alone.append(await export(server.url, folder / "out", rows, None))
                together.append(await export(server.url, folder / "out", rows, address))
            ratio = [b / a for a, b in zip(alone, together, strict=True)]
            print(
                f"latency {latency * 1000:.0f} ms: one process {median(alone):,.0f} rows/s, "
                f"{WORKERS} workers {median(together):,.0f} rows/s, {median(ratio):.2f} times "
                f"({min(ratio):.2f} to {max(ratio):.2f})",
                flush=True,
            )


def main() -> None:
    """Measure, with as many rows as the command line says."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    with served(rows) as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(server, rows, Path(folder)))


if __name__ == "__main__":
    main()
