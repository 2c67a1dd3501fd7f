"""Several rows of one record: whatever is sent again, the record ends as the last of them says."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.emulator.thread import in_thread
from halo_async.writing import failed_rows, read_journal
from tests.support.bulk_kit import TICKETS, all_of, outcomes
from tests.support.cli_kit import environment, login

SCRIPT = Path(__file__).parents[1] / "support" / "killed_bulk.py"
ROWS = [
    {"id": 7, "summary": "old", "details": "only here"},
    {"id": 8, "summary": "other"},
    {"id": 7, "summary": "new"},
]
FAILS_ONCE = Fault("F60", TICKETS, "empty", times=1)
"""The first row is unknown; the others are written."""
IN_ORDER: dict[str, Any] = {"batch_size": 1, "concurrency": 1, "on_error": "continue"}
"""One request after the other: of updates side by side any may be the one that meets the fault."""


def ticket(emulator: Emulator, id: int = 7) -> dict[str, Any]:
    fields: dict[str, Any] = emulator.world.table("/Tickets").full(id)
    return fields


def sent(emulator: Emulator) -> list[Any]:
    return [row["summary"] for request in emulator.requests(TICKETS) for row in request.json()]


async def test_an_update_that_is_repeated_does_not_undo_a_later_one(
    emulator: Emulator, halo: Any, tmp_path: Path
) -> None:
    emulator.faults.add([FAILS_ONCE])
    options: dict[str, Any] = {**IN_ORDER, "journal": tmp_path / "journal"}
    results, _ = await all_of(halo.tickets.bulk_upsert(ROWS, **options))
    assert outcomes(results) == ["unknown", "written", "written"]
    assert (read_journal(tmp_path / "journal").repeatable, ticket(emulator)["summary"]) == ((0,), "new")
    emulator.requests.clear()

    results, error = await all_of(halo.tickets.bulk_upsert(ROWS, resume=True, **options))
    assert error is None
    assert [(result.outcome, result.earlier) for result in results] == [
        ("written", False), ("written", True), ("written", False)
    ]  # fmt: skip
    assert sent(emulator) == ["old", "new"]
    assert (ticket(emulator)["summary"], ticket(emulator)["details"]) == ("new", "only here")
    emulator.requests.clear()
    await all_of(halo.tickets.bulk_upsert(ROWS, resume=True, **options))
    assert sent(emulator) == []


async def test_a_row_that_was_refused_does_not_undo_a_later_one_once_it_is_taken(
    emulator: Emulator, halo: Any, tmp_path: Path
) -> None:
    rows = [{"id": 7, "summary": "old", "client_id": 2**40}, *ROWS[1:]]
    options: dict[str, Any] = {**IN_ORDER, "journal": tmp_path / "journal"}
    results, _ = await all_of(halo.tickets.bulk_upsert(rows, **options))
    assert outcomes(results) == ["refused", "written", "written"]
    emulator.requests.clear()
    results, _ = await all_of(halo.tickets.bulk_upsert(rows, resume=True, **options))
    assert outcomes(results) == ["refused", "written", "written"]
    assert sent(emulator)[-1] == "new"
    assert ticket(emulator)["summary"] == "new"


async def test_a_resumed_run_that_ends_between_the_two_leaves_it_to_the_next(
    emulator: Emulator, halo: Any, tmp_path: Path
) -> None:
    """The older row was sent again, and the newer one not yet."""
    options: dict[str, Any] = {**IN_ORDER, "journal": tmp_path / "journal"}
    emulator.faults.add([FAILS_ONCE])
    await all_of(halo.tickets.bulk_upsert(ROWS, **options))
    results = halo.tickets.bulk_upsert(ROWS, resume=True, **options)
    assert (await anext(results)).outcome == "written"
    await results.aclose()
    assert ticket(emulator)["summary"] == "old"
    emulator.requests.clear()
    again, error = await all_of(halo.tickets.bulk_upsert(ROWS, resume=True, **options))
    assert error is None
    assert [result.earlier for result in again] == [True, True, False]
    assert (sent(emulator), ticket(emulator)["summary"]) == (["new"], "new")


async def test_ids_that_count_within_a_ticket_are_not_the_same_record(
    emulator: Emulator, halo: Any, tmp_path: Path
) -> None:
    created = await halo.actions.upsert(
        [{"ticket_id": 1 + number % 2, "note": f"note {number}"} for number in range(20)]
    )
    ids = [{record.id for record in created if record.ticket_id == ticket} for ticket in (1, 2)]
    shared = min(ids[0] & ids[1])
    both = [{"id": shared, "ticket_id": ticket, "note": "changed"} for ticket in (1, 2)]
    options: dict[str, Any] = {**IN_ORDER, "journal": tmp_path / "journal"}
    emulator.faults.add([Fault("F60", "POST /Actions", "empty", times=1)])
    results, _ = await all_of(halo.actions.bulk_upsert(both, **options))
    assert outcomes(results) == ["unknown", "written"]
    results, _ = await all_of(halo.actions.bulk_upsert(both, resume=True, **options))
    assert [result.earlier for result in results] == [False, True]


async def test_the_error_file_has_the_later_row_too(emulator: Emulator, halo: Any, tmp_path: Path) -> None:
    """So that a run of its rows, in their order, leaves the record as the last row says."""
    emulator.faults.add([FAILS_ONCE])
    errors = tmp_path / "errors"
    await all_of(halo.tickets.bulk_upsert(ROWS, **IN_ORDER, errors=errors))
    lines = [json.loads(line) for line in errors.read_text().splitlines()]
    assert [(line["index"], line["not_written"], line["repeatable"]) for line in lines] == [
        (0, False, True),
        (2, False, True),
    ]
    assert "row 0" in lines[1]["error"]["message"]
    await all_of(halo.tickets.bulk_upsert(failed_rows(errors)))
    assert (ticket(emulator)["summary"], ticket(emulator)["details"]) == ("new", "only here")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_whenever_a_run_is_killed_each_record_ends_as_its_last_row_says(tmp_path: Path) -> None:
    dice = random.Random(3)
    rows = [
        {"id": 1 + dice.randrange(4), "summary": f"row {number}"} if number % 5 else {"summary": f"new {number}"}
        for number in range(24)
    ]  # fmt: skip
    last = {row["id"]: row["summary"] for row in rows if "id" in row}
    with in_thread(tickets=20, rate_limit=None) as emulator, subprocess.Popen(
        [sys.executable, str(SCRIPT)], env=environment(**login(emulator)), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None

        def run(instant: int, journal: Path) -> bool:
            job = {
                "instant": instant,
                "rows": rows,
                "journal": str(journal),
                "batch_size": 3,
                "concurrency": 3,
            }
            server.stdin.write(json.dumps(job) + "\n")
            server.stdin.flush()
            code, _, _ = json.loads(server.stdout.readline())
            assert code in (0, -signal.SIGKILL)
            return bool(code == 0)

        for number in range(12):
            journal = tmp_path / str(number)
            emulator.faults.add([Fault("F60", TICKETS, "empty", probability=0.4)])
            for instant in (0, dice.randrange(1, 40), dice.randrange(1, 25)):
                run(instant, journal)
            emulator.faults.clear()
            assert run(0, journal)
            assert {id: ticket(emulator, id)["summary"] for id in last} == last
            emulator.world.table("/Tickets").written.clear()
        server.stdin.close()
