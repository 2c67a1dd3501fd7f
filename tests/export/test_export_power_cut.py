"""The machine stops anywhere: what is left of the journal and the rows is a state that there was, or nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import attrs
import pytest

from halo_async.export.fetch import RequestCounts
from halo_async.export.journal import ExportJournal
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.ledger import TAKEN, ExportLedger
from halo_async.export.plan import ExportMode, ExportPlan
from halo_async.export.reopen import reopened
from halo_async.export.replay import PastExport, replay
from halo_async.export.seen_ids import row_id
from halo_async.export.spool import Spool, codec
from halo_async.export.workspace import open_workspace

RUNS = int(os.environ.get("HALO_EXPORT_POWER_CUTS", "150"))
PLAN = ExportPlan(ExportMode.UPWARD)
HEADER: dict[str, Any] = {"halo-export": 1, "since": None}


@attrs.frozen
class State:
    """What has come: the rows in their order, and where each lane goes on."""

    rows: tuple[bytes, ...] = ()
    lanes: tuple[tuple[int, Any], ...] = ()
    older: int = 0
    """Rows at the beginning that another reading had."""


class Machine:
    """A list's journal and rows in a folder, and what of them is on the disk for certain."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.path = folder, folder / "tickets.jsonl.part"
        self._flushed: dict[int, bytes] = {}
        self._named: dict[Path, int] = {}
        self.replaced: bytes | None = None
        """The rows of a file of which another one took the place, until that one is flushed again."""
        self.states = [State()]
        self._now, self._number = State(), 0
        fsync = os.fsync

        def watched(fd: int) -> None:
            fsync(fd)
            for path in folder.iterdir():
                if os.path.samestat(path.stat(), os.fstat(fd)):
                    self._flushed[path.stat().st_ino] = path.read_bytes()
                    self.replaced = None if path == self.path else self.replaced
            if os.name == "nt" or os.path.samestat(folder.stat(), os.fstat(fd)):
                self._named = {path: path.stat().st_ino for path in folder.iterdir()}

        patch.setattr(os, "fsync", watched)

    def _durable(self, path: Path) -> bytes:
        """What is on the disk under a name: a name is there once its folder was flushed."""
        return self._flushed.get(self._named.get(path, 0), b"")

    def open(self) -> PastExport:
        """Begin, or go on from what is there."""
        place = open_workspace(self.folder, HEADER, {"tickets": self.path})
        self.journal, self.syncer = place.journal, place.syncer
        past = place.past.get("tickets", PastExport())
        self.spool, past = reopened("tickets", self.path, codec(""), past, self.syncer)
        rows = tuple(self.spool.rows())
        assert len(rows) == past.older + past.rows
        self._now = State(rows, tuple(sorted(past.lanes.items())), past.older)
        assert self._now in self.states
        self.states, self._is_begun, self._is_over = [self._now], past.plan is not None, past.fetched
        self.ledger = ExportLedger("tickets", self.syncer, self.spool, RequestCounts(), lambda: None, past)
        return past

    def _row(self, count: int) -> list[bytes]:
        self._number += count
        return [b'{"id":%d}' % number for number in range(self._number - count + 1, self._number + 1)]

    def _came(self, lane: int | None, rows: list[bytes], *, anew: bool = False) -> None:
        rows_now = self._now.rows
        before = State(rows_now, (), len(rows_now)) if anew else self._now
        lanes = dict(before.lanes) if lane is None else {**dict(before.lanes), lane: self._number}
        self._now = State((*before.rows, *rows), tuple(sorted(lanes.items())), before.older)
        self.states.append(self._now)

    async def _merge_older(self) -> None:
        before = self.path.read_bytes()
        if self._now.older:
            assert len(await self.ledger.merge_older(row_id)) == self._now.older
            self._replaced(attrs.evolve(self._now, older=0), before)

    def _replaced(self, now: State, before: bytes) -> None:
        """The file is another one, whose rows were flushed before: there is this one or the one before."""
        self.states, self._now = [self._now, now], now
        self.replaced = before

    async def step(self, chance: Random) -> None:
        """Do one of the things that an export does."""
        rows, lane = self._row(chance.randint(0, 3)), chance.randint(0, 1)
        what = chance.choice(
            [
                "begin",
                "commit",
                "commit",
                "commit",
                "take",
                "take whole",
                "merge",
                "keep",
                "torn",
                "flush",
                "flush",
            ]
        )
        if self._is_over:
            what = "flush"
        if what == "begin" or (what not in ("flush", "take whole") and not self._is_begun):
            self._is_begun = True
            await self.ledger.begin(PLAN, "now", rows)
            self._came(None, rows, anew=True)
        elif what == "commit":
            await self.ledger.commit(lane, self._number, rows)
            self._came(lane, rows)
        elif what == "take":
            await self.ledger.take(lane, self._number, _packed(rows), len(rows), 0)
            self._came(lane, rows)
        elif what == "take whole":
            await self.ledger.take_whole(PLAN, "now", _packed(rows), len(rows), 0)
            self._came(None, rows, anew=True)
            self._now = attrs.evolve(self._now, lanes=((0, TAKEN),))
            self.states[-1], self._is_over = self._now, True
        elif what == "merge":
            await self._merge_older()
        elif what == "keep":
            await self._merge_older()
            gone, before = {row for row in self._now.rows if chance.random() < 0.5}, self.path.read_bytes()
            if await self.ledger.keep(lambda row: row not in gone, PLAN, "now", self._number):
                kept = tuple(row for row in self._now.rows if row not in gone)
                self._replaced(State(kept, ((0, self._number),)), before)
        elif what == "torn":
            with pytest.raises(InterruptedError):
                await self.ledger.take(lane, self._number, _torn(rows), len(rows), 0)
        else:
            self.syncer.flush()
            self.states = [self._now]

    def kill(self) -> None:
        """End the process: what was written is there."""
        self.ledger.close()
        self.journal.close()
        self.states = [self._now]

    def cut(self, chance: Random) -> None:
        """Stop the machine: of what was not flushed to the disk, any part is lost."""
        states = self.states
        self.kill()
        self.states = states
        journal, rows = self.journal.path.read_bytes(), self.path.read_bytes()
        sure, kept = len(self._durable(self.journal.path)), self._durable(self.path)
        self.journal.path.write_bytes(journal[: chance.randint(sure, len(journal))])
        if self.replaced is not None:
            assert rows.startswith(kept)
            there, before = chance.randint(len(kept), len(rows)), self.replaced
            rows, there = chance.choice([(rows, there), (before, len(before))])
        elif rows.startswith(kept):
            there = chance.randint(len(kept), len(rows))
        else:
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(rows, kept, strict=False)))
            # It began anew since: that may have come to the disk, or not, whatever the journal did.
            rows, there = chance.choice(
                [(rows, len(rows)), (kept, len(kept)), (rows, chance.randint(same, len(rows)))]
            )
        self.path.write_bytes(rows[:there] + bytes(chance.choice([0, len(rows) - there])))
        self._named = {path: path.stat().st_ino for path in (self.path, self.journal.path)}
        self._flushed = {number: path.read_bytes() for path, number in self._named.items()}
        self.replaced = None


