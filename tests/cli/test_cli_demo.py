"""`halo-async demo`, and its comparison of an instance's document with the built-in operations."""

from __future__ import annotations

import json
from pathlib import Path

from halo_async.cli.diff import built_in, compare, differences
from halo_async.emulator import Emulator


def test_the_demo_runs_on_a_machine_with_nothing(run, tmp_path: Path) -> None:
    shown = run("demo")
    assert shown.code == 0, shown
    assert "same, 1,455 operations." in shown.out
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
    ours = built_in()
    theirs = {**ours, ("GET", "/New"): frozenset()}
    del theirs["GET", "/Team"]
    theirs["GET", "/Tickets"] = ours["GET", "/Tickets"] - {"query agent_id"} | {"query newer"}
    assert differences(theirs, ours) == [
        "only there: GET /New",
        "only built in: GET /Team",
        "only built in: GET /Tickets, query agent_id",
        "only there: GET /Tickets, query newer",
    ]
    assert differences(ours, ours) == []
    assert len(differences({}, ours)) == 11
    assert differences({}, ours)[-1] == f"and {len(ours) - 10} more"


def test_the_emulators_document_is_read_with_all_its_parameters(halo_emulator: Emulator) -> None:
    assert compare(halo_emulator.url) == []
    ours = built_in()
    assert len(ours) == 1455
    assert sum(len(parameters) for parameters in ours.values()) > 2000
