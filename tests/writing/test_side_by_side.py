"""An instance that fails over the numbers of rows that are created side by side."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.errors import BadRequestError, UnknownOutcomeError
from tests.support.bulk_kit import TICKETS, all_of, creates, outcomes, stored

UPDATES = [{"id": number, "summary": f"new {number}"} for number in range(1, 9)]
REASON = "The number of the new record is already in use"


@pytest.fixture(autouse=True)
def numbering(emulator: Emulator) -> None:
    emulator.faults.add([Fault("F63", "POST *", options={"delay": 0.02})])


def refused(emulator: Emulator) -> int:
    return sum(request.status == 400 for request in emulator.requests(TICKETS))


@pytest.mark.parametrize("concurrency", [1, 2, 4])
async def test_a_bulk_write_never_creates_rows_of_a_list_beside_others(
    emulator: Emulator, halo: Any, concurrency: int
) -> None:
    rows = [*creates(6), *UPDATES, *creates(6, "more")]
    results, error = await all_of(halo.tickets.bulk_upsert(rows, batch_size=2, concurrency=concurrency))
    assert (outcomes(results), error) == (["written"] * 20, None)
    assert refused(emulator) == 0
    assert all(count == 1 for count in stored(emulator).values())


async def test_lists_of_their_own_are_numbered_on_their_own(emulator: Emulator, halo: Any) -> None:
    notes = [{"ticket_id": number, "note": f"note {number}"} for number in range(1, 5)]
    both = await asyncio.gather(
        all_of(halo.tickets.bulk_upsert(creates(4), batch_size=1)),
        all_of(halo.actions.bulk_upsert(notes, batch_size=1)),
    )
    assert [(outcomes(results), error) for results, error in both] == [(["written"] * 4, None)] * 2


async def test_where_rows_are_created_side_by_side_those_that_fail_are_unknown_and_none_is_there_twice(
    emulator: Emulator, halo: Any
) -> None:
    results, _ = await all_of(
        halo.tickets.bulk_upsert(
            creates(12), batch_size=1, concurrency=4, parallel_creates=True, on_error="continue"
        )
    )
    written = {result.row["summary"] for result in results if result.outcome == "written"}
    others = [result for result in results if result.outcome != "written"]
    assert len(others) == refused(emulator) > 0
    assert len(emulator.requests(TICKETS)) == 12  # what may have been created is not sent again
    assert {result.outcome for result in others} == {"unknown"}
    assert all(REASON in str(result.error) for result in others)
    assert stored(emulator) == dict.fromkeys(written, 1)


async def test_single_creates_side_by_side_each_say_what_became_of_theirs(
    emulator: Emulator, halo: Any
) -> None:
    made = await asyncio.gather(
        *(halo.tickets.create(summary=f"row {number}") for number in range(4)), return_exceptions=True
    )
    failed = [item for item in made if isinstance(item, BaseException)]
    assert len(failed) == refused(emulator) > 0
    assert all(isinstance(error, BadRequestError | UnknownOutcomeError) for error in failed)
    assert all(REASON in str(error) for error in failed)
    kept = {item.summary: 1 for item in made if not isinstance(item, BaseException)}
    assert stored(emulator) == kept
