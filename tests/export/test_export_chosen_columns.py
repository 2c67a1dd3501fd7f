"""Exports of chosen columns: those fields alone, in their order, as they came, in every format."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async import Halo
from halo_async.emulator import Emulator, Fault
from halo_async.errors import SettingsError
from halo_async.export import export
from halo_async.export.names import resolve_names
from halo_async.export.row_columns import cutter
from halo_async.export.spec import parse_spec
from halo_async.export.stream import stream
from tests.support.examples import examples
from tests.support.export_kit import FORMATS, asked, lines, needs, only, rows_of

pytestmark = pytest.mark.halo(tickets=150)
CHOSEN = ["summary", "id", "dateoccurred", "customfields"]


async def whole(halo: Halo, folder: Path) -> dict[int, dict[str, Any]]:
    await export(halo, ["tickets"], folder)
    return {row["id"]: row for row in lines(folder / "tickets.jsonl")}


@pytest.mark.parametrize("format", FORMATS)
async def test_a_file_has_the_chosen_columns_alone_in_their_order(
    halo: Halo, tmp_path: Path, format: str
) -> None:
    needs(format)
    every = await whole(halo, tmp_path / "all")
    out = tmp_path / "some"
    report = await export(halo, ["tickets"], out, format=format, columns={"tickets": ["summary", "id"]})
    found = rows_of(out, format)
    assert [list(row) for row in found] == [["summary", "id"]] * 150
    assert {row["id"]: row["summary"] for row in found} == {id: row["summary"] for id, row in every.items()}
    assert report.columns == {"tickets": ["summary", "id"]}
    assert only(report).distinct_ids == 150


async def test_lines_keep_the_values_as_they_came(halo: Halo, tmp_path: Path) -> None:
    every = await whole(halo, tmp_path / "all")
    await export(halo, "tickets", tmp_path / "some", columns=CHOSEN)
    for row in lines(tmp_path / "some" / "tickets.jsonl"):
        wanted = every[row["id"]]
        assert row == {name: wanted[name] for name in CHOSEN if name in wanted}


@pytest.mark.parametrize("format", ["jsonl", "parquet", "sqlite"])
async def test_a_file_without_ids_is_as_whole_and_is_exported_anew_each_time(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, format: str
) -> None:
    needs(format)
    await export(halo, ["tickets"], tmp_path, format=format, columns={"tickets": ["summary"]})
    found = rows_of(tmp_path, format)
    assert [list(row) for row in found] == [["summary"]] * 150
    await halo.tickets.update(7, summary="changed")
    report = await export(halo, [], tmp_path, since="last")
    assert only(report).warnings == (
        "The columns do not include those by which changes are merged, such as id. It was exported whole.",
    )
    assert {"summary": "changed"} in rows_of(tmp_path, format)
    assert len(rows_of(tmp_path, format)) == 150


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet", "duckdb", "sqlite"])
async def test_changes_are_merged_into_the_same_columns(halo: Halo, tmp_path: Path, format: str) -> None:
    needs(format)
    await export(halo, ["tickets"], tmp_path, format=format, columns={"tickets": ["id", "summary"]})
    await halo.tickets.update(7, summary="changed")
    report = await export(halo, [], tmp_path, since="last")
    rows = rows_of(tmp_path, format)
    assert {tuple(row) for row in rows} == {("id", "summary")}
    assert (len(rows), only(report).changed) == (150, 1)
    assert {"id": 7, "summary": "changed"} in rows
    with pytest.raises(SettingsError, match="contains tickets with other columns"):
        await export(halo, [], tmp_path, since="last", columns={"tickets": ["id"]})


async def test_children_are_cut_too_and_asked_for_by_changed_parents_if_they_name_them(
    halo: Halo, tmp_path: Path
) -> None:
    columns = {"actions": ["ticket_id", "id", "outcome"]}
    await export(halo, ["actions"], tmp_path, columns=columns)
    await halo.actions.create(ticket_id=7, outcome="one more")
    report = await export(halo, [], tmp_path, since="last")
    assert report.resources[1].parents == 1
    rows = lines(tmp_path / "actions.jsonl")
    assert {tuple(row) for row in rows} <= {("ticket_id", "id", "outcome"), ("ticket_id", "id")}
    assert [row["ticket_id"] for row in rows if row.get("outcome") == "one more"] == [7]


@pytest.mark.halo(tickets=300, faults=[Fault("F33", "GET /ClientContract", "no_search")])
async def test_an_export_of_some_columns_that_was_stopped_is_resumed(halo: Halo, tmp_path: Path) -> None:
    def stop(step: object) -> None:
        if getattr(step, "rows", 0) >= 100:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await export(halo, ["tickets"], tmp_path, columns={"tickets": ["summary"]}, on_progress=stop)
    with pytest.raises(SettingsError, match="the columns changed"):
        await export(halo, ["tickets"], tmp_path, columns={"tickets": ["id"]}, resume=True)
    report = await export(halo, [], tmp_path, resume=True)
    assert only(report).rows == 300
    assert [list(row) for row in lines(tmp_path / "tickets.jsonl")] == [["summary"]] * 300
    again = await export(halo, ["tickets"], tmp_path, columns={"tickets": ["summary"]}, resume=True)
    assert again.complete


async def test_standard_output_has_the_chosen_columns(halo: Halo) -> None:
    found = parse_spec(["tickets"], None, columns=["summary"])
    out = io.BytesIO()
    await stream(halo, found.operations[0], found.options, out)
    assert [list(json.loads(line)) for line in out.getvalue().splitlines()] == [["summary"]] * 150


@pytest.mark.parametrize(
    ("resources", "columns", "sentence"),
    [
        (["tickets"], {"tickets": ["sumary"]}, "tickets has no column 'sumary'. Did you mean 'summary'?"),
        (["tickets"], {"tickets": ["Summary"]}, "Did you mean 'summary'"),
        (["tickets"], {"tickets": ["qqqqqq"]}, "All columns are fields of models.TicketSummary"),
        (["tickets"], {"tickets": []}, "No column of tickets is named"),
        (["tickets"], {"client": ["id"]}, "which is not exported"),
        (["tickets", "client"], ["id"], "Name the resource of the columns"),
        (["tickets"], {"tickets": ["id"], "Ticket": ["id"]}, "is another name of 'tickets'"),
        (["tickets"], {"tickets": 5}, "columns must be a list of names"),
    ],
)
async def test_columns_that_cannot_be_are_refused_before_any_request(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, resources: list[str], columns: Any, sentence: str
) -> None:
    with pytest.raises(SettingsError) as error:
        await export(halo, resources, tmp_path, columns=columns)
    assert sentence in str(error.value)
    assert asked(halo_emulator, "GET /Tickets") == 0


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["id", "a", "b", 'q"', "\\", "ü", ""])


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.dictionaries(NAMES, VALUES, max_size=5), max_size=4),
    st.lists(NAMES, min_size=1, max_size=4, unique=True),
    st.booleans(),
)
def test_a_cut_row_has_the_chosen_fields_in_their_order(
    rows: list[dict[str, Any]], names: list[str], ascii: bool
) -> None:
    cut = cutter(tuple(names))([json.dumps(row, ensure_ascii=ascii).encode() for row in rows])
    wanted = [{name: row[name] for name in names if name in row} for row in rows]
    assert [list(json.loads(row).items()) for row in cut] == [list(row.items()) for row in wanted]


def test_a_cut_row_keeps_numbers_and_what_is_not_an_object() -> None:
    rows = [b'{"id":123456789012345678901234567890,"a":1.10e400,"b":"\\ud800"}', b"[1]", b"7"]
    assert cutter(("a", "id"))(rows) == [b'{"a":1.10e400,"id":123456789012345678901234567890}', b"[1]", b"7"]


def test_a_list_of_no_known_record_takes_any_column() -> None:
    assert resolve_names(["feed"])
    assert parse_spec(["feed"], None, columns=["whatever"]).options.columns == {"feed": ("whatever",)}
