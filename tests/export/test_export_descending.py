"""Lists that are read backwards: each check of a page by itself, where no other one would notice."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from halo_async.errors import IncompleteError, PaginationError
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.plan import ExportMode, ExportPlan
from halo_async.export.probe import probe
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from tests.support.faulty_list import SPOILT, FaultyList, ledger_of, read

CAP = 50


def backwards(rows: int, **kwargs: Any) -> FaultyList:
    return FaultyList(list(range(1, rows + 1)), searches=False, cap=CAP, **kwargs)


async def test_a_page_right_before_the_newest_rows_joins_them_only_if_it_is_whole() -> None:
    # 350 rows: page 6 of 50 ends where the newest rows begin.
    for spoilt in ("cut to 7", "cut to 7 without a total", "first two rows"):
        for numbers in ((2,), (2, 3)):
            served = backwards(350, spoilt=dict.fromkeys(numbers, spoilt))
            ids, done = await read(served, 1)
            assert sorted(ids) == list(range(1, 351)), (spoilt, numbers)
            assert done.plan is not None
            assert done.plan.mode is ExportMode.DESCENDING or len(numbers) == 2, spoilt


@pytest.mark.parametrize("following", ["as it is", "none", "no rows"])
async def test_a_total_that_is_two_pages_too_low_leaves_no_gap_before_the_newest_rows(following: str) -> None:
    # Page 6, full, is where 350 rows would have the last one before the newest; page 7 is the one behind it.
    spoilt = {1: "counts 100 fewer", **({} if following == "as it is" else {3: following})}
    ids, _ = await read(backwards(450, spoilt=spoilt), 1)
    assert sorted(ids) == list(range(1, 451))


async def planned(concurrency: int) -> ExportPlan:
    """The plan of 330 rows."""
    (operation,) = resolve_names(["tickets"])
    plan = (await probe(PageFetcher(operation, backwards(330)), concurrency)).plan
    assert plan.mode is ExportMode.DESCENDING
    return plan


async def gone_on_with(
    served: FaultyList, past: PastExport, concurrency: int = 1
) -> tuple[list[int], ResourceReader]:
    """The ids that another run reads, and how."""
    (operation,) = resolve_names(["tickets"])
    fetcher = PageFetcher(operation, served)
    ledger, spool = ledger_of(fetcher, past)
    reading = ResourceReader(fetcher, past, concurrency=concurrency, exact=True)
    await reading.run(ledger)
    return spool.ids, reading


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("spoilt", SPOILT)
async def test_a_run_that_was_stopped_before_its_first_page_is_gone_on_with(
    spoilt: str, concurrency: int
) -> None:
    for numbers in ((1,), (2,), (1, 2), (2, 3), (3, 4)):
        if spoilt == "middle" and len(numbers) > 1:
            continue  # only the total tells: it is not complete
        served = backwards(330, spoilt=dict.fromkeys(numbers, spoilt))
        ids, _ = await gone_on_with(served, PastExport(plan=await planned(concurrency)), concurrency)
        assert sorted(ids) == list(range(1, 331)), numbers


async def test_rows_created_before_a_run_is_gone_on_with_do_not_explain_a_total_that_rises_in_it() -> None:
    plan = await planned(1)
    begun = PastExport(plan=plan, lanes={0: [5, 251, 335, False]}, rows=85)  # rows 251 to 335 were received
    for past, number in ((PastExport(plan=plan), 5), (begun, 3)):
        _, done = await gone_on_with(backwards(335, spoilt={number: "counts 5 more"}), past)
        assert done.plan is not None
        assert done.plan.mode is ExportMode.UPWARD, number


async def test_a_list_that_shows_nothing_for_a_moment_has_not_shrunk() -> None:
    # Page 5 is emptied twice, and so are the newest rows, which are looked at because of that.
    ids, _ = await read(backwards(330, spoilt=dict.fromkeys((3, 4, 6), "none")), 1)
    assert sorted(ids) == list(range(1, 331))


@pytest.mark.parametrize("spoilt", ["cut to 7", "cut to 7 without a total", "cut to 37", "first two rows"])
async def test_a_page_that_was_cut_once_is_requested_again_and_the_list_stays_descending(spoilt: str) -> None:
    for number in range(3, 9):
        ids, done = await read(backwards(330, spoilt={number: spoilt}), 1)
        assert sorted(ids) == list(range(1, 331))
        assert done.plan is not None
        assert done.plan.mode is ExportMode.DESCENDING, number


@pytest.mark.parametrize("last", ["as it is", "cut to 50 without a total"])
async def test_a_list_whose_total_rose_unexplained_is_read_again(last: str) -> None:
    quiet = backwards(330)
    await read(quiet, 1)
    spoilt = {5: "counts 5 more"}
    if last != "as it is":
        spoilt.update(dict.fromkeys(range(quiet.count + 1, quiet.count + 10), last))
    served = backwards(330, spoilt=spoilt)
    ids, done = await read(served, 1)
    assert sorted(ids) == list(range(1, 331))
    assert done.plan is not None
    assert done.plan.mode is ExportMode.UPWARD
    assert any("reappeared" in warning for warning in done.warnings)
    assert served.count >= 2 * quiet.count - 2


async def test_a_list_whose_total_rose_and_that_shows_nothing_any_more_is_incomplete() -> None:
    quiet = backwards(330)
    await read(quiet, 1)
    nothing = dict.fromkeys(range(quiet.count + 1, quiet.count + 20), "none")
    with pytest.raises(IncompleteError):
        await read(backwards(330, spoilt={5: "counts 5 more", **nothing}), 1)


async def test_a_row_that_reappears_below_the_reader_pushes_none_past_it() -> None:
    served = backwards(450)
    back = served.ids.pop(9)

    class Returning(FaultyList):
        def _respond(self, query: dict[str, str]) -> bytes:
            body = super()._respond(query)
            if self.count == 4:  # page 3 was received; the row pushes the last one of page 2 there
                self.ids.insert(9, back)
            return body

    stirred = Returning(served.ids, searches=False)
    ids, _ = await read(stirred, 1)
    assert set(range(1, 451)) - {back} <= set(ids)


async def test_a_total_that_rose_behind_the_page_before_the_newest_rows_is_noticed() -> None:
    ids, done = await read(backwards(330, spoilt={2: "counts 60 fewer"}), 1)
    assert sorted(ids) == list(range(1, 331))
    assert done.plan is not None
    assert done.plan.mode is ExportMode.UPWARD


async def test_a_total_that_rose_before_the_page_before_the_newest_rows_is_noticed() -> None:
    class CountsFewerAtFirst(FaultyList):
        def _page(self, query: dict[str, str]) -> dict[str, Any]:
            page = super()._page(query)
            return {**page, "record_count": page["record_count"] - 3 * (self.count == 1)}

    _, done = await read(CountsFewerAtFirst(list(range(1, 100)), searches=False, cap=CAP), 1)
    assert done.plan is not None
    assert done.plan.mode is ExportMode.UPWARD


async def test_pages_that_become_longer_leave_no_gap_before_the_newest_rows() -> None:
    class Longer(FaultyList):
        def _page(self, query: dict[str, str]) -> dict[str, Any]:
            self.cap = 50 if self.count < 3 else 100
            return {**super()._page(query), "record_count": 123}

    served = Longer(list(range(1, 251)), searches=False)
    try:
        ids, _ = await read(served, 1)
    except PaginationError:
        return
    assert sorted(set(ids)) == list(range(1, 251))


async def test_a_total_that_rose_by_rows_created_at_the_end_leaves_it_descending() -> None:
    ids, done = await read(backwards(330, added={3: 331, 4: 332}), 1)
    assert set(range(1, 331)) <= set(ids)
    assert done.plan is not None
    assert done.plan.mode is ExportMode.DESCENDING


async def test_rows_created_behind_a_list_that_shrank_are_not_taken_for_its_rest() -> None:
    # All rows but the first 50 are deleted when the newest ones are read, and one is created behind them later.
    served = backwards(200, deleted={3: [50] * 150}, added={6: 201})
    ids, done = await read(served, 1)
    assert sorted(ids) == [*range(1, 51), *range(101, 202)]
    assert done.plan is not None
    assert done.plan.mode is ExportMode.DESCENDING


@attrs.define
class _OtherLength(FaultyList):
    """From some response on its pages have another length."""

    at: int = 0
    other: int = 0

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        if self.count >= self.at:
            self.cap = self.other
        return super()._page(query)


@pytest.mark.parametrize("other", [25, 49, 51, 75, 100])
async def test_pages_whose_length_changes_lose_no_row(other: int) -> None:
    for at in range(2, 12):
        for concurrency in (1, 4):
            served = _OtherLength(list(range(1, 451)), searches=False, cap=CAP, at=at, other=other)
            ids, _ = await read(served, concurrency)
            assert sorted(ids) == list(range(1, 451)), (at, concurrency)
