"""A process that forks for each job that is sent to it; the jobs kill themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from halo_async.emulator import Emulator
from tests.support.cli_kit import environment, login


@contextmanager
def job_server(script: str, emulator: Emulator) -> Iterator[Callable[[Any], Any]]:
    """Yield a function that sends a job to a script of this folder, and returns its response."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name(script))],
        env=environment(**login(emulator)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        stdin, stdout = server.stdin, server.stdout

        def send(job: Any) -> Any:
            stdin.write(json.dumps(job) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield send
        stdin.close()
