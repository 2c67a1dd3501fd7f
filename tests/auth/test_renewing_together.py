"""Several processes with one rotating refresh token: one renews it, and nobody sends a token that is spent."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlencode
from urllib.request import urlopen

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.emulator.thread import in_thread
from tests.support.cli_kit import environment, login
from tests.support.file_limit import limiting

SCRIPT = Path(__file__).parents[1] / "support" / "renewing.py"
SLOW = Fault("F17", "POST /auth/token", "late", options={"seconds": 0.8})
"""Renewed at once, told late: the others find the old token in the store meanwhile."""

Process = subprocess.Popen[str]
Start = Callable[..., Process]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A login service that ends a whole login when a spent refresh token comes again."""
    with in_thread(tickets=5, rate_limit=None, revoke_on_reuse=True) as running:
        yield running


@pytest.fixture
def start(emulator: Emulator) -> Iterator[Start]:
    """Start a process on the same first refresh token as all others; it is ready and waits."""
    form = {"grant_type": "password", "username": emulator.username, "password": emulator.password}
    form |= {"client_id": emulator.client_id, "scope": "all offline_access"}
    with urlopen(f"{emulator.url}/auth/token", urlencode(form).encode()) as response:
        first = json.loads(response.read())["refresh_token"]
    emulator.requests.clear()
    with ExitStack() as stack:

        def start(place: object, largest_file: int | None = None) -> Process:
            limit = "import sys" if largest_file is None else limiting(largest_file)
            code = f"{limit}\nimport runpy\nrunpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(place)],
                env=environment(**login(emulator), REFRESH_TOKEN=first),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def go(processes: list[Process]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def outcome(process: Process) -> str:
    out, _ = process.communicate(timeout=60)
    return out.strip()


def sent(emulator: Emulator) -> list[str]:
    """The refresh tokens that reached the login service."""
    return [parse_qs(one.body.decode())["refresh_token"][0] for one in emulator.requests("POST /auth/token")]


@pytest.fixture(params=["file", "keychain", "redis"])
def place(request, tmp_path: Path) -> Iterator[str]:
    if request.param == "file":
        yield str(tmp_path / "tokens")
        return
    if request.param == "keychain":
        pytest.importorskip("keyring")
        yield f"keychain:{tmp_path / 'keychain'}"
        return
    pytest.importorskip("redis")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        _until(lambda: _listens(port))
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _until(met: Callable[[], object]) -> None:
    ends = time.monotonic() + 30
    while not met():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_of_many_processes_one_renews_and_all_go_on(emulator: Emulator, start: Start, place: str) -> None:
    emulator.faults.add([SLOW])
    processes = [start(place) for _ in range(3)]
    go(processes)
    assert [outcome(process) for process in processes] == [f"{_rows(emulator)} rows"] * 3
    assert len(sent(emulator)) == 1

    emulator.revoke_tokens()  # the access tokens alone: all renew at the same time, on the successor
    processes = [start(place) for _ in range(3)]
    go(processes)
    assert [outcome(process) for process in processes] == [f"{_rows(emulator)} rows"] * 3
    assert len(sent(emulator)) == len(set(sent(emulator))) == 2


def _rows(emulator: Emulator) -> int:
    return len(emulator.world.table("/Status"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_lock_whose_holder_was_killed_holds_nobody_up(
    emulator: Emulator, start: Start, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F19", "POST /auth/token", "error", times=1, options={"delay": 3600})])
    killed, waiting = start(tmp_path / "tokens"), start(tmp_path / "tokens")
    go([killed])
    _until(lambda: emulator.requests("POST /auth/token"))
    go([waiting])
    assert [path.suffix for path in (tmp_path / "tokens").iterdir()] == [".lock"]
    killed.send_signal(signal.SIGKILL)
    assert outcome(waiting) == f"{_rows(emulator)} rows"
    assert [path.suffix for path in (tmp_path / "tokens").iterdir()] == [".token"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of files")
def test_a_full_disk_is_told_before_the_refresh_token_is_used_up(
    emulator: Emulator, start: Start, tmp_path: Path
) -> None:
    """A new refresh token that cannot be stored is lost when the process ends, and the old one is spent."""
    full = start(tmp_path / "tokens", 100)
    go([full])
    assert "AuthenticationError: The token store failed at " in (said := outcome(full))
    assert said.endswith(": file too large.")
    assert sent(emulator) == []
    assert list((tmp_path / "tokens").iterdir()) == []
    later = start(tmp_path / "tokens")
    go([later])
    assert outcome(later) == f"{_rows(emulator)} rows"
