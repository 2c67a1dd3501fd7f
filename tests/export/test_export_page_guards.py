"""Pages in their order: each sign that a row can have been missed by itself, where no other one would show it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import attrs
import pytest

from halo_async.errors import IncompleteError, PaginationLoopError
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.page_order import PageOrderReader
from halo_async.export.seen_ids import SeenIds
from tests.support.churning_list import Churn, ChurningList
from tests.support.scripted_list import (
    HIDDEN,
    Change,
    Scripted,
    created,
    deleted,
    edited,
    exchanged,
    first_to_last,
    last_to_first,
    last_to_page_2,
    read,
    scripted,
    then,
)

HIDDEN_ON_PAGE_2 = then(deleted, last_to_page_2)
"""The same, where page 1 does not show it at the end."""


def _back_and_first_to_last(served: Scripted) -> None:
    """The deleted row is the first again, and the one that had moved there the last."""
    first_to_last(served)
    served.held.insert(0, *served.gone)


def _ten_hidden(served: Scripted) -> None:
    for change in (deleted, last_to_first, created):
        for _ in range(10):
            change(served)


MISSED: dict[str, Scripted] = {
    "the last known row is in another place": scripted(150, {2: last_to_page_2}),
    "the total is another one": scripted(150, {2: HIDDEN_ON_PAGE_2}),
    "page 1 shows it at the end": scripted(100, {1: then(HIDDEN, created)}),
    "page 1 shows it at the end, once it is whole": scripted(
        100, {1: then(HIDDEN, created)}, spoilt={4: "no rows"}
    ),
    "page 1 shows it at the end, of which more is cut the second time": scripted(
        100, {1: then(HIDDEN, created)}, spoilt={4: "cut to 7", 5: "no rows"}
    ),
    "page 1 shows some at the end, of which none are left the second time": scripted(
        100, {1: _ten_hidden}, spoilt={4: "cut to 7", 5: "no rows"}
    ),
    "page 1 shows it at the end, though ids ascend by chance": scripted(
        100, {1: then(HIDDEN, created)}, by_chance=1
    ),
    "page 1 shows it at the end, without an id": scripted(100, {1: then(HIDDEN, created)}, ids=False),
    "nothing counts": scripted(150, {2: HIDDEN_ON_PAGE_2}, totals="none"),
    "a row is received twice": scripted(150, {2: exchanged}),
    "a row is received twice in the second reading": scripted(150, dict.fromkeys((2, 4, 6, 8), exchanged)),
    "a row without an id is received twice": scripted(150, {2: exchanged}, ids=False),
    "a row is received twice, and was edited": scripted(150, {2: then(edited, exchanged)}),
    "pages are too short to overlap": scripted(6, {3: then(deleted, created)}, cap=2),
    "page_size is ignored": scripted(200, {3: then(deleted, created)}, sizes=False),
    "the first page is empty": scripted(30, spoilt=dict.fromkeys((1, 2, 3), "none")),
    "the first page of the second reading is cut": scripted(
        150, {2: HIDDEN_ON_PAGE_2}, spoilt={5: "cut to 7", 6: "cut to 7"}
    ),
    "of two readings with the same rows the second one found a row in another place": scripted(
        60, {1: HIDDEN, 3: _back_and_first_to_last, 4: last_to_first}, totals="none"
    ),
    "of two readings with the same rows the first one found a row in another place": scripted(
        60, {1: last_to_first, 3: first_to_last, 4: HIDDEN}, totals="none"
    ),
    "of two readings with the same rows the first one had a row twice that was edited": scripted(
        150, {2: then(edited, exchanged), **dict.fromkeys((5, 7, 10), exchanged)}, totals="none"
    ),
    "a page or more is deleted of a list in order": scripted(
        300, {2: lambda served: deleted(served, 60)}, sorts=True
    ),
}


@pytest.mark.parametrize("name", MISSED)
async def test_a_list_is_read_again_where_a_row_can_have_been_missed(name: str) -> None:
    served = attrs.evolve(MISSED[name])
    assert served.throughout <= set(await read(served))
    assert served.count > 4


@pytest.mark.parametrize("missed", [HIDDEN, last_to_first], ids=["one is deleted", "none is deleted"])
async def test_two_readings_that_missed_the_same_row_do_not_agree(missed: Change) -> None:
    """Each reading takes three requests; the row is at the end again before the next one begins."""
    script = {number: missed if number % 3 == 1 else first_to_last for number in (1, 3, 4, 6, 7, 9, 10)}
    with pytest.raises(IncompleteError, match="changed each of the 4 times"):
        await read(scripted(60, script, totals="none"))


@pytest.mark.parametrize("totals", ["none", "right", "own"])
async def test_rows_without_an_id_are_there_once_however_often_the_list_is_read(totals: str) -> None:
    found = await read(scripted(120, {1: last_to_first}, totals=totals, ids=False))
    assert sorted(found) == list(range(1, 121))


async def test_equal_rows_without_an_id_on_different_pages_are_kept_once_a_second_reading_has_them() -> None:
    served, twice = scripted(120, ids=False), scripted(120, ids=False)
    twice.held += [1, 2]
    assert sorted(await read(served)) == list(range(1, 121))
    assert sorted(await read(twice)) == sorted(twice.held)
    assert served.count < twice.count <= 2 * served.count


async def test_a_list_that_counts_more_than_it_shows_is_not_complete() -> None:
    class Counting(Scripted):
        step = 0

        def _total(self, all_rows: int, rows: int) -> int:
            return all_rows + 5 + self.step * (self.count % 2)

    with pytest.raises(IncompleteError, match="100 of 105 rows"):
        await read(Counting(100, 1, cap=50))
    Counting.step = 1
    with pytest.raises(IncompleteError, match="changed each of the 4 times"):
        await read(Counting(100, 1, cap=50))


async def test_a_list_that_repeats_its_first_page_is_not_complete() -> None:
    class Repeating(Scripted):
        def page(self, query: dict[str, str]) -> dict[str, Any]:
            assert self.count < 60, "it is read for ever"
            return super().page({**query, "page_no": "1"})

    for sizes, sorts in product((True, False), (True, False)):
        with pytest.raises(PaginationLoopError):
            await read(Repeating(180, 1, totals="none", sizes=sizes, sorts=sorts))


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("totals", ["none", "right"])
async def test_a_list_too_short_to_overlap_that_ignores_page_numbers_is_not_read_for_ever(
    rows: int, totals: str
) -> None:
    class Repeating(Scripted):
        bare = False

        def page(self, query: dict[str, str]) -> dict[str, Any]:
            assert self.count < 60, "it is read for ever"
            return super().page({**query, "page_no": "1"})

        def spoil(self, page: dict[str, Any], spoilt: str | None) -> bytes:
            return json.dumps(page["tickets"]).encode() if self.bare else super().spoil(page, spoilt)

    with pytest.raises(PaginationLoopError):
        await read(Repeating(rows, 1, totals=totals))
    Repeating.bare = True
    for some, ids in product((0, rows), (True, False)):
        served = Repeating(some, 1, ids=ids)
        assert sorted(await read(served)) == list(range(1, some + 1))
        assert not some or served.count == 3


@pytest.mark.parametrize("totals", ["none", "right"])
async def test_a_row_that_another_one_moves_to_the_next_page_does_not_look_like_a_page_that_is_repeated(
    totals: str,
) -> None:
    served = scripted(1, {2: lambda served: served.held.insert(0, 2)}, totals=totals)
    assert sorted(await read(served)) == [1, 2]


async def test_an_empty_page_in_a_list_that_shrinks_does_not_end_a_reading_the_first_time() -> None:
    churn = Churn(delete=0.2, until=20)
    served = ChurningList(57, 959, churn, "none", ids=False, cap=25, spoilt={8: "no rows", 9: "cut to 0"})
    with pytest.raises(IncompleteError, match="changed each of the 4 times"):
        await read(served)


class _Stopping:
    """Takes rows up to a request, and once more after that."""

    def __init__(self, served: Scripted, stop: int) -> None:
        self.rows, self.state = list[bytes](), None
        self._served, self.stop = served, stop

    async def commit(self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0, **_: Any) -> None:
        if self._served.count >= self.stop:
            raise InterruptedError
        self.state = state
        self.rows += rows


@pytest.mark.parametrize("stop", [7, 8])
async def test_a_reading_that_is_gone_on_with_does_not_show_that_no_row_came_twice(stop: int) -> None:
    """In the second reading one comes before and after the stop, and that with which it changes places never."""
    served = scripted(150, dict.fromkeys((2, 4, 6), exchanged))
    fetcher, kept = PageFetcher(resolve_names(["tickets"])[0], served), _Stopping(served, stop)
    with pytest.raises(InterruptedError):
        await PageOrderReader(fetcher, kept, None, SeenIds()).read()
    kept.stop, tally = 10**9, SeenIds()
    tally.new(kept.rows)
    await PageOrderReader(fetcher, kept, kept.state, tally).read()
    assert served.throughout <= {json.loads(row)["id"] for row in kept.rows}
