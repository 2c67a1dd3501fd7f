"""What `halo-async export` can be asked for beyond names and a folder."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.export.spool import Spool


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_format_is_chosen_by_name(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "client", "--out", "out", "--format", "csv")
    assert shown.code == 0
    assert files(tmp_path / "out") == ["client.csv", "report.json"]


def test_rows_go_to_stdout_and_nothing_else_does(halo_async) -> None:
    shown = halo_async("export", "tickets", "--out", "-")
    assert shown.code == 0
    assert [json.loads(line)["id"] for line in shown.out.splitlines()] == list(range(1, 1001))
    assert shown.err.startswith("tickets: 1,000 rows")


@pytest.mark.halo(faults=[Fault("F18", "GET /Client")])
def test_a_refused_list_in_a_pipe_is_exit_4(halo_async) -> None:
    shown = halo_async("export", "client", "--out", "-", "--progress", "none")
    assert (shown.code, shown.out) == (4, "")
    assert shown.err.startswith("error: client is missing: ")


@pytest.mark.halo(faults=[Fault("F27", "GET /Tickets", "504", after=5, times=20)])
def test_resume_goes_on_where_a_run_ended(halo_async, halo_emulator: Emulator, tmp_path: Path) -> None:
    first = halo_async("export", "tickets", "client", "--out", "out")
    assert first.code == 5
    assert "incomplete, the received rows are in tickets.jsonl.part" in first.err
    refused = halo_async("export", "tickets", "client", "--out", "out")
    assert refused.code == 2
    assert "contains an unfinished export. Resume it (--resume)" in refused.err
    halo_emulator.faults.clear()
    second = halo_async("export", "tickets", "client", "--out", "out", "--resume")
    assert second.code == 0, second
    assert len((tmp_path / "out" / "tickets.jsonl").read_bytes().splitlines()) == 1000
    names = ["client.jsonl", "client.schema.json", "report.json", "tickets.jsonl", "tickets.schema.json"]
    assert files(tmp_path / "out") == names


@pytest.mark.halo(faults=[Fault("F27", "GET /Tickets", "504", after=5, times=20)])
def test_one_command_serves_the_first_night_a_retry_and_every_later_night(
    halo_async, halo_emulator: Emulator, tmp_path: Path
) -> None:
    command = ["export", "tickets", "--out", "out", "--since", "last", "--resume"]
    assert halo_async(*command).code == 5
    halo_emulator.faults.clear()
    retried = halo_async(*command)
    assert (retried.code, "rows changed since" in retried.out) == (0, False)
    later = halo_async(*command)
    assert (later.code, "rows changed since" in later.out) == (0, True)
    assert len((tmp_path / "out" / "tickets.jsonl").read_bytes().splitlines()) == 1000


def test_since_last_brings_a_folder_up_to_date(halo_async, tmp_path: Path) -> None:
    assert halo_async("export", "tickets", "--out", "out").code == 0
    shown = halo_async("export", "tickets", "--out", "out", "--since", "last")
    assert shown.code == 0
    assert "rows changed since" in shown.out
    assert len((tmp_path / "out" / "tickets.jsonl").read_bytes().splitlines()) == 1000


@pytest.mark.halo(tickets=30)
def test_a_run_says_which_parents_it_asks_for_and_a_dry_run_which_it_would(halo_async) -> None:
    assert halo_async("export", "actions", "--out", "out").code == 0
    dry = halo_async("export", "--out", "out", "--since", "last", "--dry-run")
    assert "actions: would ask for the rows of parents (changed since " in dry.out
    every = halo_async("export", "--out", "out", "--since", "last", "--all-parents", "--dry-run")
    assert "(all: asked for by all_parents)" in every.out
    assert [line.split()[-1] for line in every.out.splitlines() if "GET /Actions" in line] == ["30"]
    shown = halo_async("export", "--out", "out", "--since", "last")
    assert "actions: asked for the rows of 0 parents (changed since " in shown.out


def test_a_filter_narrows_one_resource(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "tickets", "client", "--out", "out", "--filter", "tickets.open_only=true")
    assert shown.code == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    tickets, client = report["resources"]
    assert 0 < tickets["rows"] < 1000
    assert client["rows"] == 25


@pytest.mark.halo(tickets=30)
@pytest.mark.parametrize("columns", ["tickets=id,summary", "Ticket:id, summary", "id,summary"])
def test_columns_are_chosen_and_rows_filtered(halo_async, tmp_path: Path, columns: str) -> None:
    command = ["export", "tickets", "--out", "out", "--columns", columns, "--where", "tickets.open_only=true"]
    dry = halo_async(*command, "--dry-run")
    assert "tickets: only id, summary would be written" in dry.out
    assert halo_async(*command).code == 0
    rows = [json.loads(line) for line in (tmp_path / "out" / "tickets.jsonl").read_bytes().splitlines()]
    assert 0 < len(rows) < 30
    assert {tuple(row) for row in rows} == {("id", "summary")}
    assert "--filter" not in halo_async("export", "--help").out


@pytest.mark.parametrize("filtered", ["ticket", "tickets", "Ticket"])
def test_a_resource_and_its_filter_are_named_in_either_number(
    halo_async, tmp_path: Path, halo_emulator: Emulator, filtered: str
) -> None:
    shown = halo_async(
        "export", "ticket", "clients", "--out", "out", "--filter", f"{filtered}.open_only=true"
    )
    assert shown.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "client.jsonl",
        "client.schema.json",
        "report.json",
        "tickets.jsonl",
        "tickets.schema.json",
    ]
    assert all(("open_only", "true") in request.query for request in halo_emulator.requests("GET /Tickets"))


def test_progress_for_machines_is_one_json_object_a_line(halo_async) -> None:
    shown = halo_async("export", "tickets", "--out", "out", "--progress", "json")
    steps = [json.loads(line) for line in shown.err.splitlines()]
    assert shown.out == ""
    assert [step["rows"] for step in steps] == sorted(step["rows"] for step in steps)
    assert (steps[-1]["state"], steps[-1]["rows"], steps[-1]["total"]) == ("done", 1000, 1000)


def test_a_dry_run_counts_and_writes_nothing(halo_async, halo_emulator: Emulator, tmp_path: Path) -> None:
    shown = halo_async("export", "tickets", "actions", "agent", "--dry-run", HALO_RATE_LIMIT="300/300")
    assert shown.code == 0
    *table, last = shown.out.splitlines()
    assert last == "about 1,014 requests, the quota makes them take 15 min; nothing was written"
    assert [line.split() for line in table] == [
        ["resource", "would", "ask", "rows", "requests"],
        ["tickets", "GET", "/Tickets", "1,000", "13"],
        ["actions", "GET", "/Actions", "?", "1,000"],
        ["agent", "GET", "/Agent", "?", "1"],
    ]
    assert len(halo_emulator.requests("GET /Tickets")) == 1
    assert list(tmp_path.iterdir()) == []


def test_all_takes_every_list_that_needs_no_filter(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "--all", "--out", "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    names = {item["resource"] for item in report["resources"]}
    assert {"tickets", "client", "team", "report"} <= names
    assert not {"actions", "asset_change", "feed"} & names
    assert "integration_look_up" not in names  # the newest release no longer has it
    assert len(names) > 180
    failed = [item["resource"] for item in report["resources"] if not item["complete"]]
    assert failed == []
    assert shown.code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "tickets", "--all", "--out", "x"], "exclude each other"),
        (["export", "tickets", "--out", "x", "--format", "xls"], "There is no format 'xls'"),
        (["export", "tickets", "--out", "x", "--progress", "loud"], "Use one of auto, plain, json, none"),
        (["export", "tickets", "--out", "x", "--filter", "open_only=true"], "is not RESOURCE.NAME=VALUE"),
        (
            ["export", "tickets", "--out", "x", "--where", "open_only=true"],
            "Write it as tickets.open_only=true",
        ),
        (["export", "tickets", "--out", "x", "--where", "tickets.opn_only=1"], "Did you mean 'open_only'"),
        (["export", "tickets", "--out", "x", "--columns", "tickets=id,sumary"], "Did you mean 'summary'"),
        (["export", "tickets", "--out", "x", "--columns", "tickets="], "is not RESOURCE=NAME,NAME"),
        (["export", "tickets", "client", "--out", "x", "--columns", "id"], "Write it as tickets=id,summary"),
        (["export", "tickets", "--out", "x", "--filter", "tickets.opn_only=1"], "Did you mean 'open_only'"),
        (["export", "tickets", "--out", "x", "--filter", "tickets.on_incomplete=a"], "has no filter"),
        (["export", "tickets", "--out", "x", "--filter", "client.search=a"], "which is not exported"),
        (["export", "tickets", "--out", "x", "--filter", "tickets.order=a"], "is set by the export"),
        (
            ["export", "tickets", "--out", "x", "--filter", "tickets.advanced_search={"],
            "a JSON list of objects",
        ),
        (["export", "tickets", "--out", "x", "--since", "soon"], "is neither a point in time nor a span"),
        (["export", "--resume", "--out", "x"], "contains no export to resume"),
        (["export", "--resume"], "Missing argument 'RESOURCE'"),
        (["export", "tickets", "--out", "x", "--concurrency", "0"], "The concurrency must be from 1 to 64"),
        (["export", "tickets", "--out", "x", "--flatten", "customfields"], "Use flatten only with formats"),
        (
            ["export", "tickets", "--out", "x", "--width", "2"],
            "No such option --width. Did you mean '--concurrency'?",
        ),
        (
            ["export", "tickets", "--out", "x", "--explode", "x"],
            "No such option --explode. Did you mean '--flatten'?",
        ),
        (
            ["export", "tickets", "--out", "x", "--fromat", "csv"],
            "No such option --fromat. Did you mean '--format'?",
        ),
        (["export", "tickets", "client", "--out", "-"], "takes one resource"),
        (["export", "actions", "--out", "-"], "takes one resource that needs no parent"),
        (["export", "tickets", "--out", "-", "--format", "csv"], "takes jsonl, jsonl.gz, jsonl.zst"),
        (["export", "tickets", "--out", "-", "--resume"], "leaves nothing to resume"),
    ],
    ids=lambda value: " ".join(value[2:]) if isinstance(value, list) else "",
)
def test_options_that_cannot_work_are_exit_2(
    halo_async, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    shown = halo_async(*arguments)
    assert (shown.code, shown.out) == (2, "")
    assert sentence in shown.sentence
    assert list(tmp_path.iterdir()) == []


def test_f54_a_full_disk_is_exit_5_and_a_read_only_one_exit_2(
    halo_async, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Spool, "append", full)
    shown = halo_async("export", "client", "--out", "out")
    assert shown.code == 5
    assert "error: client is missing: The file cannot be written: no space left on device." in shown.err
    assert "un the same command with --resume" in shown.out
    monkeypatch.undo()
    assert halo_async("export", "client", "--out", str(tmp_path / "out"), "--resume").code == 0

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    shown = halo_async("export", "client", "--out", "elsewhere")
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence == "elsewhere cannot be written: read-only file system."


def test_inactive_rows_are_left_out_and_said_so_or_exported(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "client", "agent", "status", "--out", "out")
    said = "without inactive rows (--include-inactive): client, agent"
    assert shown.out.splitlines()[-1] == said
    shown = halo_async("export", "client", "agent", "--out", "all", "--include-inactive")
    assert (shown.code, "inactive" in shown.out) == (0, False)
    report = json.loads((tmp_path / "all" / "report.json").read_text())
    assert report["filters"]["client"] == [["includeinactive", "true"]]


def test_rows_on_stdout_say_beside_them_that_the_inactive_ones_are_left_out(halo_async) -> None:
    said = "without inactive rows (--include-inactive): agent"
    shown = halo_async("export", "agent", "--out", "-")
    assert (shown.code, shown.err.splitlines()[-1]) == (0, said)
    assert all(line.startswith("{") for line in shown.out.splitlines())
    for how in ("none", "json"):
        assert said not in halo_async("export", "agent", "--out", "-", "--progress", how).err


def test_rows_on_stdout_have_the_inactive_ones_where_they_are_asked_for(
    halo_async, halo_emulator: Emulator
) -> None:
    shown = halo_async("export", "agent", "--out", "-", "--include-inactive")
    assert (shown.code, "inactive" in shown.err) == (0, False)
    query = dict(halo_emulator.requests("GET /Agent")[-1].query)
    assert (query["includedisabled"], query["includeapiagents"]) == ("true", "true")


def test_a_dry_run_counts_the_inactive_rows_that_are_asked_for(halo_async, halo_emulator: Emulator) -> None:
    assert halo_async("export", "client", "--dry-run", "--include-inactive").code == 0
    queries = [dict(request.query) for request in halo_emulator.requests("GET /Client")]
    assert queries
    assert {query.get("includeinactive") for query in queries} == {"true"}
