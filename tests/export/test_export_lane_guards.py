"""One lane of ids: each sign that a response is not all that was asked for, and what a lane keeps of its rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from halo_async.export.keyset import LaneReader, unfinished
from halo_async.export.plan import ExportLane, ExportMode, ExportPlan, OrderLostError
from halo_async.export.shown_rows import ShownRows
from halo_async.pagination.split_rows import RowPage

Ids = Sequence[int] | None
PLAN = ExportPlan(
    ExportMode.KEYSET,
    (ExportLane(None, 5), ExportLane(5, 9), ExportLane(9, 12)),
    total=12,
    length=3,
    newest=12,
)
"""Pages of three rows."""


def page(ids: Ids, total: int | None = None) -> RowPage:
    """A page of rows with these ids; None for a row without one."""
    rows = [{"name": "x"}] if ids is None else [{"id": id} for id in ids]
    found = None if ids is None else list(ids)
    return RowPage([json.dumps(row).encode() for row in rows], total, False, 0, ids=found)


@attrs.define
class Lane:
    """A lane whose pages a test names: each response is the next of them, the last one again and again."""

    pages: list[RowPage]
    newest: Ids = (12, 11, 10)
    asked: list[tuple[int | None, int | None]] = attrs.field(factory=list)
    commits: list[tuple[list[Any], list[int]]] = attrs.field(factory=list)

    async def between(self, last: int | None, high: int | None) -> RowPage:
        self.asked.append((last, high))
        assert len(self.asked) < 20, "it is read for ever"
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]

    async def whole(self) -> RowPage:
        return page(self.newest)

    async def commit(
        self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0, *, read_by: Any = None
    ) -> None:
        self.commits.append((list(state), [json.loads(row)["id"] for row in rows]))

    @property
    def rows(self) -> list[int]:
        """The ids that are written."""
        return [id for _, rows in self.commits for id in rows]


async def read(lane: Lane, number: int = 0, state: Any = None, first: RowPage | None = None) -> LaneReader:
    class Fetcher:
        between = staticmethod(lane.between)
        newest = staticmethod(lane.whole)
        shown = ShownRows()

    reader = LaneReader(Fetcher(), lane, PLAN, number, state)  # type: ignore[arg-type]
    await reader.run(first)
    return reader


async def test_a_lane_ends_with_its_last_id_and_bounds_each_page_by_the_newest_one() -> None:
    lane = Lane([page([1, 2, 3]), page([4, 5, 6])])
    await read(lane)
    assert lane.asked == [(None, 12), (3, 12)]
    assert lane.commits == [([3, False, 0], [1, 2, 3]), ([5, True, 0], [4, 5])]


@pytest.mark.parametrize("last", [[3, 4, 5], [6, 7, 8]])
async def test_a_lane_ends_at_a_page_that_reaches_its_end(last: list[int]) -> None:
    lane = Lane([page([-1, 1, 2]), page(last)])
    await read(lane)
    assert len(lane.asked) == 2
    assert lane.rows == [-1, 1, 2, *(id for id in last if id <= 5)]
    assert lane.commits[-1][0] == [lane.rows[-1], True, 0]


async def test_a_lane_is_gone_on_with_from_its_last_row() -> None:
    lane = Lane([page([8, 9, 10])])
    reader = await read(lane, 1, [7, False, 4])
    assert (lane.asked, lane.rows, reader.returned) == ([(7, 12)], [8, 9], 4)
    assert lane.commits[-1][0] == [9, True, 4]


async def test_a_lane_that_ended_before_is_not_read_again() -> None:
    lane = Lane([page([1, 2, 3])])
    await read(lane, 0, [5, True, 0], page([4, 5]))
    assert (lane.asked, lane.commits) == ([], [])


async def test_first_rows_without_ids_do_not_end_a_lane() -> None:
    lane = Lane([page([10, 11, 12])])
    await read(lane, 2, first=page(None))
    assert lane.rows == [10, 11, 12]


def test_lanes_are_left_that_are_not_at_their_end_but_for_the_highest() -> None:
    assert unfinished(PLAN, {}) == [0, 1]
    assert unfinished(PLAN, {0: [5, True, 0], 1: [7, False, 0]}) == [1]
    assert unfinished(PLAN, {0: None, 1: [9, True, 0], 2: [10, False, 0]}) == [0]


@pytest.mark.parametrize("cut", [[], [1], [1, 2]])
async def test_a_page_without_the_newest_row_has_to_be_as_short_three_times(cut: list[int]) -> None:
    lane = Lane([page(cut), page(cut), page([1, 2, 3]), page([4, 5, 6])])
    await read(lane)
    assert lane.rows == [1, 2, 3, 4, 5]
    assert len(lane.asked) == 4


async def test_of_short_pages_the_longest_counts() -> None:
    lane = Lane([page([1, 2]), page([1]), page([]), page([3, 4, 6])])
    await read(lane)
    assert lane.rows == [1, 2, 3, 4]


async def test_a_short_page_that_reaches_the_end_of_the_lane_can_be_without_rows_before_it() -> None:
    lane = Lane([page([1, 2, 3]), page([6]), page([4, 5, 6])])
    await read(lane)
    assert lane.rows == [1, 2, 3, 4, 5]


async def test_a_short_page_with_the_newest_row_is_the_end() -> None:
    lane = Lane([page([11, 12])])
    await read(lane, 2)
    assert (len(lane.asked), lane.rows) == (1, [11, 12])


@pytest.mark.parametrize("newest", [(12, 11, 10), (4,), (13, 12), ()], ids=str)
async def test_a_lane_does_not_end_at_empty_pages_while_the_list_has_rows_of_it(
    newest: Sequence[int],
) -> None:
    lane = Lane([page([1, 2, 3]), page([])], newest)
    with pytest.raises(OrderLostError):
        await read(lane)


@pytest.mark.parametrize("newest", [(3, 2, 1), (14, 13), (3,)], ids=str)
async def test_a_lane_ends_at_empty_pages_once_its_last_rows_are_deleted(newest: Sequence[int]) -> None:
    lane = Lane([page([1, 2, 3]), page([])], newest)
    await read(lane)
    assert lane.commits[-1] == ([3, True, 0], [])


@pytest.mark.parametrize("newest", [(3, 2), (-7,), (0,)], ids=str)
async def test_a_lane_without_rows_does_not_end_while_the_list_has_some(newest: Sequence[int]) -> None:
    with pytest.raises(OrderLostError):
        await read(Lane([page([])], newest))


@pytest.mark.parametrize(
    "ids",
    [[4, 3, 5], [2, 4, 5], [3, 4, 5], [4, 5, 13], None],
    ids=["not in order", "below", "known", "above", "none"],
)
async def test_a_page_of_other_rows_than_were_asked_for_is_not_written(ids: Ids) -> None:
    lane = Lane([page([1, 2, 3]), page(ids)])
    with pytest.raises(OrderLostError):
        await read(lane)
    assert lane.rows == [1, 2, 3]


async def test_ids_below_zero_are_those_of_the_first_lane() -> None:
    lane = Lane([page([-9, -8, 0]), page([5, 6, 12])])
    await read(lane)
    assert lane.rows == [-9, -8, 0, 5]


@pytest.mark.parametrize(
    ("totals", "most"), [((12, 9), 12), ((15, 20), 15), ((None, 20), 12), ((3, 9), 12), ((0, 9), 12)], ids=str
)
async def test_the_whole_list_is_counted_by_its_first_page(totals: Sequence[int | None], most: int) -> None:
    lane = Lane([page([1, 2, 3], totals[0]), page([4, 5, 6], totals[1])])
    assert (await read(lane)).total == most


@pytest.mark.parametrize(
    ("totals", "returned"),
    [
        ((12, 9, 6), 0),
        ((12, 10, 7), 1),
        ((12, 10, 9), 3),
        ((12, 7, 4), 0),
        ((12, 7, 5), 1),
        ((12, None, 9), 0),
        ((12, None, 11), 0),
        ((None, 12, 10), 1),
    ],
    ids=str,
)
async def test_totals_that_fall_by_less_than_was_read_tell_of_rows_that_came_back(
    totals: Sequence[int | None], returned: int
) -> None:
    ids = ([-9, -8, -7], [-6, -5, -4], [3, 4, 5])
    lane = Lane([page(some, total) for some, total in zip(ids, totals, strict=True)])
    assert (await read(lane)).returned == returned


async def test_a_short_page_between_two_full_ones_tells_nothing_of_rows_that_came_back() -> None:
    short = page([-6], 9)
    lane = Lane([page([-9, -8, -7], 12), short, short, short, page([3, 4, 5], 9)])
    assert (await read(lane)).returned == 0
