"""Schedulers and workers of Dask, each a fork of this process, which spares the imports.

Reads a JSON object a line: {"start": "scheduler"} or {"start": "worker", "of": ADDRESS, "folder": FOLDER}; responds
with [PID, ADDRESS]. They live until they are killed; a worker also ends when its scheduler does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import dask
from distributed import Scheduler, Worker

import halo_async.export.cluster.lane_task
import halo_async.export.engine  # noqa: F401 - before the first fork

dask.config.set({"distributed.logging": {"distributed": "error"}})


async def run(job: dict[str, Any], pipe: int) -> None:
    if job["start"] == "scheduler":
        server: Any = Scheduler(host="127.0.0.1", port=0, dashboard=False)
    else:
        server = Worker(
            job["of"], nthreads=1, host="127.0.0.1", local_directory=job["folder"], death_timeout=10
        )
    await server
    os.write(pipe, json.dumps(server.address).encode())
    os.close(pipe)
    await server.finished()


def forked(job: dict[str, Any]) -> tuple[int, str]:
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        os.close(reader)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        try:
            asyncio.run(run(job, writer))
        finally:
            os._exit(0)
    os.close(writer)
    address = os.read(reader, 200)
    os.close(reader)
    return process, json.loads(address)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)
