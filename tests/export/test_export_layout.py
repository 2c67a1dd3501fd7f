"""Parquet in folders: every reader finds the same rows, and so does whoever updates, resumes or kills the export."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from halo_async.emulator.thread import in_thread
from halo_async.errors import SettingsError
from halo_async.export import export
from halo_async.export.layout import Layout
from tests.support.export_kit import asked, needs, only
from tests.support.killed_jobs import job_server

pa: Any = pytest.importorskip("pyarrow", reason="needs pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
pytestmark = pytest.mark.halo(tickets=150)
KILLS = int(os.environ.get("HALO_EXPORT_KILLS", "2"))
MONTHS = "month:dateoccurred"
SOME = {"tickets": ["id", "summary", "dateoccurred", "dateclosed", "status_id"]}
"""A file of all 359 columns takes its time, and there are many."""
COLUMNS = f"columns={','.join(SOME['tickets'])}"


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def rows_of_files(folder: Path) -> list[dict[str, Any]]:
    """The rows of all files as they are in them, by id."""
    found = [row for path in files(folder) for row in pq.ParquetFile(path).read().to_pylist()]
    return sorted(found, key=lambda row: row["id"])


def by_duckdb(folder: Path, key: str) -> list[dict[str, Any]]:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    found = duckdb.sql(f"SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    return list(found.to_arrow_table().to_pylist())


def by_polars(folder: Path, key: str) -> list[dict[str, Any]]:
    polars: Any = pytest.importorskip("polars", reason="needs polars")
    return list(polars.scan_parquet(folder, hive_partitioning=True).collect().to_dicts())


def by_pyarrow(folder: Path, key: str) -> list[dict[str, Any]]:
    import pyarrow.dataset as ds

    found: list[dict[str, Any]] = ds.dataset(folder, partitioning="hive").to_table().to_pylist()
    return found


@pytest.mark.parametrize("read", [by_duckdb, by_polars, by_pyarrow])
@pytest.mark.parametrize(
    ("by", "key", "columns"),
    [
        ("year:dateoccurred", "year", None),
        (MONTHS, "month", SOME),
        ("day:dateoccurred", "day", SOME),
        ("status_id", "by_status_id", SOME),
    ],
)
async def test_readers_find_in_the_folder_what_one_file_has(
    halo: Halo, tmp_path: Path, read: Any, by: str, key: str, columns: Any
) -> None:
    await export(halo, ["tickets"], tmp_path / "one", format="parquet", columns=columns)
    wanted = pq.read_table(tmp_path / "one" / "tickets.parquet").to_pylist()
    out = tmp_path / "some"
    report = await export(halo, ["tickets"], out, format="parquet", partition_by=by, columns=columns)
    assert only(report).file == "tickets"
    found = read(out / "tickets", key)
    assert all(key in row for row in found)
    for row in found:
        value = row.pop(key)
        length = {"year": 4, "month": 7, "day": 10}.get(key)
        assert str(value) == str(row["dateoccurred" if length else by])[:length]
    assert sorted(found, key=lambda row: row["id"]) == sorted(wanted, key=lambda row: row["id"])
    assert sorted(path.name for path in out.iterdir()) == ["report.json", "tickets"]


async def test_rows_are_sorted_by_id_within_a_file_and_engines_are_told(halo: Halo, tmp_path: Path) -> None:
    await export(
        halo, ["tickets"], tmp_path, format="parquet", partition_by=MONTHS, rows_per_file=4, columns=SOME
    )
    found = files(tmp_path / "tickets")
    assert len(found) > 37
    for path in found:
        file = pq.ParquetFile(path)
        ids = file.read()["id"].to_pylist()
        assert 1 <= len(ids) <= 4
        assert ids == sorted(ids)
        group = file.metadata.row_group(0)
        column = group.column(file.schema_arrow.names.index("id"))
        assert (column.statistics.min, column.statistics.max) == (ids[0], ids[-1])
        assert [item.column_index for item in group.sorting_columns] == [file.schema_arrow.names.index("id")]
    assert [row["id"] for row in rows_of_files(tmp_path / "tickets")] == list(range(1, 151))


async def test_a_folder_of_files_of_so_many_rows(halo: Halo, tmp_path: Path) -> None:
    await export(halo, ["tickets"], tmp_path, format="parquet", rows_per_file=60, columns=SOME)
    found = files(tmp_path / "tickets")
    assert [path.name for path in found] == ["part-0.parquet", "part-1.parquet", "part-2.parquet"]
    assert [pq.read_metadata(path).num_rows for path in found] == [60, 60, 30]


async def test_a_row_that_moves_to_another_partition_leaves_no_copy(halo: Halo, tmp_path: Path) -> None:
    options: dict[str, Any] = {"format": "parquet", "partition_by": MONTHS, "columns": SOME}
    await export(halo, ["tickets", "client"], tmp_path, **options)
    before = {path.parent.name for path in files(tmp_path / "tickets")}
    assert (tmp_path / "client.parquet").is_file()  # it has no such field
    await halo.tickets.update(7, dateoccurred="1999-05-06T07:08:09")
    await halo.tickets.delete(9)
    report = await export(halo, [], tmp_path, since="last")
    rows = rows_of_files(tmp_path / "tickets")
    assert [row["id"] for row in rows] == [id for id in range(1, 151) if id != 9]
    (moved,) = files(tmp_path / "tickets" / "month=1999-05")
    assert pq.ParquetFile(moved).read()["id"].to_pylist() == [7]
    assert {path.parent.name for path in files(tmp_path / "tickets")} <= before | {"month=1999-05"}
    assert (report.resources[0].rows, report.resources[0].deleted) == (149, 1)
    with pytest.raises(SettingsError, match="in another layout"):
        await export(halo, [], tmp_path, since="last", partition_by="day:dateoccurred")


@pytest.mark.halo(tickets=40)
async def test_children_by_parent_are_divided_too(halo: Halo, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "partition_by": {"actions": "year:datetime"},
        "columns": {"actions": ["id", "ticket_id", "datetime", "note"], **SOME},
    }
    await export(halo, ["actions"], tmp_path, format="parquet", **options)
    await halo.actions.create(ticket_id=7, note="one more", datetime="1999-05-06T07:08:09")
    report = await export(halo, [], tmp_path, since="last")
    rows = [row for path in files(tmp_path / "actions") for row in pq.ParquetFile(path).read().to_pylist()]
    assert report.resources[1].parents == 1
    assert len({(row["ticket_id"], row["id"]) for row in rows}) == len(rows) == report.resources[1].rows
    assert (tmp_path / "actions" / "year=1999").is_dir()


async def test_no_value_an_empty_list_and_a_name_that_is_taken(halo: Halo, tmp_path: Path) -> None:
    nobody = {"tickets": {"client_id": 987654}}
    options: dict[str, Any] = {"format": "parquet", "columns": SOME}
    await export(halo, ["tickets"], tmp_path / "no", partition_by=MONTHS, filters=nobody, **options)
    (empty,) = files(tmp_path / "no" / "tickets" / "month=__HIVE_DEFAULT_PARTITION__")
    assert pq.read_metadata(empty).num_rows == 0
    await halo.tickets.update(7, dateclosed=None)
    await export(halo, ["tickets"], tmp_path / "null", partition_by="year:dateclosed", **options)
    (nulls,) = files(tmp_path / "null" / "tickets" / "year=__HIVE_DEFAULT_PARTITION__")
    assert set(pq.ParquetFile(nulls).read()["dateclosed"].to_pylist()) == {None}


def divided(folder: Path, rows: list[dict[str, Any]], layout: Layout) -> list[Path]:
    from halo_async.export.sinks.partitions import Division

    source = folder / "source.parquet"
    pq.write_table(pa.Table.from_pylist(rows), source, row_group_size=97)
    (folder / "out").mkdir()
    return Division(source, layout).write(folder / "out", lambda: None)


@pytest.mark.parametrize("held", [1, 20_000, 48_000_000])
def test_rows_that_find_no_room_wait_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr("halo_async.export.sinks.partitions.HELD", held)
    monkeypatch.setattr("halo_async.export.sinks.partitions.READ", 50)
    monkeypatch.setattr("halo_async.export.sinks.partitions.GROUP", 30)
    dice = random.Random(3)
    rows = [
        {"id": id, "kind": dice.choice(["a", "A", "b/c", "", None, "ü%"]), "text": "x" * 50}
        for id in range(2000)
    ]
    dice.shuffle(rows)
    found = divided(tmp_path, rows, Layout("kind", rows_per_file=100))
    read = [row for path in found for row in pq.ParquetFile(path).read().to_pylist()]
    assert sorted(read, key=lambda row: row["id"]) == sorted(rows, key=lambda row: row["id"])
    for path in found:
        file = pq.ParquetFile(path)
        assert all(file.metadata.row_group(at).num_rows <= 30 for at in range(file.num_row_groups))
        ids = file.read()["id"].to_pylist()
        assert ids == sorted(ids)
    names = {path.parent.name for path in found}
    assert len({name.casefold() for name in names}) == len(names) == 4
    assert not list(tmp_path.rglob(".spilt"))


@pytest.mark.parametrize("ids", [["b", "a", None], [None, None, None], [2.5, 1.0, None]])
def test_ids_of_any_kind_are_divided(tmp_path: Path, ids: list[Any]) -> None:
    rows = [{"id": id, "n": n} for n, id in enumerate(ids)]
    found = divided(tmp_path, rows, Layout(rows_per_file=2))
    read = [row for path in found for row in pq.ParquetFile(path).read().to_pylist()]
    assert sorted(row["n"] for row in read) == [0, 1, 2]
    assert [row["id"] for row in read] == sorted(id for id in ids if id is not None) + [None] * ids.count(
        None
    )


def test_too_many_folders_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halo_async.export.sinks.partitions.MOST", 3)
    with pytest.raises(SettingsError, match="'n' has 5 values, more than 3 folders"):
        divided(tmp_path, [{"id": n, "n": n} for n in range(5)], Layout("n"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"partition_by": MONTHS, "format": "csv"}, "partition_by requires the format parquet, not csv"),
        ({"rows_per_file": 5, "format": "jsonl"}, "rows_per_file requires the format parquet"),
        ({"rows_per_file": 0}, "rows_per_file must be an integer of 1 or more"),
        ({"partition_by": "month:dateoccured"}, "Did you mean 'dateoccurred'"),
        ({"partition_by": "week:dateoccurred"}, "is not a unit of a date and its field"),
        ({"partition_by": "month:summary"}, "'summary' of tickets is not a date"),
        ({"partition_by": "customfields"}, "is an object or a list"),
        ({"partition_by": ""}, "names no field"),
        ({"partition_by": 5}, "partition_by must be"),
        ({"partition_by": {"client": "id"}}, "'client' is not exported"),
        ({"partition_by": {"tickets": "sumary"}}, "Did you mean 'summary'"),
        ({"partition_by": MONTHS, "columns": ["id"]}, "No exported list has a column 'dateoccurred'"),
    ],
)
async def test_layouts_that_cannot_be_are_refused_before_any_request(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsError) as error:
        await export(halo, ["tickets"], tmp_path, **{"format": "parquet", **options})
    assert sentence in str(error.value)
    assert asked(halo_emulator, "GET /Tickets") == 0


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with in_thread(tickets=120, rate_limit=None) as running:
        yield running


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("since", [[], ["since=last"]])
def test_killed_anywhere_and_resumed_the_folder_has_all_rows(
    emulator: Emulator, tmp_path: Path, since: list[str]
) -> None:
    needs("parquet")
    dice = random.Random(KILLS)
    emulator.reset()
    job = ["parquet", *([] if since else ["tickets"]), "partition_by=year:dateoccurred", COLUMNS, *since]
    with job_server("killed_export.py", emulator) as send:
        base = tmp_path / "base"
        if since:
            assert (
                send([0, str(base), "parquet", "tickets", "partition_by=year:dateoccurred", COLUMNS])[0] == 0
            )
            for id in range(5, 9):
                now = emulator.world.now()
                emulator.world.table("/Tickets").change(
                    id, {"last_update": now, "dateoccurred": "1999-05-06T07:08:09"}
                )
        else:
            base.mkdir()
        shutil.copytree(base, tmp_path / "undisturbed")
        code, calls = send([0, str(tmp_path / "undisturbed"), *job])
        assert code == 0
        wanted = rows_of_files(tmp_path / "undisturbed" / "tickets")
        assert len(wanted) == 120
        for number in range(KILLS):
            out = tmp_path / str(number)
            shutil.copytree(base, out)
            send([dice.randint(1, calls), str(out), *job])
            assert send([0, str(out), *job])[0] == 0
            assert rows_of_files(out / "tickets") == wanted
            assert sorted(path.name for path in out.iterdir()) == ["report.json", "tickets"]
            assert json.loads((out / "report.json").read_text())["resources"][0]["rows"] == 120
