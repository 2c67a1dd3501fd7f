"""Fewer rows than were counted: deleted meanwhile if the list says so and can be believed, else lost."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest

from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.settlement import deficit, unordered_deficit
from tests.support.faulty_list import FaultyList

NONE_THRICE = dict.fromkeys((1, 2, 3), "none")
LOW_THRICE = dict.fromkeys((1, 2, 3), "counted low")


@attrs.frozen
class Case:
    """A list as it is when it is asked, and what an export of it has received."""

    rows: int
    """Number of rows that there are now."""
    received: int
    most: int
    """The most rows that were counted."""
    spoilt: Mapping[int, str] = attrs.field(factory=dict)
    totals: str = "right"
    newest: int = 1000
    """The greatest id of the time when the export began."""
    returned: int = 0
    of: int = 10
    """The number of rows that the error names."""


def fetcher_of(case: Case) -> tuple[PageFetcher, FaultyList]:
    (operation,) = resolve_names(["tickets"])
    served = FaultyList(list(range(1, case.rows + 1)), case.spoilt, case.totals, cap=50)
    return PageFetcher(operation, served), served


async def told(case: Case) -> str | None:
    """What is said to be missing of a list with ids."""
    fetcher, _ = fetcher_of(case)
    error = await deficit(fetcher, case.received, case.most, case.newest, returned=case.returned)
    return None if error is None else str(error).partition(":")[0]


async def told_without_order(case: Case) -> str | None:
    """The same of a list whose ids tell nothing."""
    fetcher, _ = fetcher_of(case)
    error = await unordered_deficit(fetcher, case.received, case.most)
    return None if error is None else str(error).partition(":")[0]


MISSING = {
    "the list has them": Case(10, 8, 10),
    "one count that is lower than its rows explains nothing": Case(10, 8, 10, {1: "counted low"}),
    "nor do three": Case(10, 8, 10, LOW_THRICE),
    "a count of less than half is not believed the first time": Case(30, 20, 30, {1: "cut to 7"}, of=30),
    "nor the second": Case(30, 20, 30, {1: "cut to 7", 2: "cut to 7"}, of=30),
    "a list that does not count": Case(10, 8, 10, totals="none"),
    "a list that shows nothing any more": Case(0, 8, 10),
    "a list that shows nothing three times": Case(10, 8, 10, NONE_THRICE),
    "more are missing than came back": Case(10, 7, 10, returned=2),
    "one is missing beside those created": Case(15, 7, 10, newest=8, of=8),
    "one is missing beside those created on several pages": Case(208, 7, 10, newest=8, of=8),
}
EXPLAINED = {
    "as many as were counted": Case(10, 10, 10),
    "more than were counted": Case(10, 12, 10),
    "deleted": Case(8, 8, 10),
    "deleted, and created": Case(15, 8, 10, newest=8),
    "deleted, and created on several pages": Case(208, 8, 10, newest=8),
    "as many as came back": Case(10, 8, 10, returned=2),
    "deleted, though the first response was emptied": Case(8, 8, 10, {1: "none"}),
}


@pytest.mark.parametrize("name", MISSING)
async def test_rows_that_a_list_does_not_explain_are_missing(name: str) -> None:
    case = MISSING[name]
    assert await told(case) == f"Received {case.received} of {case.of} rows"


@pytest.mark.parametrize("name", EXPLAINED)
async def test_rows_that_a_list_no_longer_counts_are_not_missing(name: str) -> None:
    assert await told(EXPLAINED[name]) is None


async def test_a_list_of_which_no_row_is_missing_is_not_asked() -> None:
    for received in (10, 11):
        fetcher, served = fetcher_of(Case(10, received, 10))
        assert await deficit(fetcher, received, 10, 10) is None
        assert await deficit(fetcher, received, None, 10) is None
        assert await unordered_deficit(fetcher, received, 10) is None
        assert served.count == 0


async def test_a_count_of_half_is_believed_the_first_time() -> None:
    fetcher, served = fetcher_of(Case(5, 10, 12))
    assert await deficit(fetcher, 10, 12, 1000) is None
    assert served.count == 1


MISSING_WITHOUT_ORDER = {
    "the list has them": Case(10, 8, 10),
    "its page has more rows than it counts": Case(10, 8, 10, LOW_THRICE),
    "a count of less than half is not believed the first time": Case(30, 20, 30, {1: "cut to 7"}, of=30),
    "nor the second": Case(30, 20, 30, {1: "cut to 7", 2: "cut to 7"}, of=30),
    "a list that does not count": Case(5, 8, 10, totals="none"),
    "nothing came": Case(10, 0, 10, NONE_THRICE),
    "nothing came of a list that is empty now": Case(0, 0, 10),
}
EXPLAINED_WITHOUT_ORDER = {
    "as many as were counted": Case(10, 10, 10),
    "deleted": Case(8, 8, 10),
    "deleted by half": Case(5, 8, 10),
    "deleted, though the first response was emptied": Case(8, 8, 10, {1: "none"}),
    "nearly all deleted, as three responses say": Case(2, 8, 10),
}


@pytest.mark.parametrize("name", MISSING_WITHOUT_ORDER)
async def test_rows_are_missing_of_a_list_without_an_order(name: str) -> None:
    case = MISSING_WITHOUT_ORDER[name]
    assert await told_without_order(case) == f"Received {case.received} of {case.of} rows"


@pytest.mark.parametrize("name", EXPLAINED_WITHOUT_ORDER)
async def test_rows_are_not_missing_of_a_list_without_an_order_that_no_longer_counts_them(name: str) -> None:
    assert await told_without_order(EXPLAINED_WITHOUT_ORDER[name]) is None
