"""A file that is made while its rows are read is the one that is made of them afterwards."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async.emulator import Behaviour, Churn, Emulator, Fault
from halo_async.export import export, following, spool_tail
from halo_async.export.cluster.resource_lanes import DamagedPartError
from halo_async.export.fetch import RequestCounts
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.ledger import ExportLedger
from halo_async.export.names import resolve_names
from halo_async.export.plan import ExportMode, ExportPlan
from halo_async.export.progress import Progress
from halo_async.export.replay import PastExport
from halo_async.export.sinks import SinkInput, sink
from halo_async.export.spool import Spool, codec
from halo_async.export.spool_tail import SpoolTail, SpoolTailLostError, read_block
from tests.support.examples import examples
from tests.support.export_kit import needs, only, rows_of
from tests.support.writes_kit import client as client_of

PAGES = st.lists(st.lists(st.binary(max_size=6).map(lambda row: row.replace(b"\n", b"")), max_size=4))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of few rows, so that most are converted before the last page is there."""
    monkeypatch.setattr(spool_tail, "BLOCK", 2000)


class Watched(following.Follower):
    """Remembers what came of it."""

    made: list[Any]

    async def outcome(self) -> Any:
        found = await super().outcome()
        self.made.append(found)
        return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """For each file, the outcome of making it while it was read."""
    Watched.made = []
    monkeypatch.setattr("halo_async.export.resource_job.Follower", Watched)
    return Watched.made


def whole(path: Path, size: int) -> list[bytes]:
    """The blocks of a file that is complete."""
    with pytest.MonkeyPatch.context() as patch, path.open("rb") as file:
        patch.setattr(spool_tail, "BLOCK", size)
        return list(iter(lambda: read_block(file), b""))


def read_beside(tail: SpoolTail) -> tuple[Thread, list[Any]]:
    """A thread that reads the tail, and what it has read: at last an error, if there was one."""
    found: list[Any] = []

    def read() -> None:
        try:
            found.extend(tail.blocks(lambda: None))
        except SpoolTailLostError as error:
            found.append(error)

    thread = Thread(target=read)
    thread.start()
    return thread, found


@settings(max_examples=examples(40), deadline=None)
@given(PAGES, st.integers(1, 20), st.integers(0, 3))
def test_the_blocks_of_a_growing_spool_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, pages: list[list[bytes]], size: int, before: int
) -> None:
    path = tmp_path_factory.mktemp("spool") / "rows"
    spool = Spool(path, codec(""))
    for page in pages[:before]:
        spool.append(page)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool_tail, "BLOCK", size)
        tail = spool.follow()
        thread, found = read_beside(tail)
        for page in pages[before:]:
            spool.append(page)
        tail.complete()
        thread.join()
    spool.close()
    assert found == whole(path, size)
    assert all(block.endswith(b"\n") for block in found)


def test_whoever_follows_a_spool_whose_rows_are_taken_back_is_told(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "rows", codec(""))
    tail = spool.follow()
    thread, found = read_beside(tail)
    spool.append([b"1", b"2"])
    chosen = spool.select(lambda row: row == b"2")
    assert chosen is not None
    spool.replace(chosen)
    tail.complete()
    thread.join()
    spool.close()
    assert [type(item) for item in found] == [SpoolTailLostError]


async def parts_of(*parts: bytes, damaged: bool = False) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if damaged:
        raise DamagedPartError


@pytest.mark.parametrize("whole_list", [False, True])
async def test_rows_that_other_processes_read_are_followed_as_soon_as_they_are_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole_list: bool
) -> None:
    monkeypatch.setattr(spool_tail, "BLOCK", 4)
    spool = Spool(tmp_path / "rows", codec(""))
    ledger = ExportLedger(
        "tickets", JournalSyncer(None, 0), spool, RequestCounts(), lambda: None, PastExport()
    )
    tail = spool.follow()
    if whole_list:
        await ledger.take_whole(ExportPlan(ExportMode.UPWARD), "", parts_of(b"11\n", b"22\n"), 2, 0)
    else:
        with pytest.raises(DamagedPartError):
            await ledger.take(0, [1, True], parts_of(b"99\n", b"99\n", damaged=True), 2, 0)
        await ledger.take(0, [1, True], parts_of(b"11\n", b"22\n"), 2, 0)
    reading = asyncio.to_thread(next, tail.blocks(lambda: None))
    try:
        found = await asyncio.wait_for(reading, 60)
    finally:
        tail.lose()
        ledger.close()
    assert found == b"11\n22\n"


def afterwards(folder: Path, rows: Path, format: str) -> Path:
    """A folder with the file that the sink makes of gathered rows."""
    folder.mkdir()
    spool = folder / "tickets.jsonl.part"
    shutil.copy(rows, spool)
    operation = resolve_names(["tickets"])[0]
    sink(format).finish(SinkInput("tickets", folder, spool, codec(""), operation, (), Event()))
    return folder


