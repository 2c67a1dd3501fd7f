"""`halo-async call --output` and `--select`: rows for programs, as they are received."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async import VirtualClock
from halo_async.cli.errors import UsageError
from halo_async.cli.selection import Selection
from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import environment, login, piped

NESTED = {
    "id": 1,
    "user": {"name": "Ann", "site": {"id": 7}},
    "customfields": [{"name": "CFsize", "value": 5}, {"name": "CFcolour", "value": "red"}],
    "lines": [{"tax": [{"rate": 1}, {"rate": 2}]}, {"tax": []}],
    "empty": [],
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", 1),
        ("user.name", "Ann"),
        ("user.site.id", 7),
        ("user", NESTED["user"]),
        ("customfields.name", ["CFsize", "CFcolour"]),
        ("customfields[].value", [5, "red"]),
        ("customfields[*].value", [5, "red"]),
        ("customfields[0].value", 5),
        ("customfields[-1].name", "CFcolour"),
        ("customfields[9].name", None),
        ("customfields[name=CFcolour].value", "red"),
        ("customfields[name=CFother].value", None),
        ("lines.tax.rate", [[1, 2], []]),
        ("lines[0].tax[1].rate", 2),
        ("empty.name", []),
        ("none.name", None),
    ],
)
def test_a_path_leads_into_objects_and_lists(path: str, value: Any) -> None:
    selection = Selection.parse(path)
    selection.check([NESTED])
    assert selection.pick(NESTED) == {path: value}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user.nam", "no field 'nam'. Did you mean 'name'?"),
        ("customfields[0].size", "no field 'size'. It has name, value."),
        ("usr", "There is no field 'usr'. Did you mean 'user'?"),
        ("user..name", "is not a path. Write it as"),
        ("[0].name", "is not a path"),
        ("user[", "is not a path"),
        ("customfields[x].name", "is not a path"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_with_the_mend(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Selection.parse(text).check([NESTED])
    assert said in str(caught.value)


@given(st.text())
def test_any_text_is_paths_or_a_usage_error(text: str) -> None:
    try:
        selection = Selection.parse(text)
    except UsageError as error:
        assert "Write it as" in str(error)
    else:
        assert len(selection.pick(NESTED)) == len(selection.names or NESTED)


def test_lines_are_the_rows_and_csv_has_the_same(halo_async: Any) -> None:
    call = ("call", "tickets.list", "--select", "id,summary,client_name,inactive", "--limit", "120")
    rows = [json.loads(line) for line in halo_async(*call, "--output", "jsonl").out.splitlines()]
    assert len(rows) == 120
    assert json.loads(halo_async(*call, "-o", "json").out) == rows
    assert json.loads(halo_async(*call, "--json").out) == rows
    shown = halo_async(*call, "--output", "csv")
    table = list(csv.DictReader(io.StringIO(shown.out, newline="")))
    assert [(int(row["id"]), row["summary"]) for row in table] == [
        (row["id"], row["summary"]) for row in rows
    ]
    assert {row["inactive"] for row in table} <= {"true", "false", ""}


def test_csv_without_a_choice_has_each_field_of_the_rows(halo_async: Any) -> None:
    shown = halo_async("call", "tickets.list", "--output", "csv", "--limit", "3")
    header, *rows = csv.reader(io.StringIO(shown.out, newline=""))
    assert len(header) > 50
    assert [len(row) for row in rows] == [len(header)] * 3


@pytest.mark.parametrize(("form", "lines"), [("jsonl", 1), ("csv", 2), ("json", 4)])
def test_one_record_has_each_form_too(form: str, lines: int, halo_async: Any) -> None:
    shown = halo_async("call", "tickets.get", "id=5", "--select", "id,summary", "--output", form)
    assert len(shown.out.splitlines()) == lines
    assert "5" in shown.out


def test_an_empty_list_is_nothing_in_lines_and_a_header_in_csv(halo_async: Any) -> None:
    empty = ("call", "tickets.list", "--limit", "0", "--select", "id,summary", "--output")
    assert [halo_async(*empty, form).out for form in ("jsonl", "csv", "json")] == ["", "id,summary\n", "[]\n"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--output", "xml"), "Use one of table, json, jsonl, csv."),
        (("--output", "csv", "--json"), "exclude each other"),
    ],
)
def test_a_form_that_there_is_none_of_is_refused_before_the_call(
    options: tuple[str, ...], said: str, halo_async: Any, halo_emulator: Emulator
) -> None:
    shown = halo_async("call", "tickets.list", *options)
    assert (shown.code, said in shown.sentence) == (2, True)
    assert not halo_emulator.requests("* *")


async def test_lines_arrive_page_by_page_while_the_next_page_is_waited_for() -> None:
    clock = VirtualClock()
    async with Emulator(tickets=250, rate_limit=None, clock=clock) as emulator:
        emulator.faults.add([Fault("F51", "GET /Tickets", "cookie", after=1, options={"delay": 5})])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "halo_async.cli", "call", "tickets.list", "--output", "jsonl"),
            env=environment(**login(emulator)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        assert process.stdout is not None
        async with asyncio.timeout(60):
            first = [json.loads(await process.stdout.readline())["id"] for _ in range(100)]
            later = asyncio.create_task(passing(clock))
            rest = (await process.stdout.read()).splitlines()
            later.cancel()
            _, err = await process.communicate()
        assert len({*first, *(json.loads(line)["id"] for line in rest)}) == 250
        assert (process.returncode, err) == (0, b"")


async def passing(clock: VirtualClock) -> None:
    while True:
        clock.advance(5)
        await asyncio.sleep(0.02)


@pytest.mark.skipif(shutil.which("bash") is None, reason="pipes of a shell need bash")
def test_a_reader_that_has_enough_ends_the_command_quietly(halo_emulator: Emulator) -> None:
    command = f'"{sys.executable}" -m halo_async.cli call tickets.list --output jsonl | head -n 2'
    done = piped(command, halo_emulator)
    assert (done.returncode, done.stderr) == (0, "")
    assert [len(json.loads(line)) > 50 for line in done.stdout.splitlines()] == [True, True]


def test_a_body_piped_in_and_rows_piped_out(halo_emulator: Emulator) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "halo_async.cli", "call", "tickets.upsert", "--body", "-", "-o", "jsonl"],
        input=b'\xef\xbb\xbf[{"id": 5, "summary": "piped"}, {"id": 6, "summary": "too"}]',
        env=environment(**login(halo_emulator)),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [5, 6]


def test_a_list_that_is_received_at_once_is_limited_in_each_form(halo_async) -> None:
    body = json.dumps([{"id": id, "summary": "a"} for id in (1, 2, 3)])
    call = ("call", "tickets.upsert", "--body", body, "--select", "id", "--limit", "2", "--output")
    assert json.loads(halo_async(*call, "json").out) == [{"id": 1}, {"id": 2}]
    assert halo_async(*call, "jsonl").out.splitlines() == ['{"id": 1}', '{"id": 2}']
    assert halo_async(*call, "csv").out.splitlines() == ["id", "1", "2"]


@pytest.mark.parametrize(
    ("form", "out"), [("json", "null\n"), ("jsonl", ""), ("csv", "id,summary\n"), ("table", "")]
)
def test_a_limit_of_no_rows_shows_no_record_either(form: str, out: str, halo_async: Any) -> None:
    call = ("call", "tickets.get", "id=5", "--select", "id,summary", "--output", form, "--limit")
    assert halo_async(*call, "0").out == out
    assert "5" in halo_async(*call, "1").out
