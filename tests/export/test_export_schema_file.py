"""`<resource>.schema.json` beside JSON Lines: the columns of the rows, after every kind of run."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from halo_async.export import export
from halo_async.export.gathered_columns import GatheredColumns
from halo_async.export.sinks.jsonl import JsonlSink
from halo_async.tables.schema import TableSchema
from halo_async.tables.schema_files import schema_of_file
from halo_async.tables.schema_scan import SchemaScan
from tests.support.export_kit import needs, only

LATER = {"agentonlynote": 5, "a field of ours": 2**70}


def schema_in(folder: Path, name: str = "tickets") -> TableSchema:
    return TableSchema.from_json(json.loads((folder / f"{name}.schema.json").read_text("utf-8")))


def checked(folder: Path, file: str = "tickets.jsonl") -> TableSchema:
    """The schema beside a file, which is that of its rows."""
    written = schema_in(folder, file.partition(".")[0])
    place = folder / f"{file.partition('.')[0]}.schema.json"
    text = place.read_text("utf-8")
    place.unlink()
    made = schema_of_file(folder / file)
    place.write_text(text, "utf-8")
    known = {column.original: column for column in made.columns}
    assert {column.original for column in written.columns} == set(known)
    for column in written.columns:
        assert column.type.to_json() == known[column.original].type.to_json()
        assert (column.seen, column.nullable) == (
            known[column.original].seen,
            known[column.original].nullable,
        )
    return written


@pytest.mark.parametrize("format", ["jsonl", "jsonl.gz", "jsonl.zst"])
async def test_the_schema_of_the_rows_is_beside_them(halo, tmp_path, format):
    needs(format)
    report = await export(halo, ["tickets", "client"], tmp_path, format=format)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"tickets.{format}", f"client.{format}", "tickets.schema.json", "client.schema.json", "report.json"
    }  # fmt: skip
    schema = checked(tmp_path, f"tickets.{format}")
    types = {column.original: (str(column.type), column.nullable) for column in schema.columns}
    assert types["id"] == ("int64", False)
    assert types["dateoccurred"][0] == "timestamp[us, UTC]"
    assert schema.record == "TicketSummary"
    assert "schema.json" not in str(report)


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_columns_are_found_while_rows_are_gathered(halo, tmp_path, monkeypatch, concurrency):
    """Also those that only later pages have. A page that needs no more columns than those before is read once."""
    looked: list[int] = []
    look = SchemaScan._look_at_rows

    def counted(scan: SchemaScan, rows: Any) -> None:
        looked.append(len(rows))
        look(scan, rows)

    monkeypatch.setattr(SchemaScan, "_look_at_rows", counted)
    monkeypatch.setattr(JsonlSink, "_look_through", lambda *args: pytest.fail("the file is read again"))
    await halo.tickets.upsert([{"id": 700, "summary": "changed", **LATER}])
    report = await export(halo, ["tickets"], tmp_path, concurrency=concurrency)
    assert only(report).rows == 1000
    assert sum(looked) < 500
    monkeypatch.undo()
    schema = checked(tmp_path)
    types = {column.original: (str(column.type), column.nullable) for column in schema.columns}
    assert types["a field of ours"] == ("decimal(38, 0)", True)


async def test_a_list_that_is_started_again_has_the_columns_of_its_last_rows():
    """Rows of the first start are not in the file, nor are pages of it that were read as they were expected."""
    columns = GatheredColumns(partial(SchemaScan, {}))
    await columns.add([b'{"id":1,"x":"a"}'], None)
    reader = columns.reader
    assert reader is not None
    columns.clear()
    assert columns.reader is None
    await columns.add([b'{"id":2,"x":"b"}'], reader)
    await columns.add([b'{"id":3,"x":null}'], None)
    await columns.add([b'{"id":4,"x":"c"}'], columns.reader)
    assert columns.scan is not None
    assert {column.name: column.nullable for column in columns.scan.schema().columns} == {
        "id": False,
        "x": True,
    }
    columns.lose()
    await columns.add([b'{"id":5}'], None)
    assert (columns.scan, columns.reader) == (None, None)


@pytest.mark.parametrize("row", [b'{"id":"1"}', b'{"id":1.5}', b'{"id":null}', b'{"x":1}', b"7"])
def test_rows_without_integers_as_ids_have_no_reader(row):
    scan = SchemaScan({})
    scan.add([b'{"id":1}'])
    assert scan.reader is not None
    scan.add([row])
    assert scan.reader is None


async def test_a_list_without_rows_has_the_declared_columns(halo, tmp_path):
    await export(halo, ["tickets"], tmp_path, filters={"tickets": {"search": "no ticket has this"}})
    schema = schema_in(tmp_path)
    assert len(schema.columns) > 300
    assert not any(column.seen for column in schema.columns)


async def test_chosen_columns_alone_are_in_the_schema(halo, tmp_path):
    await export(halo, ["tickets"], tmp_path, columns=["summary", "dateoccurred"])
    assert [column.original for column in schema_in(tmp_path).columns] == ["summary", "dateoccurred"]


async def test_an_update_has_the_columns_of_old_and_new_rows(halo, tmp_path):
    await export(halo, ["tickets"], tmp_path)
    before = {column.original for column in checked(tmp_path).columns}
    await halo.tickets.upsert([{"id": 3, "summary": "changed", **LATER}])
    report = await export(halo, ["tickets"], tmp_path, since="last")
    assert only(report).rows == 1000
    schema = checked(tmp_path)
    assert before <= {column.original for column in schema.columns}


async def test_a_resumed_run_has_the_schema_of_all_rows(halo, tmp_path):

    def stop(step: Any) -> None:
        if step.rows >= 300:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        await export(halo, ["tickets"], tmp_path, on_progress=stop)
    assert not (tmp_path / "tickets.schema.json").exists()
    report = await export(halo, ["tickets"], tmp_path, resume=True)
    assert only(report).rows == 1000
    checked(tmp_path)


async def test_a_run_that_was_stopped_before_the_schema_writes_it(halo, tmp_path, monkeypatch):
    from halo_async.export.sinks import jsonl

    def full(*_: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(jsonl, "write_schema", full)
        report = await export(halo, ["tickets"], tmp_path)
    assert not report.complete
    assert (tmp_path / "tickets.jsonl").exists()
    assert (await export(halo, ["tickets"], tmp_path, resume=True)).complete
    checked(tmp_path)


async def test_the_schema_is_copied_to_an_address_and_kept_right(halo, tmp_path, monkeypatch):
    fsspec = pytest.importorskip("fsspec", reason="requires fsspec")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    address = "memory://bucket/schemafile"
    await export(halo, ["tickets"], address)
    store, path = fsspec.core.url_to_fs(address)
    first = json.loads(store.cat(f"{path}/tickets.schema.json"))
    store.pipe(f"{path}/tickets.schema.json", b"{}")
    await halo.tickets.upsert([{"id": 3, "summary": "changed"}])
    await export(halo, ["tickets"], address, since="last")
    assert json.loads(store.cat(f"{path}/tickets.schema.json")) == first
