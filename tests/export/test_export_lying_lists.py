"""Instances that change their rules while they are read, or follow them in a way of their own."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

from halo_async.errors import IncompleteError, PaginationError
from tests.support.churning_list import ChurningList, export_list
from tests.support.faulty_list import FaultyList, read


@pytest.mark.parametrize("totals", ["none", "own"])
@pytest.mark.parametrize("cap", [37, 50])
@pytest.mark.parametrize("since", range(2, 9))
async def test_pages_that_become_shorter_end_no_reading(totals: str, cap: int, since: int) -> None:
    served = ChurningList(777, since, totals=totals, later_cap=(since, cap))
    found = await export_list(served)
    assert found.error is not None or not found.lost(served)


async def test_pages_that_became_shorter_are_read_to_their_end() -> None:
    served = ChurningList(777, 1, totals="none", later_cap=(4, 50))
    found = await export_list(served)
    assert (found.error, len(found.rows)) == (None, 777)


@attrs.define
class _Twice(ChurningList):
    """Pages become shorter twice."""

    again: int = 0

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        if self.count >= self.again:
            self.later_cap = (0, 25)
        return super().page(query)


@pytest.mark.parametrize("again", range(5, 14))
@pytest.mark.parametrize("totals", ["none", "own"])
async def test_pages_that_become_shorter_with_each_reading_end_none(totals: str, again: int) -> None:
    served = _Twice(777, 1, totals=totals, later_cap=(4, 50), again=again)
    found = await export_list(served)
    assert found.error is not None or not found.lost(served)


@attrs.define
class _Alternating(ChurningList):
    """Every second response has pages of half the length, as of another server behind the same address."""

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        self.cap = 100 if self.count % 2 else 50
        return super().page(query)


async def test_a_full_page_is_not_all_if_the_page_behind_it_has_its_last_rows() -> None:
    served = _Alternating(777, 1, totals="own", sorts=True)
    found = await export_list(served)
    assert found.error is not None or not found.lost(served)


async def test_two_rows_with_one_id_are_both_there_when_a_deletion_moves_one_to_the_place_of_the_other() -> (
    None
):
    served = _SameIds(250, 1, sorts=True)
    found = await export_list(served)
    assert found.error is not None or not found.lost(served)


@attrs.define
class _SameIds(ChurningList):
    """Two neighbours have one id; after the page that ends between them, an earlier row is deleted."""

    def _row(self, number: int) -> dict[str, Any]:
        return {**super()._row(number), "id": number - (number % 20 == 19)}

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        page = super().page(query)
        if [row["summary"] for row in page["tickets"][-1:]] == ["row 198"] and not self.gone:
            self.gone.add(self.held.pop(10))
            self.held.append(251)
        return page


@attrs.define
class _TextFilter(FaultyList):
    """Ids are compared as texts where they are filtered: 9 is not among those up to 74."""

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        tests = json.loads(query.get("advanced_search", "[]"))
        kept, self.ids = self.ids, [id for id in self.ids if all(_passes(str(id), test) for test in tests)]
        page = super()._page({**query, "advanced_search": "[]"})
        self.ids = kept
        return page


def _passes(id: str, test: dict[str, Any]) -> bool:
    return id > test["filter_value"] if test["filter_type"] == 7 else id <= test["filter_value"]


@attrs.define
class _OfAnother(ChurningList):
    """Totals are those of another list, and pages of the reading are cut behind as many rows."""

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        page = super().page(query)
        if "orderdesc" not in query:
            size, number = int(query["page_size"]), int(query["page_no"])
            page["tickets"] = page["tickets"][: max(0, 123 - (number - 1) * size)]
        return {**page, "record_count": 123}


async def test_a_list_without_the_rows_that_it_shows_as_the_newest_is_incomplete() -> None:
    found = await export_list(_OfAnother(400, 1, by_chance=1, sorts=False))
    assert found.error is None  # nothing shows that there are others
    with pytest.raises(IncompleteError, match=r"shows as the newest \(100 are missing\)"):
        raise (await export_list(_Reversed(400, 1))).error or AssertionError


@attrs.define
class _Reversed(_OfAnother):
    """The newest rows come first where they are asked for, and by their numbers else, as texts."""

    def _row(self, number: int) -> dict[str, Any]:
        return {**super()._row(number), "id": f"T{number:05}"}

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        self.held.sort(reverse="orderdesc" in query)
        return super().page(query)


@attrs.define
class _Cached(ChurningList):
    """Texts as ids; two early rows are deleted after page 1, and each page comes from a cache from then on."""

    kept: dict[str, dict[str, Any]] = attrs.field(factory=dict)

    def _row(self, number: int) -> dict[str, Any]:
        return {**super()._row(number), "id": f"T{number:05}"}

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        key = json.dumps(query, sort_keys=True)
        if key not in self.kept:
            self.kept[key] = super().page(query)
            if "orderdesc" not in query and len(self.gone) < 4:
                self.gone |= {self.held.pop(1), self.held.pop(1)}
                self.held += [self.made + 1, self.made + 2]
                self.made += 2
        return self.kept[key]


async def test_rows_of_a_page_that_another_took_the_place_of_are_not_lost() -> None:
    served = _Cached(250, 1, sorts=True)
    found = await export_list(served)
    shown = {row["summary"] for page in served.kept.values() for row in page["tickets"]}
    assert found.error is not None or len(found.rows) == len(shown)


@pytest.mark.parametrize("totals", ["right", "none", "own"])
@pytest.mark.parametrize(("rows", "cap"), [(74, 37), (120, 50), (250, 100), (900, 100)])
async def test_an_id_filter_that_compares_texts_loses_no_row(totals: str, rows: int, cap: int) -> None:
    served = _TextFilter(list(range(1, rows + 1)), totals=totals, cap=cap)
    try:
        ids, _ = await read(served)
    except PaginationError:
        return
    assert sorted(set(ids)) == list(range(1, rows + 1))
