"""SIGKILL at any instant, then resumed: no duplicate where the outcome was known, and the other rows are listed."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator
from halo_async.emulator.thread import in_thread
from halo_async.writing import read_journal
from tests.support.bulk_kit import stored
from tests.support.killed_jobs import job_server

KILLS = int(os.environ.get("HALO_BULK_KILLS", "36"))
"""A campaign sets more."""
BATCH, WIDTH = 4, 3
NEW, OLD, BAD = "new", "old", "bad"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
Run = Callable[..., tuple[bool, int, list[Any]]]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with in_thread(tickets=40, rate_limit=None) as running:
        yield running


@pytest.fixture(scope="module")
def run(emulator: Emulator) -> Iterator[Run]:
    """`run(instant, rows, journal)`: whether it lived, the steps that it made, the outcomes."""
    with job_server("killed_bulk.py", emulator) as send:

        def run(instant: int, rows: list[dict[str, Any]], journal: Path) -> tuple[bool, int, list[Any]]:
            job = {"instant": instant, "rows": rows, "journal": str(journal)}
            code, made, found = send({**job, "batch_size": BATCH, "concurrency": WIDTH})
            assert code in (0, -signal.SIGKILL)
            return code == 0, made, found

        yield run


def rows_of(name: str) -> list[dict[str, Any]]:
    """Rows to create, a few to update, a few that the model binder refuses."""
    kinds = [NEW, NEW, OLD, NEW, BAD, NEW, NEW]
    rows: list[dict[str, Any]] = []
    for number in range(42):
        kind = kinds[number % len(kinds)]
        row: dict[str, Any] = {"summary": f"{name} {kind} {number}"}
        rows.append(
            {
                **row,
                **({"id": 1 + number // 2} if kind == OLD else {"client_id": 2**40} if kind == BAD else {}),
            }
        )
    return rows


def check(emulator: Emulator, rows: list[dict[str, Any]], found: list[Any], journal: Path, lost: int) -> None:
    """What the emulator has is what the results say; unknown is what was under way when a process ended."""
    truth, known = stored(emulator), read_journal(journal)
    assert len(found) == len(rows)
    unknown = [index for index, (outcome, _, _) in enumerate(found) if outcome == "unknown"]
    assert tuple(unknown) == known.unknown
    assert len(unknown) <= lost
    for row, (outcome, id, _) in zip(rows, found, strict=True):
        times = truth[row["summary"]]
        if "client_id" in row and outcome != "unknown":
            assert (outcome, times) == ("refused", 0)
        elif outcome == "unknown":
            assert "id" not in row
            assert times <= 1
        else:
            assert (outcome, times) == ("written", 1)
            assert emulator.world.table("/Tickets").full(id)["summary"] == row["summary"]


def test_a_killed_write_resumes_without_a_duplicate(emulator, run, tmp_path):
    lived, steps, found = run(0, rows_of("whole"), tmp_path / "whole")
    assert lived
    check(emulator, rows_of("whole"), found, tmp_path / "whole", 0)
    dice = random.Random(11)
    instants = dice.sample(range(1, steps + 1), min(KILLS, steps))
    assert len(instants) >= 30
    some_unknown = 0
    for instant in instants:
        rows, journal = rows_of(f"kill {instant}"), tmp_path / str(instant)
        lived, _, _ = run(instant, rows, journal)
        _, _, found = run(0, rows, journal)
        check(emulator, rows, found, journal, 0 if lived else BATCH * WIDTH)
        some_unknown += any(outcome == "unknown" for outcome, _, _ in found)
    assert 0 < some_unknown < len(instants)


def test_a_write_that_is_killed_again_and_again_still_ends(emulator, run, tmp_path):
    rows, journal, dice = rows_of("many"), tmp_path / "many", random.Random(5)
    kills, lived = 0, False
    while not lived:
        lived, _, found = run(dice.randrange(4, 30), rows, journal)
        kills += not lived
    assert kills > 2
    check(emulator, rows, found, journal, kills * BATCH * WIDTH)
