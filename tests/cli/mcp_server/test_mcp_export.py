"""`export_rows`: a new file in one folder, whole or not there."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async import Halo
from halo_async.cli.mcp_server.exporting import ExportCall, _file_name
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.emulator import Emulator
from tests.support.mcp_kit import assistant, files_in

OPEN = {"operation": "tickets.list", "name": "tickets"}


@pytest.mark.halo(tickets=230)
async def test_all_rows_are_in_the_file_and_the_first_are_shown(halo: Halo, tmp_path: Path) -> None:
    async with assistant(halo, export_folder=tmp_path) as use:
        used = await use("export_rows", **OPEN, fields=["id", "summary"])
    path = Path(used.result["file"])
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert path == tmp_path / "tickets.jsonl"
    assert sorted(row["id"] for row in rows) == list(range(1, 231))
    assert (used.result["rows"], used.result["bytes"]) == (230, path.stat().st_size)
    assert used.data == rows[:5]
    assert files_in(tmp_path) == ["tickets.jsonl"]


@pytest.mark.halo(tickets=120)
async def test_csv_has_a_column_for_each_field_of_any_row(halo: Halo, tmp_path: Path) -> None:
    await halo.tickets.update(7, summary='Quotes " and\nlines')
    async with assistant(halo, export_folder=tmp_path) as use:
        await use("export_rows", **OPEN, format="csv")
    with (tmp_path / "tickets.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert len(rows) == 120
    assert rows["7"]["summary"] == 'Quotes " and\nlines'
    assert rows["7"]["hasbeenclosed"] in ("true", "false")
    assert files_in(tmp_path) == ["tickets.csv"]


@pytest.mark.halo(tickets=3)
async def test_a_lone_carriage_return_ends_no_row_of_csv(halo: Halo, tmp_path: Path) -> None:
    await halo.tickets.update(2, summary="one\rtwo")
    async with assistant(halo, export_folder=tmp_path) as use:
        await use("export_rows", **OPEN, format="csv", fields=["id", "summary"])
    assert b'2,"one\rtwo"\n' in (tmp_path / "tickets.csv").read_bytes()


async def test_a_query_is_exported_and_the_limit_kept(halo: Halo, tmp_path: Path) -> None:
    async with assistant(halo, export_folder=tmp_path) as use:
        used = await use("export_rows", name="q", query="SELECT faultid FROM faults", limit=7)
        assert used.result["rows"] == 7
        refused = (await use("export_rows", name="r", query="DELETE FROM faults")).refusal
    assert refused.startswith("The query must be a single SELECT")
    assert files_in(tmp_path) == ["q.jsonl"]


async def test_no_file_is_replaced_and_no_link_followed(halo: Halo, tmp_path: Path) -> None:
    folder, outside = tmp_path / "exports", tmp_path / "outside"
    folder.mkdir()
    (folder / "tickets.jsonl").write_text("mine")
    (folder / "link.jsonl").symlink_to(outside)
    async with assistant(halo, export_folder=folder) as use:
        for name in ("tickets", "link"):
            refused = (await use("export_rows", **{**OPEN, "name": name}, limit=1)).refusal
            assert refused == f"{name}.jsonl exists, and files are not replaced. Give another name."
    assert (folder / "tickets.jsonl").read_text() == "mine"
    assert not outside.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "a/b",
        "..",
        ".hidden",
        "a\\b",
        "C:x",
        "nul",
        "com1.x",
        "",
        "x" * 101,
        "a\0b",
        "ü",
        "a.",
    ],
)
async def test_a_name_that_is_not_plain_is_refused(halo: Halo, tmp_path: Path, name: str) -> None:
    async with assistant(halo, export_folder=tmp_path) as use:
        refused = (await use("export_rows", **{**OPEN, "name": name}, limit=1)).refusal
    assert refused.startswith("`name` must be a plain file name")
    assert files_in(tmp_path) == []


@given(st.text(alphabet="ab./\\:~-_ \0%", max_size=12))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    wanted = ExportCall(name, "tickets.list", None, {}, (), "jsonl", None, 500)
    try:
        found = _file_name(wanted)
    except RefusedError:
        return
    folder = Path("/exports")
    assert (folder / found).resolve().parent == folder


@pytest.mark.halo(tickets=230, faults=["F10:GET /Tickets:after=1"])
async def test_a_list_that_ends_early_leaves_no_file(halo: Halo, tmp_path: Path) -> None:
    async with assistant(halo.with_options(retry="never"), export_folder=tmp_path) as use:
        used = await use("export_rows", **OPEN)
    assert used.refused
    assert files_in(tmp_path) == []


async def test_what_cannot_be_exported_is_refused(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    async with assistant(halo) as use:
        refused = (await use("export_rows", **OPEN)).refusal
        assert refused.endswith("`halo-async mcp --export-folder FOLDER` permits it.")
    async with assistant(halo, export_folder=tmp_path, allow_writes=True) as use:
        for operation, sentence in (
            ("tickets.get", "tickets.get gives no rows. Name an operation that ends in .list."),
            ("tickets.upsert", "tickets.upsert gives no rows."),
        ):
            assert (await use("export_rows", name="x", operation=operation)).refusal.startswith(sentence)
        changing = {"operation": "notifications.list", "arguments": {"update_shown": True}}
        assert "an export only reads" in (await use("export_rows", name="x", **changing)).refusal
    assert halo_emulator.requests("GET /Notifications") == []
