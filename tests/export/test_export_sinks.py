"""The formats, each read back and compared with the rows as they came."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator, Fault
from halo_async.errors import SettingsError
from halo_async.export import export
from halo_async.export.sinks import sqlite
from tests.support.export_kit import lines, needs, only
from tests.support.export_kit import rows_of as found
from tests.support.read_back import all_said, says

csv.field_size_limit(2**30)


@pytest.fixture
async def truth(halo: Halo, tmp_path: Path) -> list[dict[str, Any]]:
    """The tickets in JSON Lines."""
    await export(halo, ["tickets"], tmp_path / "truth")
    return sorted(lines(tmp_path / "truth" / "tickets.jsonl"), key=lambda row: row["id"])


async def test_jsonl_gz_is_one_gzip_file(halo: Halo, tmp_path: Path, truth: list[Any]) -> None:
    await export(halo, ["tickets"], tmp_path / "out", format="jsonl.gz")
    data = gzip.decompress((tmp_path / "out" / "tickets.jsonl.gz").read_bytes())
    assert data == (tmp_path / "truth" / "tickets.jsonl").read_bytes()


async def test_jsonl_zst_is_read_by_any_reader_of_frames(
    halo: Halo, tmp_path: Path, truth: list[Any]
) -> None:
    zstandard = pytest.importorskip("zstandard", reason="requires zstandard")
    await export(halo, ["tickets"], tmp_path / "out", format="jsonl.zst")
    with (tmp_path / "out" / "tickets.jsonl.zst").open("rb") as file:
        data = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    assert data == (tmp_path / "truth" / "tickets.jsonl").read_bytes()


async def test_csv_has_every_value_and_only_columns_that_some_row_has(
    halo: Halo, tmp_path: Path, truth: list[dict[str, Any]]
) -> None:
    item = only(await export(halo, ["tickets"], tmp_path / "out", format="csv"))
    with (tmp_path / "out" / "tickets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert item.columns == len(rows[0]) == len({name for row in truth for name in row})
    assert all_said([{**row, "id": int(row["id"])} for row in rows], truth)
    assert {row["dateoccurred"][-8:] for row in rows} >= {".000000Z"}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.json", "tickets.csv"]


async def test_sqlite_has_a_table_a_resource(halo: Halo, tmp_path: Path, truth: list[dict[str, Any]]) -> None:
    report = await export(halo, ["tickets", "client"], tmp_path / "out", format="sqlite")
    assert {item.file for item in report.resources} == {"halo.sqlite"}
    with closing(sqlite3.connect(tmp_path / "out" / "halo.sqlite")) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute("SELECT * FROM tickets")]
        (clients,) = database.execute("SELECT count(*) FROM client").fetchone()
    assert all_said(rows, truth)
    assert clients == 25


async def test_parquet_has_every_value(halo: Halo, tmp_path: Path, truth: list[dict[str, Any]]) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    item = only(await export(halo, ["tickets"], tmp_path / "out", format="parquet"))
    table = pq.read_table(tmp_path / "out" / "tickets.parquet")
    assert all_said(table.to_pylist(), truth)
    assert str(table.schema.field("dateoccurred").type) == "timestamp[us, tz=UTC]"
    assert (table.num_rows, table.num_columns) == (1000, item.columns)
    assert set(item.columns_added) == {"lastincomingemaildate"} | set(item.columns_added)


async def test_duckdb_has_every_value(halo: Halo, tmp_path: Path, truth: list[dict[str, Any]]) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    pytest.importorskip("pyarrow", reason="needs pyarrow")
    await export(halo, ["tickets", "client"], tmp_path / "out", format="duckdb")
    with duckdb.connect(str(tmp_path / "out" / "halo.duckdb"), read_only=True) as database:
        found = database.execute("SELECT * FROM tickets")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert all_said(rows, truth)


@pytest.mark.parametrize("format", ["csv", "sqlite", "parquet", "duckdb"])
@pytest.mark.halo(faults=[Fault("F56", "GET /Tickets", "drift", after=5)])
async def test_f56_columns_that_change_midway_lose_no_value(halo: Halo, tmp_path: Path, format: str) -> None:
    needs(format)
    item = only(await export(halo, ["tickets"], tmp_path / "out", format=format))
    assert "drift_new_column" in item.columns_added
    summaries = column(tmp_path / "out", format, "summary")
    assert len(summaries) == 1000
    assert 0 < summaries.count("5") < 1000
    assert column(tmp_path / "out", format, "drift_new_column").count("x") == summaries.count("5")


def column(folder: Path, format: str, name: str) -> list[Any]:
    if format == "csv":
        with (folder / "tickets.csv").open(encoding="utf-8", newline="") as file:
            return [row[name] for row in csv.DictReader(file)]
    if format == "sqlite":
        with closing(sqlite3.connect(folder / "halo.sqlite")) as database:
            return [value for (value,) in database.execute(f"SELECT {name} FROM tickets")]
    if format == "parquet":
        import pyarrow.parquet as pq

        values: list[Any] = pq.read_table(folder / "tickets.parquet")[name].to_pylist()
        return values
    import duckdb

    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        return [value for (value,) in database.execute(f"SELECT {name} FROM tickets").fetchall()]


@pytest.mark.parametrize("format", ["csv", "sqlite", "parquet", "duckdb"])
async def test_custom_fields_get_columns_when_asked_for(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, format: str
) -> None:
    needs(format)
    await halo.tickets.update(5, customfields=[{"id": 1, "name": "CFfloor", "value": "third"}])
    await export(halo, ["tickets"], tmp_path, format=format, flatten=["customfields"])
    assert [row["id"] for row in found(tmp_path, format) if row.get("customfields.CFfloor") == "third"] == [5]
    await halo.tickets.update(6, customfields=[{"id": 1, "name": "CFfloor", "value": "fourth"}])
    await export(halo, [], tmp_path, since="last")
    assert [row["id"] for row in found(tmp_path, format) if row.get("customfields.CFfloor") == "fourth"] == [
        6
    ]


@pytest.mark.halo(tickets=0)
@pytest.mark.parametrize("format", ["csv", "sqlite", "parquet", "duckdb"])
async def test_an_empty_list_is_an_empty_table(halo: Halo, tmp_path: Path, format: str) -> None:
    needs(format)
    item = only(await export(halo, ["tickets"], tmp_path, format=format))
    assert (item.complete, item.rows) == (True, 0)
    if format != "csv":
        assert column(tmp_path, format, "summary") == []


@pytest.mark.parametrize("most", [5, 20])
async def test_what_is_too_much_for_sqlites_columns_is_in_the_last_one_and_the_report_says_so(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(sqlite, "MOST", most)
    await export(halo, ["client"], tmp_path / "truth")
    truth = {row["id"]: row for row in lines(tmp_path / "truth" / "client.jsonl")}
    for since in (None, "last"):
        item = only(await export(halo, ["client"], tmp_path / "out", format="sqlite", since=since))
        assert (item.complete, item.rows, item.columns) == (True, len(truth), most)
        assert since or any("other_fields" in text for text in item.warnings)
        for row in found(tmp_path / "out", "sqlite", "client"):
            rest = json.loads(row.pop("other_fields", "{}"))
            want = {name: value for name, value in truth[row["id"]].items() if value is not None}
            assert want.keys() - {name for name, value in want.items() if value == ""} <= {*row, *rest}
            assert {name: want[name] for name in rest} == rest
            assert all(says(row[name], want[name]) for name in row)


async def test_sqlite_counts_only_columns_that_have_values(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await export(halo, ["client"], tmp_path)
    valued = {name for row in lines(tmp_path / "client.jsonl") for name in row if row[name] is not None}
    monkeypatch.setattr(sqlite, "MOST", len(valued) + 1)  # fewer than the document has, enough for these
    item = only(await export(halo, ["client"], tmp_path / "out", format="sqlite"))
    assert (item.complete, item.columns) == (True, len(valued))
    assert not any("other_fields" in text for text in item.warnings)
    assert all(row.keys() <= valued for row in found(tmp_path / "out", "sqlite", "client"))


@pytest.mark.parametrize(
    ("format", "module", "extra"),
    [("parquet", "pyarrow", "parquet"), ("duckdb", "duckdb", "duckdb"), ("jsonl.zst", "zstandard", "zstd")],
)
async def test_a_missing_extra_is_one_sentence(
    halo: Halo, tmp_path: Path, format: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("parquet_file", "parquet", "duckdb"):
        monkeypatch.delitem(sys.modules, f"halo_async.export.sinks.{name}", raising=False)
    for name in [module, *(name for name in sys.modules if name.startswith(f"{module}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingsError, match=rf'{module}. Run pip install "halo-async\[{extra}\]"'):
        await export(halo, ["client"], tmp_path / "out", format=format)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("format", "sentence"), [("xlsx", r"Use one of jsonl, jsonl\.gz"), ("parqet", "Did you mean 'parquet'")]
)
async def test_an_unknown_format_is_refused(halo: Halo, tmp_path: Path, format: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await export(halo, ["client"], tmp_path, format=format)


def test_the_engine_loads_no_optional_package() -> None:
    optional = "('pyarrow', 'duckdb', 'zstandard', 'fsspec', 'sqlite3')"
    code = f"import sys, halo_async.export.engine; print([n for n in {optional} if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"
