"""`halo-async export` and `halo-async demo`."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from halo_async._operations.resource import operations
from halo_async.cli import comparison
from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import finish, login, start


def test_each_resource_becomes_a_file_and_the_table_says_what_is_in_it(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "Tickets", "client_contract", "--out", "out")
    assert shown.code == 0
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "client_contract.jsonl",
        "report.json",
        "tickets.jsonl",
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
    assert "error: client is incomplete, what came is in client.jsonl.part: 25 of " in shown.err
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
    try:
        _until(
            lambda: (
                len(halo_emulator.requests("GET /Tickets")) + len(halo_emulator.requests("GET /Asset")) >= 3
            )
        )
        process.send_signal(signal.SIGINT)
    finally:
        shown = finish(process)
    assert shown.code == 130, shown
    assert shown.err.splitlines()[-1] == "error: interrupted"
    assert "out is unfinished: the same command with --resume goes on" in shown.err
    assert "Traceback" not in shown.err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [item["state"] for item in report["resources"]] == ["interrupted", "interrupted"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".halo-export.journal",
        "asset.jsonl.part",
        "report.json",
        "tickets.jsonl.part",
    ]


def _until(true) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_demo_runs_on_a_machine_with_nothing(run, tmp_path: Path) -> None:
    shown = run("demo")
    assert shown.code == 0, shown
    assert "same, 1,236 operations." in shown.out
    assert "What to try next" in shown.out
    report = json.loads((tmp_path / "halo-demo" / "report.json").read_text())
    assert {item["resource"]: item["rows"] for item in report["resources"]}["tickets"] == 1000
    assert len(list((tmp_path / "halo-demo").glob("*.jsonl"))) == 5
    assert all(len(line) <= 80 for line in shown.out.splitlines())


def test_the_demo_finds_another_folder_where_its_own_is_taken(run, tmp_path: Path) -> None:
    (tmp_path / "halo-demo").mkdir()
    (tmp_path / "halo-demo" / "mine").write_text("mine")
    assert run("demo").code == 0
    assert [path.name for path in (tmp_path / "halo-demo").iterdir()] == ["mine"]
    (other,) = tmp_path.glob("halo-demo-*")
    assert (other / "report.json").is_file()


def test_the_demo_takes_the_folder_it_is_given(run, tmp_path: Path) -> None:
    assert run("demo", "--out", "here").code == 0
    assert (tmp_path / "here" / "tickets.jsonl").is_file()


def test_a_document_that_differs_is_told_apart_line_by_line() -> None:
    ours = comparison.built_in()
    theirs = {**ours, ("GET", "/New"): frozenset()}
    del theirs["GET", "/Team"]
    theirs["GET", "/Tickets"] = ours["GET", "/Tickets"] - {"query agent_id"} | {"query newer"}
    assert comparison.differences(theirs, ours) == [
        "only there: GET /New",
        "only built in: GET /Team",
        "only built in: GET /Tickets, query agent_id",
        "only there: GET /Tickets, query newer",
    ]
    assert comparison.differences(ours, ours) == []
    assert len(comparison.differences({}, ours)) == 11
    assert comparison.differences({}, ours)[-1] == f"and {len(list(operations())) - 10} more"


def test_the_emulators_document_is_read_with_all_its_parameters(halo_emulator: Emulator) -> None:
    assert comparison.compare(halo_emulator.url) == []
    built_in = comparison.built_in()
    assert len(built_in) >= 1236
    assert sum(len(parameters) for parameters in built_in.values()) > 2000
