"""The command in this process: quick, and with the output caught."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.cli import main
from halo_async.emulator import Emulator
from tests.support.cli_kit import NOWHERE, Outcome, login

Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("call", "tickets.list", HALO_TENANT="x")` in an empty folder, with no login but what is given."""
    for name in [name for name in os.environ if name.startswith("HALO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    for name in NOWHERE:
        monkeypatch.setenv(name, str(tmp_path / "settings"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **env: str) -> Outcome:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        code = main(arguments)
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return run


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client waits for takes no time."""
    monkeypatch.setattr(
        "halo_async.transport.client_options.SystemClock", lambda: VirtualClock(auto_advance=True)
    )


@pytest.fixture
def halo_async(run: Run, halo_emulator: Emulator) -> Run:
    """The same, logged in to an emulated instance."""

    def logged_in(*arguments: str, **env: str) -> Outcome:
        return run(*arguments, **{**login(halo_emulator), **env})

    return logged_in
