"""Random rows, random faults: what the results say is what the emulator has, also after a second run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator, Fault
from halo_async.errors import BulkWriteError
from halo_async.writing import failed_rows, read_journal, unknown_rows
from tests.support.bulk_kit import TICKETS, all_of, left_over, stored
from tests.support.examples import examples
from tests.support.writes_kit import client

NEW, OLD, BAD, NONE, LOST = "new", "old", "bad", "no such", "lost"
FAULTS = [("F02", "reset"), ("F02", "close"), ("F27", "500"), ("F27", "503"), ("F27", "502"), ("F23", "seconds"),
          ("F25", "bare"), ("F08", "cut"), ("F10", "empty"), ("F05", None), ("F18", None)]  # fmt: skip

kinds = st.lists(st.sampled_from([NEW, NEW, NEW, OLD, OLD, BAD, NONE, LOST]), max_size=25)
faults = st.lists(st.tuples(st.sampled_from(FAULTS), st.integers(0, 6)), max_size=4)


def rows_of(chosen: list[str]) -> list[dict[str, Any]]:
    rows = []
    for number, kind in enumerate(chosen):
        row: dict[str, Any] = {"summary": f"{kind} {number}"}
        extra = {
            OLD: {"id": number + 1},
            BAD: {"site_id": 2**40},
            NONE: {"id": 99_000 + number},
            LOST: {"id": None},
        }
        rows.append({**row, **extra.get(kind, {})})
    return rows


def agrees(emulator: Emulator, chosen: list[str], results: list[Any]) -> None:
    truth = stored(emulator)
    for result in results:
        times, kind = truth[result.row["summary"]], chosen[result.index]
        assert times <= 1
        if result.outcome == "written":
            assert times == 1
            assert kind in (NEW, OLD)
        elif result.outcome == "refused":
            assert times == 0
            assert result.repeatable
        else:
            assert result.repeatable == (kind in (OLD, NONE))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chosen=kinds, armed=faults, batch_size=st.integers(1, 6), concurrency=st.integers(1, 4))
async def test_results_journal_and_error_file_tell_the_truth(chosen, armed, batch_size, concurrency):
    rows, clock = rows_of(chosen), VirtualClock(auto_advance=True)
    options: dict[str, Any] = {"batch_size": batch_size, "concurrency": concurrency, "on_error": "continue"}
    async with Emulator(tickets=30, rate_limit=None, clock=clock) as emulator:
        emulator.faults.add(
            [Fault(n, TICKETS, variant, times=1, after=after) for (n, variant), after in armed]
        )
        with tempfile.TemporaryDirectory() as folder:
            files = {"journal": Path(folder) / "journal", "errors": Path(folder) / "errors"}
            async with client(emulator, clock=clock) as halo:
                results, error = await all_of(halo.tickets.bulk_upsert(rows, **options, **files))
            assert error is None or isinstance(error, BulkWriteError)
            assert [result.index for result in results] == list(range(len(results)))
            assert error is not None or len(results) == len(rows)
            agrees(emulator, chosen, results)
            failed = [result for result in results if not result.ok]
            assert list(failed_rows(files["errors"])) == [
                result.row for result in failed if result.repeatable
            ]
            assert list(unknown_rows(files["errors"])) == [
                result.row for result in failed if not result.repeatable
            ]
            event("ended early" if error else "all rows")

            emulator.faults.clear()
            async with client(emulator, clock=clock) as halo:
                again, error = await all_of(halo.tickets.bulk_upsert(rows, resume=True, **options, **files))
            assert error is None
            assert len(again) == len(rows)
            agrees(emulator, chosen, again)
            for before, after in zip(results, again, strict=False):
                if before.outcome == "written":
                    assert (after.outcome, after.id, after.earlier) == ("written", before.id, True)
            unknown = tuple(
                result.index for result in again if result.outcome == "unknown" and not result.repeatable
            )
            assert read_journal(files["journal"]).unknown == unknown
        assert not left_over()
