"""A Dask cluster of processes that a test can kill, and a server of S3's protocol."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from halo_async.emulator import Emulator
from tests.support.cli_kit import environment

PATIENCE = 60.0


class ProcessCluster:
    """A scheduler and workers, each a process of its own with the login in its environment."""

    def __init__(self, folder: Path, forks: subprocess.Popen[str]) -> None:
        self._folder = folder
        self._forks = forks
        self._scheduler = 0
        self._workers: list[int] = []
        self.address = ""

    def start(self, workers: int = 3) -> Self:
        """Start a new scheduler with workers; the one before has to be killed."""
        self._scheduler, self.address = self._fork({"start": "scheduler"})
        for number in range(workers):
            folder = str(self._folder / f"worker-{number}")
            job = {"start": "worker", "of": self.address, "folder": folder}
            self._workers.append(self._fork(job)[0])
        return self

    def _fork(self, job: dict[str, str]) -> tuple[int, str]:
        assert self._forks.stdin is not None
        assert self._forks.stdout is not None
        self._forks.stdin.write(json.dumps(job) + "\n")
        self._forks.stdin.flush()
        process, address = json.loads(self._forks.stdout.readline())
        return process, address

    def kill_worker(self) -> None:
        """SIGKILL to one worker."""
        os.kill(self._workers.pop(), signal.SIGKILL)

    def kill_workers(self) -> None:
        """SIGKILL to all workers."""
        while self._workers:
            self.kill_worker()

    def kill_scheduler(self) -> None:
        """SIGKILL to the scheduler."""
        os.kill(self._scheduler, signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL to all that is left."""
        for process in [*self._workers, self._scheduler]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._workers = []

    def logs(self) -> str:
        """What scheduler and workers wrote."""
        return (self._folder / "log").read_text(errors="replace")


@contextmanager
def process_cluster(folder: Path, env: Mapping[str, str]) -> Iterator[ProcessCluster]:
    """A cluster whose processes end with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("dask_processes.py"))],
            env=environment(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as forks,
    ):
        cluster = ProcessCluster(folder, forks)
        try:
            yield cluster
        finally:
            cluster.kill()
            assert forks.stdin is not None
            forks.stdin.close()


def kill(process: subprocess.Popen[Any]) -> None:
    """SIGKILL, and wait for the end."""
    process.kill()
    process.communicate(timeout=PATIENCE)


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for something that other processes do."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def requested(emulator: Emulator, more: int) -> None:
    """Wait until so many more pages have been requested; a second more for each, since a campaign has many."""
    before = len(emulator.requests("GET /Tickets"))
    wait_until(lambda: len(emulator.requests("GET /Tickets")) >= before + more, PATIENCE + more)


@contextmanager
def s3_server(bucket: str) -> Iterator[dict[str, str]]:
    """An S3 server on a socket of this machine; yields the environment by which drivers of fsspec find it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        env = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        import urllib.request

        request = urllib.request.Request(f"{env['AWS_ENDPOINT_URL']}/{bucket}", method="PUT")
        urllib.request.urlopen(request).close()
        yield env
    finally:
        server.stop()
