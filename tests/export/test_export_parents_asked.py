"""Rows that are requested by the ids of all their parents: none is lost, none comes twice."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from halo_async.errors import IncompleteError
from halo_async.export.children import CHILDREN, lane_of, read_lane, read_parents, unfinished, write_parents
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.own_rows import StrayRowError, all_rows, none_of_others, without_others
from halo_async.export.plan import ExportMode, ExportPlan
from halo_async.export.replay import PastExport
from tests.support.households import Households, Reading, households, reading_of

FOUR = [(5, 1), (5, 2), (6, 1), (6, 2)]


async def read_all(
    served: Households,
    folder: Path,
    past: PastExport | None = None,
    *,
    parents: list[int] | None = None,
    every: bool = True,
    lanes: int = 1,
    lines: list[bytes] | None = None,
) -> Reading:
    reading = reading_of(served, past, lanes=lanes)
    reading.spool.append(lines or [])
    write_parents(folder / "parents", served.rows if parents is None else parents)
    child = CHILDREN[served.name]
    await reading.reader.by_parent(reading.ledger, child, folder / "parents", every=every)
    return reading


async def test_a_parent_that_is_listed_twice_is_asked_for_once(tmp_path: Path) -> None:
    served = households({5: 2, 6: 2})
    reading = await read_all(served, tmp_path, parents=[5, 6, 5], lanes=2)
    assert reading.rows == FOUR
    assert set(served.asked) == {5, 6}


@pytest.mark.parametrize("kind", [int, float])
async def test_rows_of_other_parents_come_with_those_alone(
    tmp_path: Path, kind: Callable[[int], Any]
) -> None:
    rows = {of: [{"id": number, "ticket_id": kind(of)} for number in (1, 2)] for of in (5, 6)}
    served = Households(rows, totals=(4,), ignores=True)
    reading = await read_all(served, tmp_path)
    assert reading.rows == FOUR
    assert reading.ledger.repeats == 4
    assert not reading.reader.warnings


async def test_rows_that_name_no_parent_that_is_asked_for_stay(tmp_path: Path) -> None:
    rows: dict[int, list[dict[str, Any]]] = {
        5: [{"id": 1, "ticket_id": 9}, {"id": 2}, {"id": 3, "ticket_id": 0}, {"id": 7, "ticket_id": 6.5}],
        6: [{"id": 4, "ticket_id": 6.0}, {"id": 5, "ticket_id": "5"}],
    }
    reading = await read_all(Households(rows), tmp_path)
    assert reading.spool.ids == [1, 2, 3, 7, 4, 5]


@pytest.mark.parametrize(
    ("totals", "asked"),
    [
        ((4,), [5, 6, 5, 6, 5, 6]),
        ((3, 4), [5, 6, 5, 6, 5, 6]),
        ((None,), [5, 6, 5, 5, 6]),
    ],
    ids=["counted", "one was added meanwhile", "not counted"],
)
async def test_a_row_that_one_response_lost_comes_when_all_are_asked_again(
    tmp_path: Path, totals: tuple[int | None, ...], asked: list[int]
) -> None:
    served = households({5: 2, 6: 2}, totals=totals, short={1: 1})
    reading = await read_all(served, tmp_path)
    assert reading.rows == FOUR
    assert served.asked == asked
    assert len(reading.reader.warnings) == (totals[0] is not None)


async def test_one_response_is_enough_where_as_many_are_counted_before_and_after(tmp_path: Path) -> None:
    served = households({5: 2, 6: 2}, totals=(4,))
    assert (await read_all(served, tmp_path)).rows == FOUR
    assert (served.asked, served.counted) == ([5, 6], 2)


async def test_what_is_counted_of_some_parents_or_of_other_things_tells_nothing(tmp_path: Path) -> None:
    served = households({5: 2, 6: 2}, totals=(3,), short={1: 1})
    assert (await read_all(served, tmp_path, every=False)).rows == FOUR
    served = households({5: 2, 6: 2}, totals=(3,), short={1: 1}, name="attachment")
    assert (await read_all(served, tmp_path)).rows == FOUR


async def test_a_parent_that_is_asked_alone_has_what_three_responses_have(tmp_path: Path) -> None:
    served = households({5: 2}, short={1: 1, 2: 1})
    assert (await read_all(served, tmp_path)).rows == FOUR[:2]


def stopped(rows: int, total: int | None, *, changed: bool = False) -> PastExport:
    """An earlier run that read the first of two parents."""
    plan = ExportPlan(ExportMode.CHILDREN, length=1, total=total, parents=2, changed=changed)
    return PastExport(plan=plan, lanes={0: 1}, rows=rows)


async def test_a_resumed_reading_asks_for_the_parents_that_are_left(tmp_path: Path) -> None:
    served = households({5: 2, 6: 2}, totals=(4,))
    lines = [b'{"id":1,"ticket_id":5}', b'{"id":2,"ticket_id":5}']
    reading = await read_all(served, tmp_path, stopped(2, 4), lines=lines)
    assert (reading.rows, served.asked) == (FOUR, [6])


async def test_a_resumed_reading_that_is_short_asks_for_all_parents_again(tmp_path: Path) -> None:
    served = households({5: 2, 6: 2}, totals=(4,))
    reading = await read_all(served, tmp_path, stopped(1, 4), lines=[b'{"id":1,"ticket_id":5}'])
    assert reading.rows == FOUR
    assert set(served.asked) == {5, 6}


async def test_a_plan_of_other_parents_is_not_gone_on_with(tmp_path: Path) -> None:
    served = households({4: 1, 5: 2, 6: 2}, totals=(5,))
    reading = await read_all(served, tmp_path, stopped(1, 5), lines=[b'{"id":1,"ticket_id":4}'])
    assert reading.rows == [(4, 1), *FOUR]
    assert served.asked == [4, 5, 6]


async def test_a_plan_of_the_parents_that_changed_is_not_gone_on_with_for_all(tmp_path: Path) -> None:
    """Though these are as many: only a plan of all of them makes a file without the rows of the last run."""
    served = households({5: 2, 6: 2}, totals=(4,))
    past = stopped(2, 4, changed=True)
    lines = [b'{"id":1,"ticket_id":5}', b'{"id":2,"ticket_id":5}']
    reading = await read_all(served, tmp_path, past, lines=lines)
    assert reading.rows == FOUR
    assert served.asked == [5, 6]
    assert reading.reader.plan is not None
    assert not reading.reader.plan.changed


async def test_parents_that_were_not_received_are_missing(tmp_path: Path) -> None:
    reading = reading_of(households({5: 2}))
    with pytest.raises(IncompleteError, match="parent list 'tickets' could not be read"):
        await reading.reader.by_parent(reading.ledger, CHILDREN["actions"], tmp_path / "none", every=True)


async def test_a_row_of_another_parent_is_refused_where_its_parents_are_not_known() -> None:
    own = none_of_others("ticket_id", named=False)
    rows = [b'{"id":1,"ticket_id":5}', b'{"id":2}']
    assert own(5, rows) == rows
    with pytest.raises(StrayRowError, match="whose ticket_id is 6 when those of 5 were requested"):
        own(5, [b'{"id":1,"ticket_id":6}'])
    assert none_of_others(None, named=False)(5, rows) == without_others(None, {5})(5, rows) == rows


def test_only_ids_that_parents_can_have_are_asked_for(tmp_path: Path) -> None:
    ids = [5, 0, -1, 2**63, None, "7", *range(10, 10_000)]
    write_parents(tmp_path / "parents", ids)
    assert list(read_parents(tmp_path / "parents")) == [5, *range(10, 10_000)]


async def test_a_row_that_one_response_lost_comes_when_two_readings_are_short(tmp_path: Path) -> None:
    served = households({5: 2, 6: 2}, totals=(4,), short={1: 1, 3: 1})
    assert (await read_all(served, tmp_path)).rows == FOUR


async def test_each_parent_is_in_one_lane(tmp_path: Path) -> None:
    for lanes in (1, 2, 3, 5):
        for count in range(9):
            folder = tmp_path / f"{lanes} {count}"
            folder.mkdir()
            served = households(dict.fromkeys(range(1, count + 1), 1))
            reading = await read_all(served, folder, lanes=lanes)
            assert [parent for parent, _ in reading.rows] == list(range(1, count + 1))
            assert all(served.asked.count(parent) in (2, 3) for parent in range(1, count + 1))


class _Stopped:
    """Takes the rows of so many parents."""

    def __init__(self, left: int) -> None:
        self.left, self.states, self.rows = left, list[int](), list[bytes]()

    async def commit(self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0, **_: Any) -> None:
        if not self.left:
            raise InterruptedError
        self.left -= 1
        self.states.append(state)
        self.rows += rows


@pytest.mark.parametrize("number", [0, 1])
async def test_a_lane_that_is_stopped_anywhere_goes_on_with_its_next_parent(number: int) -> None:
    served = households(dict.fromkeys(range(11, 20), 1))
    parents, mine = array("q", served.rows), list(served.rows)[number::2]
    fetcher, child = PageFetcher(resolve_names(["actions"])[-1], served), CHILDREN["actions"]
    for done in range(len(mine) + 1):
        first, rest = _Stopped(done), _Stopped(99)
        whole = lane_of(parents, number, 2, None)
        with suppress(InterruptedError):
            await read_lane(fetcher, first, child, whole, twice=False, own=all_rows)
        state = first.states[-1] if first.states else None
        here, there = lane_of(parents, number, 2, state), whole.after(state)
        assert (list(here.parents), here.first) == (list(there.parents), there.first)
        assert unfinished(parents, 2, {number: state}).get(number, b"") == array("q", mine[done:]).tobytes()
        await read_lane(fetcher, rest, child, there, twice=False, own=all_rows)
        rows = [json.loads(row)["ticket_id"] for row in [*first.rows, *rest.rows]]
        assert rows == mine
        assert rest.states == whole_states(number, len(mine))[done:]


def whole_states(number: int, parents: int) -> list[int]:
    """The places of the parents that follow each one of a lane."""
    return [number + 2 * place for place in range(1, parents + 1)]
