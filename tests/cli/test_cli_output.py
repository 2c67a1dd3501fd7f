"""Tables and bars fit by leaving out whole columns, and parts; never a digit."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from halo_async.cli.output import OutputTable, choose_columns, flat
from halo_async.cli.progress import Note, watching
from halo_async.cli.response_output import TableRows, show_rows
from halo_async.export.progress import Progress, State
from tests.support.cli_kit import plain

WIDTHS = [20, 25, 33, 40, 60, 80, 200]
NUMBER = re.compile(r"\d[\d,.]*")


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "tickets", "client", "site", "client_contract", "--out", "x"),
        ("export", "tickets", "client", "actions", "client_contract", "--dry-run"),
        ("call", "tickets.list", "--limit", "5"),
        ("call", "tickets.list", "--limit", "5", "--select", "id,summary,dateoccurred,client_name,agent_id"),
        ("call", "asset.list", "--limit", "5"),
        ("call", "invoice.list", "--limit", "5"),
    ],
    ids=["export", "dry run", "call", "fields", "assets", "invoices"],
)
def test_no_line_is_wider_and_no_number_is_cut(halo_async, width: int, arguments) -> None:
    whole = halo_async(*arguments, COLUMNS="1000")
    again = [item if item != "x" else "y" for item in arguments]
    shown = halo_async(*again, COLUMNS=str(width))
    assert shown.code == whole.code == 0, shown
    table = [line for line in shown.out.splitlines() if not line.startswith(("in ", "about "))]
    assert table
    assert all(cell_len(line) <= width for line in table)
    ours = {cell for line in table[1:] for cell in line.split() if cell[0].isdigit()}
    if "y" not in again:  # seconds differ from run to run
        assert ours <= {cell for line in whole.out.splitlines()[1:] for cell in line.split()}
    assert not re.search(r"\d[\d,.:-]*…", shown.out)


@pytest.mark.parametrize("width", [20, 40])
def test_what_was_left_out_is_named(halo_async, width: int) -> None:
    shown = halo_async("export", "tickets", "--out", "x", COLUMNS=str(width))
    (said,) = [line for line in shown.err.splitlines() if line.startswith("no room for ")]
    left_out = said.removeprefix("no room for ").partition(":")[0].split(", ")
    header = shown.out.splitlines()[0].split()
    assert [*header, *left_out].sort() == ["resource", "rows", "requests", "received", "seconds"].sort()
    assert not set(header) & set(left_out)
    assert said.endswith(": report.json shows more")


def test_without_a_terminal_the_closing_table_has_whole_numbers(halo_async) -> None:
    shown = halo_async("export", "tickets", "--out", "x")
    assert "1,000" in shown.out.splitlines()[1].split()
    assert "…" not in shown.out


VALUES = [
    "",
    "7",
    "1,234,567.8",
    "2026-05-31T09:30:00.1234567",
    "a plain text of some words",
    "printer 12 is broken 345",
]
cells = st.sampled_from([*VALUES, 10**12, 3.5])


@given(
    st.integers(20, 120),
    st.integers(1, 6).flatmap(lambda count: st.lists(st.tuples(*[cells] * count), min_size=1, max_size=4)),
)
def test_any_table_fits_any_width_from_20_on(room: int, rows) -> None:
    names = [f"c{number}" for number in range(len(rows[0]))]
    table = OutputTable(names, numbers=names[1:2], prose=names[2:3])
    for row in rows:
        table.add(*row)
    widths = table.fit(room)
    assert sum(widths.values()) + 2 * (len(widths) - 1) <= room
    assert names[0] in widths
    for name in widths:
        place = names.index(name)
        if place not in (0, 2):
            assert all(cell_len(str(row[place])) <= widths[name] for row in rows)


@given(
    st.integers(20, 120),
    st.lists(st.dictionaries(st.sampled_from(["id", "when", "note", "x"]), cells), min_size=1, max_size=4),
)
def test_columns_of_rows_keep_every_value_with_a_digit_whole(room: int, rows) -> None:
    columns, _ = choose_columns(rows, (), room)
    for column in columns[1:]:
        for text in (flat(row.get(column.name)) for row in rows):
            assert column.prose or cell_len(text) <= column.width


@pytest.mark.parametrize("width", [20, 30, 40])
def test_a_record_on_a_narrow_terminal_loses_no_character(monkeypatch, capsys, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    show_rows(TableRows([{"a_field_with_a_long_name": 1234567890123, "summary": "word " * 20}], single=True))
    shown = plain(capsys.readouterr().out)
    assert "1234567890123" in shown
    assert shown.count("word") == 20


def picture(width: int, *steps: Progress) -> list[str]:
    file = io.StringIO()
    screen = Console(file=file, width=width, highlight=False, force_terminal=True)
    with watching(screen) as shown:
        for step in steps:
            shown(step)
    lines = [line.rpartition("\r")[2].rstrip() for line in plain(file.getvalue()).splitlines()]
    return [line for line in lines if line][-len({step.resource for step in steps}) :]


@pytest.mark.parametrize("width", [20, 24, 32, 40, 80])
@pytest.mark.parametrize("state", State)
def test_a_picture_of_bars_cuts_no_number(width: int, state: State) -> None:
    values = {"requests": 12, "bytes": 1, "seconds": 1.0, "remaining": 288, "quota_seconds": 1200.0}
    steps = [
        Progress("tickets", state, 123_456, 234_567, **values),  # type: ignore[arg-type]
        Progress("client_contract", state, 0, None, **values),  # type: ignore[arg-type]
    ]
    whole = {cell for line in picture(200, *steps) for cell in line.split() if cell[0].isdigit()}
    narrow = picture(width, *steps)
    assert all(cell_len(line) <= width for line in narrow)
    assert {cell for line in narrow for cell in line.split() if cell[0].isdigit()} <= whole


@given(st.integers(0, 60))
def test_a_note_leaves_out_whole_parts(room: int) -> None:
    said = Note("20:00 to go", "288 calls left", before="1,234/s").within(room)
    assert len(said) <= room
    assert said in (
        "1,234/s 20:00 to go 288 calls left",
        "20:00 to go 288 calls left",
        "1,234/s 20:00 to go",
        "20:00 to go",
        "1,234/s",
        "",
    )
