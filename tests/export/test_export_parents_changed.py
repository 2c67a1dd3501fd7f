"""Rows of the parents that changed since the last run: with those that stay they are as many as are counted."""

from __future__ import annotations

import json

import pytest

from halo_async.export.children import CHILDREN
from halo_async.export.plan import ExportMode, ExportPlan
from halo_async.export.replay import PastExport
from tests.support.households import Households, LastRunInMemory, Reading, households, reading_of

ALL_OF_FIVE = [(5, 1), (5, 2), (5, 3)]


async def read_changed(
    served: Households, last: LastRunInMemory, past: PastExport | None = None
) -> tuple[bool, Reading]:
    reading = reading_of(served, past)
    explained = await reading.reader.by_changed_parents(reading.ledger, CHILDREN["actions"], last)
    return explained, reading


async def test_rows_that_are_as_many_as_are_counted_are_asked_for_once() -> None:
    served, last = households({5: 3}, totals=(5,)), LastRunInMemory([5], 2)
    explained, reading = await read_changed(served, last)
    assert (explained, reading.reader.is_confirmed, reading.rows) == (True, True, ALL_OF_FIVE)
    assert (served.asked, served.counted, last.asked) == ([5], 2, 0)


async def test_a_lost_row_is_not_taken_for_one_that_was_added_meanwhile() -> None:
    served, last = households({5: 3}, totals=(4, 5), short={1: 1}), LastRunInMemory([5], 2)
    explained, reading = await read_changed(served, last)
    assert (explained, reading.rows) == (True, ALL_OF_FIVE)
    assert reading.reader.is_confirmed


async def test_rows_that_were_added_before_or_after_they_were_read_are_explained() -> None:
    for totals in [(4, 5, 4, 5), (5, 6, 5, 6), (6, 5, 6, 5)]:
        served, last = households({5: 3}, totals=totals), LastRunInMemory([5], 2)
        explained, reading = await read_changed(served, last)
        assert (explained, reading.rows) == (True, ALL_OF_FIVE)
        assert last.asked == 1


@pytest.mark.parametrize("totals", [(4,), (6,), (3, 4, 3, 4), (6, 7, 6, 7)])
async def test_rows_that_are_not_as_many_as_are_counted_are_not_all(totals: tuple[int, ...]) -> None:
    last = LastRunInMemory([5], 2)
    explained, reading = await read_changed(households({5: 3}, totals=totals), last)
    assert (explained, reading.reader.is_confirmed, last.asked) == (False, False, 2)
    assert "there are 5 rows, and the instance counts" in reading.reader.unexplained


async def test_a_parent_that_is_found_the_second_time_is_asked_for_too() -> None:
    served, last = households({5: 3, 6: 1}, totals=(6,)), LastRunInMemory([5], 2, later=[6])
    explained, reading = await read_changed(served, last)
    assert (explained, reading.rows) == (True, [*ALL_OF_FIVE, (6, 1)])


async def test_rows_of_other_parents_are_not_those_that_changed() -> None:
    explained, reading = await read_changed(
        households({5: 3, 6: 1}, totals=(4,), ignores=True), LastRunInMemory([5])
    )
    assert not explained
    assert "rows of another parent than the requested one" in reading.reader.unexplained


async def test_rows_that_name_no_parent_are_not_those_that_changed() -> None:
    explained, _ = await read_changed(Households({5: [{"id": 1}]}, totals=(1,)), LastRunInMemory([5]))
    assert not explained


async def test_a_file_that_does_not_tell_whose_its_rows_are_explains_nothing() -> None:
    explained, reading = await read_changed(households({5: 3}, totals=(3,)), LastRunInMemory([5], None))
    assert not explained
    assert "the file does not have the parents of its rows" in reading.reader.unexplained


async def test_where_nothing_is_counted_responses_have_to_agree() -> None:
    served = households({5: 3}, short={1: 1})
    explained, reading = await read_changed(served, LastRunInMemory([5], 2))
    assert (explained, reading.reader.is_confirmed, reading.rows) == (True, False, ALL_OF_FIVE)


async def test_a_count_that_is_refused_afterwards_confirms_nothing() -> None:
    served, last = households({5: 3}, totals=(5, None, None, None) * 3), LastRunInMemory([5], 2)
    explained, _ = await read_changed(served, last)
    assert not explained  # a count without a total is requested three times


def stopped(total: int, parents: int = 2) -> PastExport:
    """An earlier run that read the first of the parents that had changed."""
    plan = ExportPlan(ExportMode.CHILDREN, length=1, total=total, parents=parents, changed=True)
    return PastExport(plan=plan, lanes={0: 1}, rows=1)


async def test_a_resumed_run_asks_for_the_parents_of_its_plan_that_are_left() -> None:
    served = households({5: 1, 6: 2, 7: 1}, totals=(5,))
    past = stopped(4)
    reading = reading_of(served, past)
    reading.spool.append([b'{"id":1,"ticket_id":5}'])
    last = LastRunInMemory([5, 6, 7], 2)
    assert await reading.reader.by_changed_parents(reading.ledger, CHILDREN["actions"], last)
    assert served.asked == [6]
    assert reading.rows == [(5, 1), (6, 1), (6, 2)]


async def test_what_was_counted_before_a_stop_explains_no_missing_row() -> None:
    served, last = households({5: 1, 6: 2, 7: 1}, totals=(6,)), LastRunInMemory([5, 6], 2, later=[7])
    reading = reading_of(served, stopped(5))
    reading.spool.append([b'{"id":1,"ticket_id":5}'])
    assert await reading.reader.by_changed_parents(reading.ledger, CHILDREN["actions"], last)
    assert reading.rows == [(5, 1), (6, 1), (6, 2), (7, 1)]


def test_a_plan_is_stored_with_all_that_it_says() -> None:
    for changed, twice in [(True, False), (True, True), (False, False)]:
        plan = ExportPlan(ExportMode.CHILDREN, length=2, total=9, parents=3, changed=changed, twice=twice)
        assert ExportPlan.from_json(json.loads(json.dumps(plan.as_json()))) == plan