async def test_the_bytes_are_the_same_either_way(tmp_path: Path, small_blocks: None, made: list[Any]) -> None:
    needs("parquet")
    async with Emulator(seed=3, tickets=350, rate_limit=None) as emulator, client_of(emulator) as halo:
        await export(halo, ["tickets"], tmp_path / "lines", format="jsonl")
        await export(halo, ["tickets"], tmp_path / "table", format="parquet")
    assert made[-1] is not None
    other = afterwards(tmp_path / "other", tmp_path / "lines" / "tickets.jsonl", "parquet")
    assert (tmp_path / "table" / "tickets.parquet").read_bytes() == (other / "tickets.parquet").read_bytes()
    assert sorted(path.name for path in (tmp_path / "table").iterdir()) == ["report.json", "tickets.parquet"]


@pytest.mark.parametrize("compress", [None, "gz"])
async def test_columns_of_lines_that_are_found_as_they_are_read_are_those_of_the_file(
    tmp_path: Path, small_blocks: None, made: list[Any], compress: Any
) -> None:
    async with Emulator(seed=3, tickets=350, rate_limit=None) as emulator, client_of(emulator) as halo:
        await export(halo, ["tickets"], tmp_path / "out", format="jsonl.gz" if compress else "jsonl")
        await export(halo, ["tickets"], tmp_path / "plain", format="jsonl")
    assert not made
    other = afterwards(tmp_path / "other", tmp_path / "plain" / "tickets.jsonl", "jsonl")
    schema = json.loads((tmp_path / "out" / "tickets.schema.json").read_text())
    assert schema == json.loads((other / "tickets.schema.json").read_text())
    assert (tmp_path / "plain" / "tickets.jsonl").read_bytes() == (other / "tickets.jsonl").read_bytes()


CHANGING = {
    "an id filter that stops working": {
        "page_cap": 30,
        "faults": [Fault("F33", "GET /Tickets", "no_search", after=4)],
    },
    "rows that are removed again": {
        "churn": Churn(update=0.3),
        "behaviour": Behaviour(id_filter="ignored"),
        "faults": [Fault("F41", "GET /Tickets", "own")],
    },
}


@pytest.mark.parametrize("format", ["parquet", "duckdb", "jsonl"])
@pytest.mark.parametrize("why", CHANGING)
async def test_rows_that_are_taken_back_are_not_in_the_file(
    tmp_path: Path, small_blocks: None, made: list[Any], format: str, why: str
) -> None:
    needs(format)
    options: dict[str, Any] = CHANGING[why]
    async with (
        Emulator(seed=3, tickets=150, rate_limit=None, **options) as emulator,
        client_of(emulator) as halo,
    ):
        report = only(await halo.export(["tickets"], tmp_path, format=format))
    found = [row["id"] for row in rows_of(tmp_path, format)]
    assert report.complete
    assert len(found) == len(set(found)) == report.rows == 150
    assert made == ([] if format == "jsonl" else [None])
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", f".{format}"}
    if format == "jsonl":
        other = afterwards(tmp_path / "other", tmp_path / "tickets.jsonl", "jsonl")
        schema = "tickets.schema.json"
        assert json.loads((tmp_path / schema).read_text()) == json.loads((other / schema).read_text())


@pytest.mark.parametrize("format", ["parquet", "duckdb", "jsonl"])
async def test_an_export_that_is_stopped_leaves_its_rows_alone_and_is_resumed(
    tmp_path: Path, small_blocks: None, made: list[Any], format: str
) -> None:
    needs(format)

    def stop(step: Progress) -> None:
        if step.rows > 200:
            raise InterruptedError

    async with (
        Emulator(seed=3, tickets=350, rate_limit=None, page_cap=50) as emulator,
        client_of(emulator) as halo,
    ):
        with pytest.raises(InterruptedError):
            await halo.export(["tickets"], tmp_path, format=format, on_progress=stop)
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {".halo-export.journal", "report.json", "tickets.jsonl.part"}
        report = await halo.export([], tmp_path, resume=True)
    assert report.complete
    assert [type(item).__name__ for item in made] == ["SinkOutcome"]
    assert len({row["id"] for row in rows_of(tmp_path, format)}) == 350


async def test_what_fails_beside_the_reading_is_made_of_the_rows_afterwards(
    tmp_path: Path, small_blocks: None, made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("parquet")
    from halo_async.export.sinks.parquet_file import ParquetWriter

    write, calls = ParquetWriter.write, []

    def fail_once(self: Any, batch: Any) -> None:
        calls.append(batch)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        write(self, batch)

    monkeypatch.setattr(ParquetWriter, "write", fail_once)
    async with Emulator(seed=3, tickets=150, rate_limit=None) as emulator, client_of(emulator) as halo:
        report = await halo.export(["tickets"], tmp_path, format="parquet")
    assert report.complete
    assert made == [None]
    assert len(rows_of(tmp_path, "parquet")) == 150
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "tickets.parquet"}
