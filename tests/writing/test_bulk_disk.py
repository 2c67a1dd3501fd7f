"""A bulk write on a disk that fails: nothing is sent before its line is whole on the disk."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.errors import SettingsError
from halo_async.writing import read_journal, settle_rows
from halo_async.writing.journal import BulkJournal
from tests.support.bulk_kit import TICKETS, all_of, creates, outcomes, sizes, stored
from tests.support.cli_kit import environment, login
from tests.support.file_limit import limiting
from tests.support.writes_kit import client

SCRIPT = Path(__file__).parents[1] / "support" / "limited_bulk.py"
posix = pytest.mark.skipif(os.name == "nt", reason="there is no such thing")


class Disk:
    """Has `room` for so many bytes of the journal, taken a few at a time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        self.real = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, fd: int, data: Any) -> int:
        if len(data) < 8:  # a wake-up of the event loop
            return self.real(fd, data)
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = self.real(fd, bytes(data)[: min(1000, self.room)])
        self.room -= taken
        return taken


async def test_each_line_is_forced_to_the_disk_before_its_rows_are_sent(
    emulator: Emulator, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that stops has nothing else than that."""
    sync, sent = BulkJournal.sync, []

    def noted(self: BulkJournal) -> None:
        sent.append(len(emulator.requests(TICKETS)))
        sync(self)

    monkeypatch.setattr(BulkJournal, "sync", noted)
    async with client(emulator) as halo:
        await all_of(halo.tickets.bulk_upsert(creates(2), batch_size=1, concurrency=1, journal=journal))
    header, first, got_first, second, got_second = sent
    assert (header, first, got_first, second, got_second) == (0, 0, 1, 1, 2)


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_a_disk_that_is_full_at_any_byte_sends_nothing_and_resumes_without_a_duplicate(
    emulator: Emulator, journal: Path, monkeypatch: pytest.MonkeyPatch, concurrency: int
) -> None:
    options: dict[str, Any] = {"batch_size": 3, "concurrency": concurrency, "journal": journal}
    async with client(emulator) as halo:
        await all_of(halo.tickets.bulk_upsert(creates(9, "whole"), **options))
        size = journal.stat().st_size
        dice = random.Random(concurrency)
        for room in dice.sample(range(size - 8), 30):  # the last few bytes would pass as a wake-up
            journal.unlink()
            rows = creates(9, f"room {room}")
            with monkeypatch.context() as patch:
                Disk(patch, room)
                results, error = await all_of(halo.tickets.bulk_upsert(rows, **options))
            assert isinstance(error, OSError), room
            there = stored(emulator)
            assert all(there[result.row["summary"]] == 1 for result in results if result.ok)
            known = read_journal(journal) if journal.stat().st_size else None
            settled = {} if known is None else known.written
            assert sum(there[row["summary"]] for row in rows) <= len(settled) + 3 * concurrency
            results, error = await all_of(halo.tickets.bulk_upsert(rows, resume=True, **options))
            assert error is None
            there = stored(emulator)
            for result in results:
                assert there[result.row["summary"]] <= 1
                assert result.outcome == ("written" if result.ok else "unknown")
                assert there[result.row["summary"]] == 1


async def test_what_was_written_is_given_out_though_it_could_not_be_noted(
    emulator: Emulator, tickets: Any, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rows() -> AsyncIterator[Any]:
        for row in creates(3):
            yield row
        while not emulator.requests(TICKETS):
            await emulator_turn()
        monkeypatch.setattr(os, "fsync", fail)
        yield {"summary": "another"}

    def fail(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    async def emulator_turn() -> None:
        import asyncio

        await asyncio.sleep(0)

    emulator.faults.add([Fault("F46", TICKETS, "bom", options={"delay": 0.3})])
    results, error = await all_of(tickets.bulk_upsert(rows(), batch_size=3, journal=journal))
    assert isinstance(error, OSError)
    assert outcomes(results) == ["written"] * 3
    assert sizes(emulator) == [3]


@pytest.mark.parametrize("full_at", [1, 2])
async def test_what_was_written_is_given_out_though_the_error_file_is_full(
    emulator: Emulator, tickets: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: int
) -> None:
    """Without a journal nothing else says which rows there are."""
    flushed: list[int] = []

    def flush(fd: int) -> None:
        flushed.append(fd)
        if len(flushed) >= full_at:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", flush)
    errors = tmp_path / "errors.jsonl"
    bad = {"summary": "bad", "client_id": 2**40}
    rows = [row for number in range(6) for row in (bad, {"id": number + 1, "summary": f"row {number}"})]
    options: dict[str, Any] = {"batch_size": 2, "on_error": "continue", "errors": errors}
    results, error = await all_of(tickets.bulk_upsert(rows, **options))
    assert isinstance(error, OSError)
    assert outcomes(results) == ["refused", "written"] * (len(results) // 2)
    assert sum(stored(emulator).values()) == len(results) // 2 < 6
    assert [line["index"] for line in map(json.loads, errors.read_bytes().splitlines())] == [0][: full_at - 1]


def limited(emulator: Emulator, journal: Path, limit: int | None, rows: list[Any]) -> list[Any]:
    job = {"rows": rows, "journal": str(journal), "limit": None if limit is None else limiting(limit)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        input=json.dumps(job),
        env=environment(**login(emulator)),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


@posix
@pytest.mark.halo(tickets=20)
def test_a_full_disk_in_a_process_of_its_own_ends_it_before_anything_is_sent(
    halo_emulator: Emulator, journal: Path
) -> None:
    """The kernel cuts the line in the middle without an error, and refuses what comes next."""
    rows = creates(120)
    error, found = limited(halo_emulator, journal, 4_000, rows)
    assert error == "OSError 27"
    assert 0 < len(stored(halo_emulator)) < 120
    assert sum(stored(halo_emulator).values()) == sum(outcome == "written" for outcome in found)
    error, found = limited(halo_emulator, journal, None, rows)
    assert (error, found) == ("", ["written"] * 120)
    assert stored(halo_emulator) == {row["summary"]: 1 for row in rows}


async def test_a_journal_with_any_byte_changed_is_refused_and_nothing_is_sent(
    emulator: Emulator, tickets: Any, journal: Path
) -> None:
    emulator.faults.add([Fault("F02", TICKETS, after=2, times=1)])
    rows = creates(12)
    await all_of(tickets.bulk_upsert(rows, batch_size=3, concurrency=1, on_error="continue", journal=journal))
    whole, sent = journal.read_bytes(), sizes(emulator)
    dice = random.Random(3)
    places = {*dice.sample(range(len(whole)), 60), len(whole) - 1}
    for place in places:
        data = bytearray(whole)
        data[place] ^= 1 << dice.randrange(8)
        journal.write_bytes(data)
        results, error = await all_of(tickets.bulk_upsert(rows, journal=journal, resume=True))
        assert isinstance(error, SettingsError), place
        assert str(journal) in str(error)
        assert not results
        with pytest.raises(SettingsError):
            read_journal(journal)
        with pytest.raises(SettingsError):
            settle_rows(journal, not_written=[6])
        assert bytes(data) == journal.read_bytes()
    assert sizes(emulator) == sent


@posix
@pytest.mark.parametrize("option", ["journal", "errors"])
@pytest.mark.parametrize("kind", ["symlink", "link", "mkfifo"])
async def test_a_file_that_somebody_laid_in_its_place_is_refused(
    emulator: Emulator, tickets: Any, tmp_path: Path, option: str, kind: str
) -> None:
    target, place = tmp_path / "target", tmp_path / "place"
    target.write_bytes(b"" if option == "journal" else b"precious")
    before = target.read_bytes()
    if kind == "mkfifo":
        os.mkfifo(place)
    else:
        getattr(os, kind)(target, place)
    files = {"journal": tmp_path / "journal", option: place}
    _, error = await all_of(tickets.bulk_upsert(creates(2), resume=True, **files))
    assert isinstance(error, SettingsError)
    assert target.read_bytes() == before
    assert sizes(emulator) == []


async def test_a_journal_of_an_earlier_version_is_refused_with_the_mend(tickets: Any, journal: Path) -> None:
    journal.write_bytes(
        b'{"journal":"halo-async bulk write","version":1,"resource":"/Tickets","instance":""}\n'
    )
    _, error = await all_of(tickets.bulk_upsert(creates(1), journal=journal, resume=True))
    assert "earlier version" in str(error)
    assert "Resume it with that version" in str(error)
