"""`halo-async export --dry-run` on a folder: refused as the export would be, and true of what that would request."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_async.emulator import Emulator, Fault

COUNTED = "nothing was written"


@pytest.mark.halo(tickets=30)
@pytest.mark.parametrize(
    "options",
    [
        ["tickets"],
        ["--resume", "--columns", "tickets=id"],
        ["--resume", "--format", "csv"],
        ["--resume", "--where", "tickets.open_only=true"],
        ["client", "--resume"],
        ["--since", "last", "--columns", "tickets=id"],
        ["--since", "last", "--format", "csv"],
    ],
)
def test_a_dry_run_is_refused_where_the_export_would_be(halo_async, options: list[str]) -> None:
    assert halo_async("export", "tickets", "--out", "out").code == 0
    dry = halo_async("export", *options, "--out", "out", "--dry-run")
    real = halo_async("export", *options, "--out", "out")
    assert (dry.code, dry.out, dry.err) == (2, "", real.err)


@pytest.mark.halo(tickets=30)
@pytest.mark.parametrize("options", [["--format", "csv"], ["client", "--format", "jsonl"], ["--resume"]])
def test_a_dry_run_to_stdout_is_refused_where_the_export_would_be(halo_async, options: list[str]) -> None:
    command = ["export", "tickets", *options, "--out", "-"]
    assert (halo_async(*command, "--dry-run").code, halo_async(*command).code) == (2, 2)


@pytest.mark.halo(tickets=30)
def test_a_finished_export_would_request_nothing(halo_async, halo_emulator: Emulator) -> None:
    assert halo_async("export", "tickets", "--out", "out").code == 0
    halo_emulator.requests.clear()
    dry = halo_async("export", "--resume", "--out", "out", "--dry-run")
    assert (dry.code, dry.out) == (0, "out has all rows; nothing would be requested\n")
    assert not halo_emulator.requests("GET /Tickets")


@pytest.mark.halo(tickets=450, faults=[Fault("F27", "GET /Tickets", "504", after=3, times=20)])
def test_a_dry_run_tells_an_unfinished_export_from_another_one(
    halo_async, halo_emulator: Emulator, tmp_path: Path
) -> None:
    assert halo_async("export", "tickets", "--out", "out").code == 5
    halo_emulator.faults.clear()
    before = (tmp_path / "out" / ".halo-export.journal").read_bytes()
    dry = halo_async("export", "--resume", "--out", "out", "--dry-run")
    assert dry.code == 0
    assert "what the unfinished export in out has already would not be requested again" in dry.out
    assert COUNTED in dry.out
    other = halo_async("export", "--resume", "--out", "out", "--dry-run", "--format", "csv")
    assert (other.code, "cannot be resumed" in other.err) == (2, True)
    assert (tmp_path / "out" / ".halo-export.journal").read_bytes() == before


@pytest.mark.halo(tickets=30)
def test_one_request_is_one_request(halo_async) -> None:
    assert halo_async("export", "client", "--dry-run").out.endswith(f"about 1 request; {COUNTED}\n")
