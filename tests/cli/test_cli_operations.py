"""`halo-async operations`."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from halo_async.cli.operations import _shortened
from tests.support.cli_kit import plain

DESCRIBED = Path(__file__).parent.parent / "data" / "described_operations.tsv"


def test_json_has_every_described_operation_with_its_parameters(run) -> None:
    shown = run("operations", "--json")
    found = {(item["method"], item["path"]): item for item in json.loads(shown.out)}
    assert len(found) == 1558
    with DESCRIBED.open(newline="") as file:
        described = list(csv.DictReader(file, delimiter="\t"))
    assert len(described) == 252
    for row in described:
        operation = found[row["method"], row["path"]]
        query = {item["name"] for item in operation["parameters"] if item["in"] == "query"}
        assert {name for name in row["query_parameters"].split(",") if name} <= query, row


def test_json_describes_an_operation_fully(run) -> None:
    (get,) = (item for item in json.loads(run("operations", "--json", "feedback.get").out))
    assert {name: get[name] for name in ("method", "path", "python_name")} == {
        "method": "GET",
        "path": "/Feedback/{id}",
        "python_name": "feedback.get",
    }
    assert get["parameters"][0] == {
        "name": "id",
        "python_name": "id",
        "in": "path",
        "required": True,
        "type": "int",
    }
    assert {"name": "includedetails", "python_name": "includedetails", "in": "query", "required": False,
            "type": "bool | None"} in get["parameters"]  # fmt: skip


@pytest.mark.parametrize("words", ["FEEDBACK", "feedback.get", "/Feedback/", "clearcomment"])
def test_text_filters_by_path_name_and_parameter_whatever_the_case(run, words: str) -> None:
    everything = {item["python_name"] for item in json.loads(run("operations", "--json").out)}
    found = {item["python_name"] for item in json.loads(run("operations", "--json", words).out)}
    assert "feedback.get" in found
    assert found < everything


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("clients", "client.list"),
        ("clients.list", "client.list"),
        ("Ticket.get", "tickets.get"),
        ("slas", "sla.list"),
    ],
)
def test_text_finds_a_resource_under_the_other_number_of_its_name(run, words: str, name: str) -> None:
    names = [item["python_name"] for item in json.loads(run("operations", "--json", words).out)]
    assert names.count(name) == 1


def test_nothing_found_is_an_empty_list(run) -> None:
    shown = run("operations", "--json", "nothing-like-this")
    assert (shown.code, json.loads(shown.out)) == (0, [])


def test_a_pipe_gets_one_line_an_operation_with_all_parameters(run) -> None:
    rows = [line.split("\t") for line in run("operations", "feedback").out.splitlines()]
    assert ["GET", "/Feedback/{id}", "feedback.get", "id, clearcomment, includedetails, key"] in rows
    assert all(len(row) == 4 for row in rows)


def test_a_terminal_gets_lines_that_fit(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    lines = plain(run("operations", "ticket").out).splitlines()
    assert any(re.search(r", \+\d+$", line) for line in lines)
    assert all(len(line) <= 80 for line in lines if line.startswith("    "))


def test_few_operations_are_shown_with_a_line_a_parameter(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    shown = run("operations", "tickets.get")
    assert [line.split() for line in plain(shown.out).splitlines()[:3]] == [
        ["tickets.get", "GET", "/Tickets/{id}"],
        ["parameter", "in", "type"],
        ["id", "path", "int", "required"],
    ]
    assert len(shown.out.splitlines()) > 20


def test_shortened_names_say_how_many_are_missing() -> None:
    assert _shortened(["one", "two", "three"], 12) == "one, two, +1"
    assert _shortened(["much_too_long", "two"], 12) == "2 parameters"


def test_words_need_no_quotes(run) -> None:
    assert run("operations", "ticket", "list").out == run("operations", "ticket list").out != ""
