"""`since="last"` in every format: one row an id, changed columns included."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_async import Halo
from halo_async._utils.lenient import made_up
from halo_async.emulator import Emulator
from halo_async.export import export
from halo_async.export.sinks import ExportSink
from halo_async.export.sinks.jsonl import JsonlSink
from tests.support.export_kit import FORMATS, asked, needs, only
from tests.support.export_kit import rows_of as rows

TABLES = FORMATS[3:]


@pytest.mark.parametrize("format", FORMATS)
async def test_changes_go_in_and_deleted_rows_out(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, format: str
) -> None:
    needs(format)
    await export(halo, ["tickets", "agent"], tmp_path, format=format)
    before = {row["id"]: row for row in rows(tmp_path, format)}
    await halo.tickets.update(7, summary='changed, "quoted"\nand on two lines')
    new = await halo.tickets.create({"summary": "new", "tickettype_id": 1})
    await halo.tickets.delete(9)
    halo_emulator.requests.clear()
    item = (await export(halo, [], tmp_path, since="last")).resources[0]
    found = rows(tmp_path, format)
    after = {row["id"]: row for row in found}
    assert len(found) == len(after) == item.rows == 1000
    assert after[7]["summary"] == 'changed, "quoted"\nand on two lines'
    assert new.id in after
    assert 9 not in after
    assert (item.deleted, item.complete) == (1, True)
    assert item.changed is not None
    # Nothing else has changed, in no cell; the emulator's own clock may have touched what was asked for again.
    untouched = {id: row for id, row in after.items() if id not in (7, 9, new.id)}
    assert len(untouched) == 998
    assert all(before[id]["summary"] == row["summary"] for id, row in untouched.items())
    assert asked(halo_emulator) <= 6
    assert (
        sorted(path.name for path in tmp_path.iterdir() if path.name[0] == "." or ".part" in path.name) == []
    )


@pytest.mark.parametrize("format", TABLES)
async def test_columns_that_come_or_widen_with_the_changes_lose_no_value(
    halo: Halo, tmp_path: Path, format: str
) -> None:
    needs(format)
    await halo.request("POST", "/Tickets", json=[{"id": 8, "drift_number": 5, "drift_flag": True}])
    await export(halo, ["tickets"], tmp_path, format=format)
    before = {row["id"]: row for row in rows(tmp_path, format)}
    odd = {
        "drift_number": "high",
        "drift_flag": "maybe",
        "drift_new": {"a": [1]},
        "Summary": "in another case",
    }
    await halo.request("POST", "/Tickets", json=[{"id": 7, **odd}])
    await halo.request("POST", "/Tickets", json=[{"id": 9, "drift_number": 2.5}])
    item = only(await export(halo, [], tmp_path, since="last"))
    after = {row["id"]: row for row in rows(tmp_path, format)}
    assert (after[7]["drift_number"], after[8]["drift_number"], after[9]["drift_number"]) == (
        "high",
        "5",
        "2.5",
    )
    assert (after[7]["drift_flag"], after[8]["drift_flag"]) == ("maybe", "true")
    assert after[7]["drift_new"] == ({"a": [1]} if format in ("parquet", "duckdb") else '{"a":[1]}')
    label = made_up("Summary")
    assert after[7][label] == "in another case"
    assert after[7]["summary"] == before[7]["summary"]
    if format != "csv":
        assert {
            "drift_number: int64 -> text (row 7: a string)",
            "drift_flag: bool -> text (row 7: a string)",
        } <= set(item.columns_widened)
    # And once more, with the columns as they are now.
    await halo.request("POST", "/Tickets", json=[{"id": 8, "Summary": "again"}])
    again = only(await export(halo, [], tmp_path, since="last"))
    assert {row["id"]: row for row in rows(tmp_path, format)}[8][label] == "again"
    assert again.columns == item.columns


@pytest.mark.parametrize("format", ["csv", "sqlite", "parquet"])
async def test_children_are_asked_for_by_all_rows_of_the_table(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, format: str
) -> None:
    needs(format)
    halo_emulator.reset(tickets=30)
    await export(halo, ["actions"], tmp_path, format=format)
    await halo.tickets.update(7, summary="changed")
    halo_emulator.requests.clear()
    report = await export(halo, [], tmp_path, since="last", all_parents=True)
    assert report.complete
    assert asked(halo_emulator, "GET /Actions") == 30 + 2


@pytest.mark.parametrize("format", ["csv", "sqlite"])
async def test_a_merge_that_was_stopped_after_it_is_done_again_and_does_no_harm(
    halo: Halo, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await export(halo, ["tickets"], tmp_path, format=format)
    await halo.tickets.update(7, summary="changed")

    def stop(*_: object) -> None:
        raise RuntimeError("stop")

    monkeypatch.setattr("halo_async.export.ledger.ExportLedger.done", stop)
    assert not (await export(halo, [], tmp_path, since="last")).complete
    monkeypatch.undo()
    resumed = only(await export(halo, [], tmp_path, resume=True))
    found = {row["id"]: row for row in rows(tmp_path, format)}
    assert (resumed.complete, resumed.rows, len(found), found[7]["summary"]) == (True, 1000, 1000, "changed")


@pytest.mark.parametrize("format", FORMATS)
async def test_what_was_thrown_away_comes_whole(halo: Halo, tmp_path: Path, format: str) -> None:
    needs(format)
    await export(halo, ["tickets", "client"], tmp_path, format=format)
    for path in tmp_path.iterdir():
        if path.name.startswith(("tickets.", "halo.")):
            path.unlink()
    report = await export(halo, [], tmp_path, since="last")
    assert report.complete
    assert (report.resources[0].rows, report.resources[0].since) == (1000, None)
    assert len(rows(tmp_path, format)) == 1000
    assert len(rows(tmp_path, format, "client")) == 25


async def test_an_empty_table_takes_its_first_rows(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    halo_emulator.reset(tickets=0)
    for format in ("csv", "sqlite"):
        await export(halo, ["tickets"], tmp_path / format, format=format)
    await halo.tickets.create({"summary": "first", "tickettype_id": 1})
    for format in ("csv", "sqlite"):
        assert only(await export(halo, [], tmp_path / format, since="last")).rows == 1
        assert rows(tmp_path / format, format)[0]["summary"] == "first"


def test_rows_without_ids_are_all_kept(tmp_path: Path) -> None:
    from threading import Event

    from halo_async.export.merge import _merge
    from halo_async.export.names import resolve_names
    from halo_async.export.sinks import SinkInput
    from halo_async.export.spool import codec

    sink: ExportSink = JsonlSink(codec(""))
    (tmp_path / "tickets.jsonl").write_bytes(b'{"a":1}\n{"id":1}\n{"id":"x"}\n{"id":1152921504606846977}\n')
    spool = tmp_path / "tickets.jsonl.part"
    spool.write_bytes(b'{"a":2}\n{"a":3}\n{"id":"x","b":1}\n{"id":"x","b":2}\n{"id":null}\n')
    material = SinkInput("tickets", tmp_path, spool, codec(""), resolve_names(["tickets"])[0], (), Event())
    merged, _ = _merge(sink, material, [1, 1152921504606846977])
    assert merged.deleted == 2
    assert (tmp_path / "tickets.jsonl").read_bytes().splitlines() == [
        b'{"a":1}',
        b'{"a":2}',
        b'{"a":3}',
        b'{"id":"x","b":2}',
        b'{"id":null}',
    ]


def test_a_row_that_was_deleted_and_restored_stays(tmp_path: Path) -> None:
    from threading import Event

    from halo_async.export.merge import _merge
    from halo_async.export.names import resolve_names
    from halo_async.export.sinks import SinkInput
    from halo_async.export.spool import codec

    sink: ExportSink = JsonlSink(codec(""))
    (tmp_path / "tickets.jsonl").write_bytes(b'{"id":1}\n{"id":2}\n')
    spool = tmp_path / "tickets.jsonl.part"
    spool.write_bytes(
        b'{"id":2,"restored":true}\n'
    )  # changed since, and in the list of the deleted as it was before
    material = SinkInput("tickets", tmp_path, spool, codec(""), resolve_names(["tickets"])[0], (), Event())
    merged, _ = _merge(sink, material, [1, 2])
    assert (merged.rows, merged.deleted) == (1, 1)
    assert (tmp_path / "tickets.jsonl").read_bytes() == b'{"id":2,"restored":true}\n'
