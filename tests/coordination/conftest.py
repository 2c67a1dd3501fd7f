from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator
from halo_async.emulator.thread import in_thread
from tests.support.cli_kit import environment, login
from tests.support.redis_server import RedisServer, running
from tests.support.window_kit import api_times

SCRIPT = Path(__file__).parents[1] / "support" / "coordinated.py"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with running(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An instance that counts nothing, so that what is sent is what is seen."""
    with in_thread(tickets=5, rate_limit=None) as instance:
        yield instance


class Worker:
    """A process of `coordinated.py`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def make(self, requests: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{requests}\n")
        self.process.stdin.flush()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def result(self) -> dict[str, Any]:
        return json.loads(self.line())

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(20) == 0


Workers = Callable[..., list[Worker]]


@pytest.fixture
def workers(emulator: Emulator, redis: RedisServer) -> Iterator[Workers]:
    """Start so many processes, which are ready."""
    with ExitStack() as stack:

        def start(number: int, limit: str, **variables: str) -> list[Worker]:
            given = {"HALO_COORDINATION": redis.url} | login(emulator) | variables
            made = []
            for _ in range(number):
                process = subprocess.Popen(
                    [sys.executable, str(SCRIPT), limit],
                    env=environment(**given),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                stack.enter_context(process)
                stack.callback(process.kill)
                made.append(Worker(process))
            assert [worker.line() for worker in made] == ["ready"] * number
            return made

        yield start


def wait_for(emulator: Emulator, requests: int) -> None:
    until = time.monotonic() + 60
    while len(api_times(emulator)) < requests and time.monotonic() < until:
        time.sleep(0.05)
