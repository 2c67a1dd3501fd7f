"""Pages in their order: lists whose pages and totals are odd, and what a reading of one costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from halo_async.errors import IncompleteError, PaginationLoopError
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.page_order import PageOrderReader
from halo_async.export.seen_ids import SeenIds
from tests.support.scripted_list import (
    Scripted,
    created,
    deleted,
    edited,
    exchanged,
    last_to_first,
    read,
    scripted,
    then,
)

ROWS = (0, 1, 2, 30, 50, 58, 100, 130)
REQUESTS = {
    (True, True, "right"): (4, 5, 5, 3, 2, 2, 3, 3),
    (True, True, "none"): (4, 9, 9, 7, 6, 6, 8, 8),
    (True, False, "right"): (4, 5, 5, 15, 14, 14, 10, 6),
    (True, False, "none"): (4, 9, 9, 15, 14, 18, 10, 10),
    (False, True, "right"): (4, 5, 5, 4, 3, 3, 4, 4),
    (False, True, "none"): (4, 9, 9, 7, 6, 6, 8, 8),
    (False, False, "right"): (4, 5, 5, 15, 14, 8, 10, 6),
    (False, False, "none"): (4, 9, 9, 15, 14, 12, 10, 10),
}
"""Of a list in order or not, with pages of 50 rows, that obeys page_size or does not, and counts its rows or not."""


@pytest.mark.parametrize(("shape", "requests"), REQUESTS.items(), ids=str)
async def test_a_quiet_list_of_any_shape_is_whole_after_so_many_requests(
    shape: tuple[bool, bool, str], requests: tuple[int, ...]
) -> None:
    sorts, sizes, totals = shape
    counts = []
    for rows in ROWS:
        served = scripted(rows, sorts=sorts, sizes=sizes, totals=totals)
        assert sorted(await read(served)) == list(range(1, rows + 1))
        counts.append(served.count)
    assert tuple(counts) == requests


@pytest.mark.parametrize("totals", ["none", "right"])
async def test_a_list_in_order_that_loses_all_rows_but_some_is_complete(totals: str) -> None:
    served = scripted(300, {2: lambda served: deleted(served, 260)}, sorts=True, totals=totals)
    rows = await read(served)
    assert served.throughout <= set(rows)


@pytest.mark.parametrize("totals", ["none", "right"])
async def test_pages_longer_than_was_asked_for_are_all_read(totals: str) -> None:
    served = scripted(600, cap=250, sizes=False, totals=totals)
    assert sorted(await read(served)) == list(range(1, 601))


async def test_a_list_that_is_quiet_in_the_third_reading_and_the_fourth_is_complete() -> None:
    """Each reading takes three requests."""
    served = scripted(60, {1: last_to_first, 4: last_to_first}, totals="none")
    assert sorted(await read(served)) == list(range(1, 61))
    assert served.count == 12


async def test_rows_created_between_two_readings_cost_no_third() -> None:
    served = scripted(60, {3: created}, totals="none")
    assert len(await read(served)) == 61
    assert served.count == 6


async def test_a_total_of_which_only_an_earlier_response_spoke_saves_a_reading() -> None:
    counted, not_counted = scripted(100, totals="none"), scripted(100, totals="none")
    await read(counted, total=100)
    await read(not_counted)
    assert counted.count < not_counted.count


@pytest.mark.parametrize("at", [2, 3])
async def test_a_response_that_does_not_count_costs_no_reading(at: int) -> None:
    quiet = scripted(100)
    served = scripted(100, spoilt={at: "cut to 50 without a total"})
    assert await read(served) == await read(quiet)
    assert served.count == quiet.count


@pytest.mark.parametrize("at", [3, 6])
async def test_a_page_that_is_shorter_the_second_time_costs_no_reading(at: int) -> None:
    quiet, served = scripted(70, totals="none"), scripted(70, totals="none", spoilt={at: "cut to 7"})
    assert await read(served) == await read(quiet)
    assert served.count == quiet.count


async def test_a_page_that_was_cut_twice_is_gone_on_from_while_more_are_counted() -> None:
    quiet, served = scripted(150), scripted(150, spoilt={3: "first two rows", 4: "first two rows"})
    assert await read(served) == await read(quiet)
    assert served.count <= quiet.count + 4


@pytest.mark.parametrize("count", [1, 20, 30])
async def test_rows_deleted_of_a_list_in_order_cost_a_request_or_two(count: int) -> None:
    quiet = scripted(300, sorts=True)
    served = scripted(300, {2: lambda served: deleted(served, count)}, sorts=True)
    await read(quiet)
    assert served.throughout <= set(await read(served))
    assert served.count <= quiet.count + 2


class Filtered(Scripted):
    """Page 2 always has ten rows fewer, as if one may not see them; page 3 is cut the first time."""

    cuts = False
    before = 0

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        page = super().page(query)
        number, before, self.before = page["page_no"], self.before, page["page_no"]
        kept = 40 if number == 2 else 7 if number == 3 and number != before and self.cuts else None
        return {**page, "tickets": page["tickets"][:kept]}


async def test_a_page_that_was_cut_is_doubted_behind_one_that_is_short() -> None:
    quiet, served = (Filtered(200, 1, cap=50, sizes=False, totals="none") for _ in range(2))
    served.cuts = True
    rows = await read(quiet)
    assert len(rows) == 190
    assert set(rows) <= set(await read(served))


class Circling(Scripted):
    """Pages that begin anew, or the last one for ever."""

    pages = 2
    stays = False
    bare = False

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        assert self.count < 60, "it is read for ever"
        number = int(query["page_no"])
        shown = min(number, self.pages) if self.stays else (number - 1) % self.pages + 1
        return super().page({**query, "page_no": str(shown)})

    def spoil(self, page: dict[str, Any], spoilt: str | None) -> bytes:
        return json.dumps(page["tickets"]).encode() if self.bare else super().spoil(page, spoilt)


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("pages", [2, 3])
async def test_pages_that_come_again_show_that_a_list_cannot_be_read_by_their_numbers(
    pages: int, stays: bool, bare: bool
) -> None:
    served = Circling(300, 1, cap=50, sizes=False, totals="none")
    served.pages, served.stays, served.bare = pages, stays, bare
    with pytest.raises(PaginationLoopError):
        await read(served)


async def test_a_list_that_counts_rows_and_shows_none_is_not_complete() -> None:
    served = scripted(30, spoilt=dict.fromkeys(range(1, 50), "no rows"))
    with pytest.raises(IncompleteError, match="0 of 30 rows"):
        await read(served)


@pytest.mark.parametrize("sizes", [True, False])
@pytest.mark.parametrize("rows", [100, 130])
async def test_a_total_of_nothing_past_the_end_does_not_take_the_place_of_that_before(
    rows: int, sizes: bool
) -> None:
    class Counting(Scripted):
        def _total(self, all_rows: int, rows: int) -> int:
            return all_rows + 5 if rows else 0

    with pytest.raises(IncompleteError, match=f"{rows} of {rows + 5} rows"):
        await read(Counting(rows, 1, cap=50, sizes=sizes))


@pytest.mark.parametrize("totals", ["none", "right"])
async def test_rows_that_moved_in_front_of_the_last_known_one_are_there(totals: str) -> None:
    def change(served: Scripted) -> None:
        moved, served.held = served.held[-3:], served.held[:-3]
        served.held[49:49] = moved

    assert sorted(await read(scripted(100, {1: change}, totals=totals))) == list(range(1, 101))


async def test_rows_without_an_id_hide_no_other_that_was_edited_and_comes_twice() -> None:
    class Mixed(Scripted):
        def _row(self, number: int) -> dict[str, Any]:
            row = super()._row(number)
            return row if number not in self.held[5:8] else {**row, "id": None}

    served = Mixed(150, 1, cap=50, script={2: then(edited, exchanged)})
    assert served.throughout <= set(await read(served))


async def test_ids_that_several_rows_share_cost_no_reading() -> None:
    class Shared(Scripted):
        def _row(self, number: int) -> dict[str, Any]:
            return {**super()._row(number), "id": number % 7 + 1}

    quiet, served = scripted(130), Shared(130, 1, cap=50)
    assert sorted(await read(served)) == sorted(await read(quiet))
    assert served.count == quiet.count


class _Alike(Scripted):
    def _row(self, number: int) -> dict[str, Any]:
        return super()._row(min(number, 1))


@pytest.mark.parametrize(
    "listed",
    [partial(_Alike, ids=False), partial(Scripted, ids=False), Scripted],
    ids=["equal rows", "rows without an id", "rows with an id"],
)
async def test_a_first_reading_that_is_gone_on_with_has_as_many_rows_and_takes_no_more_requests(
    listed: Callable[..., Scripted],
) -> None:
    (operation,) = resolve_names(["tickets"])
    commits: list[tuple[Any, Sequence[bytes]]] = []

    class Kept:
        async def commit(
            self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0, *, read_by: Any = None
        ) -> None:
            commits.append((state, rows))

    undisturbed, resumed = (listed(100, 1, cap=50) for _ in range(2))
    await PageOrderReader(PageFetcher(operation, undisturbed), Kept(), None, SeenIds()).read()
    whole = sum(len(rows) for _, rows in commits)
    state, first = commits[0]
    commits.clear()
    tally = SeenIds()
    tally.new(list(first))
    await PageOrderReader(PageFetcher(operation, resumed), Kept(), state, tally).read()
    assert len(first) + sum(len(rows) for _, rows in commits) == whole
    assert resumed.count == undisturbed.count - 1  # it is not read again for them
