"""Children whose pages have a length of the instance's own, where nothing counts them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from halo_async.errors import IncompleteError, PaginationLoopError
from halo_async.export.fetch import PageFetcher
from halo_async.export.in_memory import read_whole, same_whole_twice
from halo_async.export.names import resolve_names
from halo_async.transport import Request, Response
from tests.support.churning_list import Churn, ChurningList, Families, export_children

T = TypeVar("T")


def families(*rows: int, spoilt: dict[int, str] | None = None, **options: Any) -> Families:
    lists = {
        number: ChurningList(count, number, key="actions", base=1000 * number, **options)
        for number, count in enumerate(rows, 1)
    }
    return Families(lists, False, spoilt or {})


@pytest.mark.parametrize("totals", ["none", "own"])
@pytest.mark.parametrize("sizes", [True, False])
@pytest.mark.parametrize("cap", [12, 25, 37, 99, 100, 120, 200, 250, 999])
async def test_children_are_more_than_one_page_of_any_length(cap: int, sizes: bool, totals: str) -> None:
    for rows in ([cap + 13], [cap, cap + 1, 3], [1, cap + 30, 2 * cap]):
        served = families(*rows, cap=cap, sizes=sizes, totals=totals)
        found = await export_children(served, 1)
        assert found.error is None
        assert not found.lost(served), rows


@pytest.mark.parametrize("spoilt", ["none", "array", "no rows", "cut to 1", "first two rows"])
async def test_a_response_that_was_emptied_does_not_show_that_no_child_follows(spoilt: str) -> None:
    for first in range(2, 12):
        served = families(38, 30, 5, cap=25, totals="own", spoilt={first: spoilt, first + 1: spoilt})
        found = await export_children(served, 1)
        assert found.error is not None or not found.lost(served), first


async def test_only_parents_with_the_longest_pages_are_asked_for_what_follows() -> None:
    counts = [30, *range(1, 30), *[1] * 20]
    served = families(*counts, totals="own")
    found = await export_children(served, 1)
    assert (found.error, len(found.rows)) == (None, sum(counts))
    assert served.count == 1 + 2 * len(counts) + 1  # all are counted, each is requested twice


async def test_two_responses_of_the_only_parent_that_were_cut_alike_are_not_believed() -> None:
    served = families(7, totals="own", spoilt={2: "cut to 1", 3: "cut to 1"})
    found = await export_children(served, 1)
    assert found.error is None
    assert not found.lost(served)


async def test_rows_of_one_page_that_share_an_id_all_stay() -> None:
    """As in tables whose ids are not unique, where the one that came last is no later version of the other."""
    (operation,) = resolve_names(["tickets"])
    held = await read_whole(PageFetcher(operation, ChurningList(70, 1, twice=7, cap=50)))
    assert {json.loads(row)["summary"] for row in held.rows} == {f"row {number}" for number in range(1, 71)}


async def test_children_without_pages_that_count_more_than_they_are_do_not_count_as_whole() -> None:
    *_, operation = resolve_names(["asset_software"])
    assert not operation.paged

    class Sender:
        async def send(self, request: Any, decode: Any) -> Any:
            return decode(Response(200, {}, b'{"record_count": 3, "software": [{"id": 1}, {"id": 2}]}'))

    with pytest.raises(IncompleteError, match="2 of 3 rows"):
        await read_whole(PageFetcher(operation, Sender()))  # type: ignore[arg-type]


async def test_children_that_are_others_each_time_are_not_complete() -> None:
    found = await export_children(families(9, totals="own", churn=Churn(insert=1.0)), 1)
    assert isinstance(found.error, IncompleteError)


@pytest.mark.parametrize("totals", ["none", "own"])
@pytest.mark.parametrize("cap", [10, 25, 50, 99, 100])
async def test_a_first_page_that_comes_for_every_number_is_not_all_children(cap: int, totals: str) -> None:
    class Repeating(ChurningList):
        def page(self, query: dict[str, str]) -> dict[str, Any]:
            return super().page({**query, "page_no": "1"})

    served = families(3, totals=totals)
    served.lists[2] = Repeating(130, 2, key="actions", base=2000, cap=cap, totals=totals)
    found = await export_children(served, 1)
    assert isinstance(found.error, PaginationLoopError)


class Given:
    """A list whose responses are given: so many of its first rows each, the last one again and again."""

    def __init__(self, *counts: int) -> None:
        self.counts = counts
        self.asked = 0

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        count = self.counts[min(self.asked, len(self.counts) - 1)]
        self.asked += 1
        rows = [{"id": number, "ticket_id": 1} for number in range(1, count + 1)]
        body = json.dumps({"record_count": count, "actions": rows}).encode()
        return decode(Response(200, {"Content-Type": "application/json"}, body))


@pytest.mark.parametrize(
    ("counts", "alone", "asked"),
    [
        ((5, 3, 3, 5, 5), False, 5),  # fewer than before: two responses are not enough
        ((3, 3, 5, 5, 5), True, 5),  # one after the other: two are not enough either
        ((5, 4, 5, 5), False, 4),  # others between them: these two count alone
        ((5, 5), False, 2),
        ((5, 3, 3, 3), False, 4),
    ],
)
async def test_children_are_believed_once_enough_responses_in_a_row_agree(
    counts: tuple[int, ...], alone: bool, asked: int
) -> None:
    *_, operation = resolve_names(["actions"])
    served = Given(*counts)
    rows = await same_whole_twice(PageFetcher(operation, served), alone=alone)
    assert (len(rows), served.asked) == (counts[-1], asked)