async def _torn(rows: list[bytes]) -> AsyncIterator[bytes]:
    yield b'{"id":0}\n'
    raise InterruptedError


async def _packed(rows: list[bytes]) -> AsyncIterator[bytes]:
    for row in rows:
        yield row + b"\n"


async def test_what_is_gone_on_from_after_a_power_cut_is_a_state_that_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(RUNS):
        chance, folder = Random(seed), tmp_path / str(seed)
        folder.mkdir()
        with monkeypatch.context() as patch:
            patch.setattr("halo_async.export.journal_syncer.EVERY", chance.choice([0.0, 1e9]))
            machine = Machine(folder, patch)
            for _ in range(4):
                machine.open()
                for _ in range(chance.randint(0, 9)):
                    await machine.step(chance)
                machine.kill() if chance.random() < 0.4 else machine.cut(chance)


async def test_a_file_that_could_not_be_replaced_is_not_taken_for_the_other_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(13, "Permission denied")

    with monkeypatch.context() as patch:
        machine = Machine(tmp_path, patch)
        machine.open()
        await machine.ledger.begin(PLAN, "now", [b'{"id":1}', b'{"id":2}'])
        patch.setattr(machine.spool, "replace", refuse)
        with pytest.raises(OSError, match="denied"):
            await machine.ledger.keep(lambda row: b"2" in row, PLAN, "now", 1)
        machine.syncer.flush()  # of another list
        machine.kill()
        machine.states = [State()]
        assert machine.open().plan is None
        machine.kill()


