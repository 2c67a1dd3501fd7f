"""200 MB up and down within 40 MB: the client in a process of its own, the emulator in another."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MEGABYTES = 200
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture
def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HALO_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def instance(environment) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    command = [sys.executable, "-m", "halo_async.cli", "emulator", "--tickets", "10", "--rate-limit", "none"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(3)]
        try:
            yield process, environment | dict(line.split("=", 1) for line in lines)
        finally:
            process.terminate()


def most_resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def test_200_mb_go_up_and_down_within_40_mb_and_are_equal(instance, tmp_path):
    emulator, environment = instance
    command = [
        sys.executable,
        str(Path(__file__).parents[2] / "support" / "huge_transfer.py"),
        str(tmp_path),
        str(MEGABYTES),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["same"]
    assert told["size"] == MEGABYTES * 2**20
    assert told["up"] < 40, told
    assert told["both"] < 40, told
    assert most_resident(emulator.pid) < 250, "the emulator holds the file"
