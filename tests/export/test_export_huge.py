"""Responses and rows of a size that nobody expects (F42)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from halo_async import ClientCredentials, Halo
from halo_async.emulator import Emulator
from halo_async.export import export
from halo_async.export.progress import State
from halo_async.tables.seen import scan
from tests.support.export_kit import only


async def test_f42_a_response_over_the_cap_fails_its_resource_alone_and_names_the_knob(
    halo_emulator: Emulator, tmp_path: Path
) -> None:
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    async with Halo(halo_emulator.url, credentials, rate_limit=None, max_bytes=60_000) as halo:
        tickets, client = (await export(halo, ["tickets", "client"], tmp_path)).resources
    assert (tickets.state, tickets.rows) == (State.FAILED, 0)
    assert tickets.error is not None
    assert "max_bytes" in tickets.error
    assert client.complete


async def test_f42_rows_of_3088_fields_keep_every_one(halo: Halo, tmp_path: Path) -> None:
    wide = {f"field_{number}": number for number in range(3088)}
    await halo.request("POST", "/Client", json=[{"name": "wide", **wide}])
    report = await export(halo, ["client"], tmp_path / "jsonl")
    rows = [json.loads(line) for line in (tmp_path / "jsonl" / "client.jsonl").read_bytes().splitlines()]
    (row,) = [row for row in rows if row["name"] == "wide"]
    assert {name: row[name] for name in wide} == wide
    assert report.complete
    assert len(scan((tmp_path / "jsonl" / "client.jsonl").read_bytes().splitlines(), {}).columns) > 3088


async def test_f42_a_list_of_exactly_50000_rows_is_doubted(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.export.reader.CUT", 25)
    item = only(await export(halo, ["client"], tmp_path))
    assert item.complete
    assert any("Received exactly 25 rows" in warning for warning in item.warnings)


@pytest.mark.halo(tickets=300)
async def test_a_row_that_is_nearly_a_page_is_one_line(halo: Halo, tmp_path: Path) -> None:
    await halo.tickets.update(5, details="x\n" * 500_000)
    await export(halo, ["tickets"], tmp_path / "jsonl")
    lines = (tmp_path / "jsonl" / "tickets.jsonl").read_bytes().splitlines()
    assert len(lines) == 300
    await export(halo, ["tickets"], tmp_path / "sqlite", format="sqlite")
    with closing(sqlite3.connect(tmp_path / "sqlite" / "halo.sqlite")) as database:
        (length,) = database.execute("SELECT length(details) FROM tickets WHERE id = 5").fetchone()
    assert length == 1_000_000
