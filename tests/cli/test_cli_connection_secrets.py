"""No secret and no token in anything that the command prints or writes, whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_async.emulator import Emulator, Fault

RUNS: list[tuple[str, ...]] = [
    ("whoami",),
    ("call", "tickets.list", "--limit", "3"),
    ("call", "tickets.get", "id=5", "--json"),
    ("call", "tickets.get", "id=999999999"),
    ("call", "tickets.upsert", "--body", '[{"id": "x"}]'),
    ("export", "client", "tickets", "--out", "out"),
    ("export", "client", "--out", "out2", "--tenant", "other"),
    ("export", "tickets", "--out", "out3", "--progress", "json"),
    ("export", "client", "tickets", "--dry-run"),
]


@pytest.mark.parametrize(
    "fault",
    [
        None,
        Fault("F02", "GET /Client", times=9),
        Fault("F09", "GET /Client", times=9),
        Fault("F19", "POST /auth/token", "html"),
        Fault("F40", "GET /Client", "302"),
    ],
    ids=lambda fault: "none" if fault is None else fault.number,
)
def test_no_secret_comes_out(
    halo_async, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault | None
) -> None:
    monkeypatch.setattr("halo_async.transport.client_options.SystemClock", _Impatient)
    shown = ""
    for arguments in RUNS:
        halo_emulator.faults.clear()
        if fault is not None:
            halo_emulator.faults.add([fault])
        outcome = halo_async(*arguments)
        shown += outcome.out + outcome.err
    for path in tmp_path.rglob("*"):
        if path.is_file():
            shown += path.read_text()
    tokens = {request.headers["authorization"].split()[-1] for request in halo_emulator.requests()
              if "authorization" in request.headers}  # fmt: skip
    assert tokens or (fault is not None and fault.number == "F19")
    secrets = {halo_emulator.client_secret, *tokens}
    assert "error: " in shown
    assert not [secret for secret in secrets if secret in shown]
    assert "Traceback" not in shown


class _Impatient:
    """A clock that never waits: what is tried again is tried at once."""

    def __init__(self) -> None:
        from halo_async._utils.clock import VirtualClock

        self._clock = VirtualClock(auto_advance=True)

    def __getattr__(self, name: str) -> object:
        return getattr(self._clock, name)
