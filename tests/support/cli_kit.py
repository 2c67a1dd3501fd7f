"""The command as a person runs it: in this process, or as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

import halo_async
from halo_async.emulator import Emulator

CODE = Path(halo_async.__file__).parent.parent
"""Where the package is imported from: a checkout, or where it is installed."""
TIMEOUT = 60
_COMMAND = "import sys; from halo_async.cli import main; sys.exit(main())"
NOWHERE = {"XDG_CONFIG_HOME": "/nowhere", "APPDATA": "/nowhere"}
"""No login of whoever runs the tests is in reach."""


@attrs.frozen
class Outcome:
    """What a run came to."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line of an error, without its mark; what was waited for before does not count."""
        (line,) = [line for line in self.err.splitlines() if not line.startswith("waiting")]
        assert line.startswith("error: ")
        return line.removeprefix("error: ")


def list_requests(emulator: Emulator) -> list[object]:
    """The requests for tickets and assets; which of the two lists has more of them is open."""
    return [*emulator.requests("GET /Tickets"), *emulator.requests("GET /Asset")]


def plain(text: str) -> str:
    """Terminal output without its colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def login(emulator: Emulator) -> dict[str, str]:
    """The environment that leads to an emulator."""
    return {
        "HALO_INSTANCE": emulator.url,
        "HALO_CLIENT_ID": emulator.client_id,
        "HALO_CLIENT_SECRET": emulator.client_secret,
        "HALO_RATE_LIMIT": "none",
    }


def environment(**extra: str) -> dict[str, str]:
    """Ours without anything of Halo's, and with the package in reach from any folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("HALO_")}
    path = os.pathsep.join(item for item in (str(CODE), os.environ.get("PYTHONPATH")) if item)
    return {**ours, "PYTHONPATH": path, "COLUMNS": "80", **NOWHERE, **extra}


def start(
    *arguments: str, env: Mapping[str, str], cwd: Path | None = None, before: str = ""
) -> subprocess.Popen[str]:
    """A process of the command, its output kept apart. `before`: Python to run in it before the command."""
    ways = ["-c", f"{before}\n{_COMMAND}"] if before else ["-m", "halo_async.cli"]
    return subprocess.Popen(
        [sys.executable, *ways, *arguments],
        env=environment(**env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Outcome:
    """Wait for its end."""
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    finally:
        process.kill()
        process.wait()
    return Outcome(process.returncode, out, err)


def stopped(process: subprocess.Popen[str], number: signal.Signals, when: Callable[[], object]) -> Outcome:
    """Wait until something is true, send a signal, and wait for the end."""
    try:
        ends = time.monotonic() + TIMEOUT
        while not when():
            assert process.poll() is None, "it has ended before"
            assert time.monotonic() < ends, "what is waited for has not happened"
            time.sleep(0.005)
    except BaseException:
        process.kill()
        print(process.communicate())
        raise
    process.send_signal(number)
    return finish(process)


def command(*arguments: str, env: Mapping[str, str], cwd: Path | None = None) -> Outcome:
    """Run the command as a process of its own."""
    return finish(start(*arguments, env=env, cwd=cwd))


def piped(line: str, emulator: Emulator) -> subprocess.CompletedProcess[str]:
    """Run a line of bash with the login in its environment; it fails where a part of a pipe does."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env=environment(**login(emulator)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
