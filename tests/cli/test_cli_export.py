"""`halo-async export`."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import list_requests, login, piped, start, stopped


def test_each_resource_becomes_a_file_and_the_table_says_what_is_in_it(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "Tickets", "client_contract", "--out", "out")
    assert shown.code == 0
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "client_contract.jsonl",
        "client_contract.schema.json",
        "report.json",
        "tickets.jsonl",
        "tickets.schema.json",
    ]
    rows = {line.split()[0]: line.split()[1] for line in shown.out.splitlines()}
    assert rows["tickets"] == "1,000"
    assert int(rows["client_contract"]) == len((out / "client_contract.jsonl").read_bytes().splitlines())
    assert all(len(line) <= 80 for line in shown.out.splitlines())


def test_without_a_terminal_progress_is_plain_lines(halo_async) -> None:
    lines = halo_async("export", "tickets", "client", "--out", "out").err.splitlines()
    assert len(lines) == 2
    assert any(
        line.startswith("tickets: 1,000 rows, 11 requests, ") and line.endswith(" s, done") for line in lines
    )


@pytest.mark.halo(faults=[Fault("F41", "GET /Client", "high")])
def test_an_incomplete_resource_is_exit_5_and_named(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "client", "team", "--out", "out")
    assert shown.code == 5
    assert (
        "error: client is incomplete, the received rows are in client.jsonl.part: Received 25 of "
        in shown.err
    )
    assert shown.out.splitlines()[1].split()[:4] == ["client", "25", "of", "26"]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [(item["resource"], item["complete"]) for item in report["resources"]] == [
        ("client", False),
        ("team", True),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent otherwise there")
def test_ctrl_c_is_exit_130_and_leaves_part_files_and_a_report(
    halo_emulator: Emulator, tmp_path: Path
) -> None:
    env = {
        **login(halo_emulator),
        "HALO_RATE_LIMIT": "4/60",
    }  # it stalls after four calls, and waits to be stopped
    process = start("export", "tickets", "asset", "--out", "out", env=env, cwd=tmp_path)
    shown = stopped(process, signal.SIGINT, lambda: len(list_requests(halo_emulator)) >= 3)
    assert shown.code == 130, shown
    assert shown.err.splitlines()[-1] == "error: interrupted"
    assert "The export in out is unfinished. Run the same command with --resume." in shown.err
    assert "Traceback" not in shown.err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [item["state"] for item in report["resources"]] == ["interrupted", "interrupted"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".halo-export.journal",
        "asset.jsonl.part",
        "report.json",
        "tickets.jsonl.part",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of a shell need bash")
@pytest.mark.parametrize("progress", ["auto", "plain", "json", "none"])
def test_a_reader_of_the_rows_that_has_enough_is_no_failure(halo_emulator: Emulator, progress: str) -> None:
    command = f'"{sys.executable}" -m halo_async.cli export tickets --out - --progress {progress} | head -n 1'
    done = piped(command, halo_emulator)
    assert done.returncode == 0
    assert "id" in json.loads(done.stdout)
    if progress == "json":
        last = json.loads(done.stderr.splitlines()[-1])
        assert last["state"] == "interrupted"
        assert last["rows"] < last["total"]
    else:
        assert done.stderr == ""