async def test_entries_that_came_while_rows_were_flushed_are_compared_with_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.export.journal_syncer.EVERY", 0.0)
    with ExportJournal.begin(tmp_path, HEADER) as journal:
        syncer, spool = JournalSyncer(journal, 1), Spool(tmp_path / "rows", codec(""))
        flush = spool.sync

        def added_meanwhile() -> None:
            flush()
            syncer.note({"resource": "tickets", "plan": PLAN.as_json(), "at": "now", "end": 9, "crc": 5})

        monkeypatch.setattr(spool, "sync", added_meanwhile)
        syncer.note({"resource": "agent", "fetched": True}, spool)
        await syncer.breathe()
        spool.close()
        past = replay(journal, {"tickets": spool.path, "agent": spool.path})
    assert (past["agent"].fetched, past["tickets"].plan) == (True, None)


async def test_rows_that_a_thread_still_flushes_do_not_count_before_they_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.export.journal_syncer.EVERY", 0.0)
    with ExportJournal.begin(tmp_path, HEADER) as journal:
        syncer, spool = JournalSyncer(journal, 1), Spool(tmp_path / "rows", codec(""))
        begun: list[int] = []
        counted: list[int] = []

        def flush() -> None:
            begun.append(sum("sync" in entry for entry in journal.entries()))
            if len(begun) == 1:
                syncer.flush()  # of another list, before this one is on the disk
                counted.extend(begun)

        monkeypatch.setattr(spool, "sync", flush)
        syncer.note({"resource": "tickets", "fetched": True}, spool)
        await syncer.breathe()
        spool.close()
    assert counted == [0, 0]


async def test_rows_whose_flush_failed_are_flushed_before_they_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.export.journal_syncer.EVERY", 0.0)
    flushed: list[bool] = []

    def flush() -> None:
        flushed.append(bool(flushed))
        if len(flushed) == 1:
            raise OSError(5, "Input/output error")

    with ExportJournal.begin(tmp_path, HEADER) as journal:
        syncer, spool = JournalSyncer(journal, 1), Spool(tmp_path / "rows", codec(""))
        monkeypatch.setattr(spool, "sync", flush)
        syncer.note({"resource": "tickets", "fetched": True}, spool)
        with pytest.raises(OSError, match="Input/output error"):
            await syncer.breathe()
        assert not any("sync" in entry for entry in journal.entries())
        syncer.flush()
        spool.close()
    assert flushed == [False, True]


def test_nothing_counts_behind_an_entry_that_does_not_fit_the_rows(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"lost\n")
    with ExportJournal.begin(tmp_path, HEADER) as journal:
        plan = {"plan": PLAN.as_json(), "at": "now", "end": 5, "crc": 7, "rows": 1, "repeats": 0}
        journal.append({"resource": "tickets", **plan})
        journal.append({"resource": "tickets", "fetched": True})
        assert not replay(journal, {"tickets": tmp_path / "rows"})["tickets"].fetched


def test_the_rows_of_a_plan_are_those_from_the_beginning_on(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"new\n")
    with ExportJournal.begin(tmp_path, HEADER) as journal:
        for row in (b"earlier\n", b"new\n"):
            came = {"end": len(row), "crc": crc32(row), "rows": 1, "repeats": 0}
            journal.append({"resource": "tickets", "plan": PLAN.as_json(), "at": "now", **came})
            if row == b"earlier\n":
                journal.append({"sync": 2})
        state = replay(journal, {"tickets": tmp_path / "rows"})["tickets"]
    assert (state.offset, state.broken) == (4, False)


def test_that_rows_are_missing_is_in_the_journal_before_others_come(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_bytes(b"lost\n")
    with ExportJournal.begin(tmp_path, HEADER) as journal:
        plan = {"plan": PLAN.as_json(), "at": "now", "end": 9, "crc": 7, "rows": 1, "repeats": 0}
        journal.append({"resource": "tickets", **plan})
        journal.append({"sync": 2})
        syncer, known = JournalSyncer(journal, 3), replay(journal, {"tickets": path})["tickets"]
        spool, past = reopened("tickets", path, codec(""), known, syncer)
        spool.close()
        assert (known.offset, past.offset) == (9, 0)
        assert replay(journal, {"tickets": path})["tickets"].plan is None
