"""Resuming, refusing, sharing a folder: what the journal is for (F54, F55)."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import random
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from halo_async import ClientCredentials, Halo
from halo_async.emulator import Emulator, Fault
from halo_async.errors import SettingsError
from halo_async.export import Progress, export
from halo_async.export.journal import NAME, ExportJournal, read_header
from halo_async.export.progress import State
from halo_async.export.replay import replay
from halo_async.export.sinks import SinkInput, SinkStoppedError
from halo_async.export.sinks.csv import CsvSink
from halo_async.export.spool import Spool
from tests.support.export_kit import NO_SEARCH, asked, lines, only

Stop = Callable[[Progress], None]


class Enough(Exception):
    """Raised by a test to stop an export where it is."""


def after(rows: int) -> Stop:
    def watch(step: Progress) -> None:
        if step.rows >= rows and not step.state.over:
            raise Enough

    return watch


async def stopped(halo: Halo, out: Path, rows: int, *resources: str, **options: Any) -> None:
    with pytest.raises(Enough):
        await export(halo, resources or ["tickets"], out, on_progress=after(rows), **options)


@pytest.mark.parametrize("mode", ["keyset", "descending", "best-effort"])
async def test_a_resumed_export_asks_only_for_what_is_missing(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if mode == "best-effort":
        monkeypatch.setattr("halo_async.export.fetch.PageFetcher.ordered", False)
    halo_emulator.faults.add([NO_SEARCH] if mode == "descending" else [])
    await stopped(halo, tmp_path, 600, concurrency=2)
    before = asked(halo_emulator)
    report = await export(halo, ["tickets"], tmp_path, resume=True, concurrency=2)
    assert only(report).consistency == mode
    assert sorted(row["id"] for row in lines(tmp_path / "tickets.jsonl")) == list(range(1, 1001))
    assert asked(halo_emulator) <= 10 + 2 + 2 + 2
    assert only(report).requests >= asked(halo_emulator) - 2  # those of both runs
    assert asked(halo_emulator) - before <= 8


async def test_rows_deleted_while_a_descending_export_rested_cost_none_that_stayed(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    halo_emulator.faults.add([NO_SEARCH])
    await stopped(halo, tmp_path, 500, concurrency=2)
    for id in range(100, 160):
        await halo.tickets.delete(id)
    report = await export(halo, ["tickets"], tmp_path, resume=True, concurrency=2)
    ids = [row["id"] for row in lines(tmp_path / "tickets.jsonl")]
    assert set(range(1, 1001)) - set(range(100, 160)) <= set(ids)
    assert len(ids) == len(set(ids)) == only(report).rows


async def test_what_is_finished_is_not_asked_for_again(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    halo_emulator.faults.add([Fault("F18", "GET /Client")])
    first = await export(halo, ["tickets", "client"], tmp_path)
    assert not first.complete
    halo_emulator.faults.clear()
    before = asked(halo_emulator)
    second = await export(halo, ["tickets", "client"], tmp_path, resume=True)
    assert second.complete
    assert asked(halo_emulator) == before
    assert second.resources[0] == first.resources[0]
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("mode", ["keyset", "descending", "best-effort", "single-response"])
async def test_rows_that_were_missing_are_asked_for_again_on_resuming(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if mode in ("descending", "best-effort"):
        monkeypatch.setattr("halo_async.export.fetch.PageFetcher.searchable", False)
    if mode == "best-effort":
        monkeypatch.setattr("halo_async.export.fetch.PageFetcher.ordered", False)
    name, path = ("client", "/Client") if mode == "single-response" else ("tickets", "/Tickets")
    halo_emulator.faults.add([Fault("F41", f"GET {path}", "high")])
    assert only(await export(halo, [name], tmp_path)).state is State.INCOMPLETE
    assert only(await export(halo, [name], tmp_path, resume=True)).state is State.INCOMPLETE
    halo_emulator.faults.clear()
    item = only(await export(halo, [name], tmp_path, resume=True))
    assert (item.state, item.consistency, item.rows) == (State.DONE, mode, 25 if name == "client" else 1000)


async def test_resuming_what_is_complete_asks_nothing(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    first = await export(halo, ["client"], tmp_path)
    before = len(halo_emulator.requests)
    assert await export(halo, ["client"], tmp_path, resume=True) == first
    assert len(halo_emulator.requests) == before


async def test_resuming_begins_where_there_is_nothing(halo: Halo, tmp_path: Path) -> None:
    assert (await export(halo, ["client"], tmp_path / "new", resume=True)).complete


async def test_an_unfinished_export_is_not_begun_anew_by_accident(halo: Halo, tmp_path: Path) -> None:
    await stopped(halo, tmp_path, 200)
    with pytest.raises(SettingsError, match=r"unfinished export. Resume it"):
        await export(halo, ["tickets"], tmp_path)


@pytest.mark.parametrize(
    ("resources", "options", "changed"),
    [
        (["tickets"], {"filters": {"tickets": {"open_only": True}}}, "the filters"),
        (["tickets", "client"], {}, "the resources"),
        (["tickets"], {"format": "jsonl.gz"}, "the format"),
        (["tickets"], {"since": "2024-01-01"}, "since"),
    ],
)
async def test_an_export_begun_with_other_options_is_not_resumed(
    halo: Halo, tmp_path: Path, resources: list[str], options: dict[str, Any], changed: str
) -> None:
    await stopped(halo, tmp_path, 200)
    with pytest.raises(SettingsError, match=f"cannot be resumed: {changed} changed"):
        await export(halo, resources, tmp_path, resume=True, **options)


async def test_an_export_of_another_instance_or_surface_is_not_resumed(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stopped(halo, tmp_path, 200)
    monkeypatch.setattr("halo_async.export.options.surface_hash", lambda operations: "other")
    with pytest.raises(SettingsError, match="the surface"):
        await export(halo, ["tickets"], tmp_path, resume=True)
    monkeypatch.undo()
    async with Emulator(2, 100) as other:
        credentials = ClientCredentials(other.client_id, other.client_secret)
        async with Halo(other.url, credentials) as elsewhere:
            with pytest.raises(SettingsError, match="the instance changed"):
                await export(elsewhere, ["tickets"], tmp_path, resume=True)


async def test_f55_a_second_export_on_the_same_folder_is_refused(halo: Halo, tmp_path: Path) -> None:
    refusals: list[SettingsError] = []

    async def second(resume: bool) -> None:
        with pytest.raises(SettingsError, match="Another export is writing") as caught:
            await export(halo, ["tickets"], tmp_path, resume=resume)
        refusals.append(caught.value)

    tasks: list[asyncio.Task[None]] = []

    def watch(step: Progress) -> None:
        if step.rows >= 300 and not tasks:
            tasks.extend(asyncio.ensure_future(second(resume)) for resume in (False, True))

    report = await export(halo, ["tickets"], tmp_path, on_progress=watch)
    await asyncio.gather(*tasks)
    assert len(refusals) == 2
    assert (report.complete, only(report).rows) == (True, 1000)


async def test_the_journal_holds_no_secret(halo: Halo, halo_emulator: Emulator, tmp_path: Path) -> None:
    await stopped(halo, tmp_path, 200)
    text = b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode()
    assert halo_emulator.client_secret not in text
    assert halo_emulator.client_id not in text
    header = json.loads((tmp_path / NAME).read_text().splitlines()[0])
    assert header["instance"] == halo_emulator.url
    assert header["order"] == "id"


@pytest.mark.parametrize("target", ["spool", "journal"])
async def test_f54_after_a_full_disk_the_export_is_resumed(
    halo: Halo, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    real = os.write

    def full(fd: int, data: bytes) -> int:
        nonlocal calls
        if (len(data) > 5000) == (target == "spool"):
            calls += 1
            if calls == 5:
                real(fd, data[: len(data) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr(os, "write", full)
    (item,) = (await export(halo, ["tickets"], tmp_path)).resources
    assert (item.state, item.error) == (State.FAILED, "The file cannot be written: no space left on device.")
    monkeypatch.undo()
    report = await export(halo, ["tickets"], tmp_path, resume=True)
    assert report.complete
    assert [row["id"] for row in lines(tmp_path / "tickets.jsonl")] == list(range(1, 1001))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everybody may write there")
async def test_f54_a_folder_that_cannot_be_written_is_refused(halo: Halo, tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o555)
    with pytest.raises(SettingsError, match="cannot be written"):
        await export(halo, ["client"], folder)


async def test_f54_a_folder_on_a_read_only_disk_is_refused(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SettingsError, match="cannot be written: read-only file system"):
        await export(halo, ["client"], tmp_path)
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


async def test_f28_a_cancelled_export_is_resumed(halo: Halo, halo_emulator: Emulator, tmp_path: Path) -> None:
    task: asyncio.Task[Any]

    def watch(step: Progress) -> None:
        if step.rows >= 400:
            task.cancel()

    task = asyncio.ensure_future(export(halo, ["tickets"], tmp_path, on_progress=watch))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert json.loads((tmp_path / "report.json").read_text())["resources"][0]["state"] == "interrupted"
    report = await export(halo, ["tickets"], tmp_path, resume=True)
    assert [row["id"] for row in lines(tmp_path / "tickets.jsonl")] == list(range(1, 1001))
    assert asked(halo_emulator) <= 12 + 2  # a page of each of the two lanes
    assert only(report).rows == 1000


async def test_f28_a_cancelled_export_waits_for_the_file_that_is_being_made(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow(self: object, material: SinkInput) -> None:
        begun.set()
        assert material.stop.wait(30)
        ended.set()
        raise SinkStoppedError

    monkeypatch.setattr(CsvSink, "finish", slow)
    task = asyncio.ensure_future(export(halo, ["client"], tmp_path, format="csv"))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    monkeypatch.undo()
    report = await export(halo, ["client"], tmp_path, format="csv", resume=True)
    assert (only(report).file, only(report).rows, only(report).requests) == ("client.csv", 25, 2)


async def test_a_file_that_was_cut_behind_the_journals_back_is_fetched_again(
    halo: Halo, tmp_path: Path
) -> None:
    await stopped(halo, tmp_path, 400)
    os.truncate(tmp_path / "tickets.jsonl.part", 1000)
    await export(halo, ["tickets"], tmp_path, resume=True)
    assert [row["id"] for row in lines(tmp_path / "tickets.jsonl")] == list(range(1, 1001))


async def test_bytes_that_are_not_what_the_journal_says_are_fetched_again(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As after a power cut: the journal got to the disk, the data before it did not.
    monkeypatch.setattr("halo_async.export.engine._write_report", lambda *_: None)
    await stopped(halo, tmp_path, 600)
    monkeypatch.undo()
    path = tmp_path / "tickets.jsonl.part"
    data = bytearray(path.read_bytes())
    data[-100:] = bytes(100)
    path.write_bytes(data)
    await export(halo, ["tickets"], tmp_path, resume=True)
    assert [row["id"] for row in lines(tmp_path / "tickets.jsonl")] == list(range(1, 1001))


def test_a_torn_last_line_is_no_entry(tmp_path: Path) -> None:
    journal = ExportJournal.begin(tmp_path, {"halo-export": 1})
    journal.append({"resource": "a", "fetched": True})
    journal.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"resource": "b", "fet')
    again = ExportJournal(tmp_path / NAME, create=False)
    again.append({"resource": "c", "fetched": True})
    assert list(replay(again, dict.fromkeys("ac", tmp_path / "rows"))) == ["a", "c"]
    again.close()


def test_what_begins_anew_has_no_row_yet(tmp_path: Path) -> None:
    with ExportJournal.begin(tmp_path, {"halo-export": 1}) as journal:
        journal.append({"resource": "a", "fetched": True})
        journal.append({"resource": "a", "again": True})
        assert not replay(journal, {"a": tmp_path / "rows"})["a"].fetched


def test_a_half_written_entry_is_taken_back_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = ExportJournal.begin(tmp_path, {"halo-export": 1})
    real = os.write

    def full(fd: int, data: bytes) -> int:
        real(fd, data[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        journal.append({"resource": "a", "fetched": True})
    monkeypatch.undo()
    journal.append({"resource": "b", "fetched": True})
    assert [entry.get("resource") for entry in journal.entries()] == [None, "b"]
    journal.close()


async def test_a_journal_with_any_byte_changed_is_refused_and_the_export_left_as_it_is(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await stopped(halo, tmp_path, 500, concurrency=2)
    whole, before = (tmp_path / NAME).read_bytes(), asked(halo_emulator)
    dice = random.Random(4)
    for place in {*dice.sample(range(len(whole)), 60), len(whole) - 1}:
        data = bytearray(whole)
        data[place] ^= 1 << dice.randrange(8)
        (tmp_path / NAME).write_bytes(data)
        with pytest.raises(SettingsError, match=r"journal|earlier version") as caught:
            await export(halo, ["tickets"], tmp_path, resume=True, concurrency=2)
        assert str(tmp_path / NAME) in str(caught.value)
        assert (tmp_path / NAME).read_bytes() == data
    assert asked(halo_emulator) == before
    (tmp_path / NAME).write_bytes(whole)
    await export(halo, ["tickets"], tmp_path, resume=True, concurrency=2)
    assert sorted(row["id"] for row in lines(tmp_path / "tickets.jsonl")) == list(range(1, 1001))


async def test_a_journal_that_ends_anywhere_is_resumed_to_the_same_rows(halo: Halo, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    await stopped(halo, begun, 500, concurrency=2)
    journal = (begun / NAME).read_bytes()
    first = journal.index(b"\n") + 1  # it is on the disk before there is a report
    for place in random.Random(5).sample(range(first, len(journal)), 6):
        again = tmp_path / str(place)
        shutil.copytree(begun, again)
        os.truncate(again / NAME, place)
        await export(halo, ["tickets"], again, resume=True, concurrency=2)
        assert sorted(row["id"] for row in lines(again / "tickets.jsonl")) == list(range(1, 1001))


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.parametrize("name", [NAME, "tickets.jsonl.part"])
async def test_no_link_that_somebody_laid_into_the_folder_is_followed(
    halo: Halo, tmp_path: Path, name: str
) -> None:
    out, target = tmp_path / "out", tmp_path / "target"
    await stopped(halo, out, 200)
    (out / name).rename(target)
    before = target.read_bytes()
    (out / name).symlink_to(target)
    if name == NAME:
        with pytest.raises(SettingsError, match="symbolic link"):
            await export(halo, ["tickets"], out, resume=True)
    else:
        report = await export(halo, ["tickets"], out, resume=True)
        assert "symbolic link" in str(only(report).error)
    assert target.read_bytes() == before


async def test_a_journal_whose_first_line_was_never_finished_is_begun_anew(
    halo: Halo, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_bytes(b'{"halo-export":2,"inst')
    assert (await export(halo, ["client"], tmp_path, resume=True)).complete


def test_a_journal_of_an_earlier_version_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"halo-export":1,"instance":"x"}\n')
    with pytest.raises(SettingsError, match=r"earlier version.*Resume it with that version"):
        ExportJournal(tmp_path / NAME, create=False)


async def test_an_export_begun_with_another_layout_of_the_journal_is_refused_with_the_mend(
    halo: Halo, tmp_path: Path
) -> None:
    await stopped(halo, tmp_path, 500, concurrency=2)
    header = {**(read_header(tmp_path) or {}), "halo-export": 2, "explode": []}
    del header["flatten"]
    (tmp_path / NAME).unlink()
    ExportJournal.begin(tmp_path, header).close()
    with pytest.raises(SettingsError, match=r"another version of halo-async\. Resume it with that version"):
        await export(halo, ["tickets"], tmp_path, resume=True)


def test_a_spool_keeps_only_what_its_journal_knows(tmp_path: Path) -> None:
    from halo_async.export.spool import codec

    spool = Spool(tmp_path / "x", codec(""))
    spool.append([b"1", b"2"])
    known = spool.offset
    spool.append([b"3"])
    spool.close()
    again = Spool(tmp_path / "x", codec(""), known)
    again.append([b"4"])
    assert list(again.rows()) == [b"1", b"2", b"4"]
    again.close()


@pytest.fixture
async def halo(halo_emulator: Emulator) -> AsyncIterator[Halo]:
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    async with Halo(halo_emulator.url, credentials, rate_limit=None) as client:
        yield client


def test_a_journal_is_begun_once_and_a_second_try_does_not_hold_it(tmp_path: Path) -> None:
    header = {"halo-export": 1}
    ExportJournal.begin(tmp_path, header).close()
    with pytest.raises(SettingsError, match="Another export started in"):
        ExportJournal.begin(tmp_path, {"halo-export": 2})
    with ExportJournal(tmp_path / NAME, create=False) as journal:
        assert list(journal.entries()) == [header]


def test_a_file_that_is_not_a_journal_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"rows": 1}\n')
    with pytest.raises(SettingsError, match="is not the journal of an export"):
        read_header(tmp_path)
