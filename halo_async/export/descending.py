"""Pages by id, read backwards: rows that move come towards the reader, and are met twice, not missed.

Under ascending ids new rows come at the end and a deletion moves the rows behind it to lower positions. A
reader that goes down meets such a row again. Each lane goes on below its own part until a page begins with an
id that the lane below had on its *first* page: so the rows that slipped over the border meanwhile come too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define

from halo_async.errors import PaginationLoopError
from halo_async.export.fetch import Fetcher
from halo_async.export.lanes import side_by_side
from halo_async.export.ledger import Ledger
from halo_async.export.plan import OrderLost, Plan
from halo_async.export.rows import Page
from halo_async.walk import missing


@define
class _Lane:
    """Where a lane is. `low`: the least id it has met; `mark`: the last id of its first page."""

    next: int
    low: int | None = None
    mark: int | None = None
    ended: bool = False

    def as_list(self) -> list[Any]:
        return [self.next, self.low, self.mark, self.ended]


class Reader:
    """Reads a list backwards."""

    def __init__(
        self, fetcher: Fetcher, ledger: Ledger, plan: Plan, states: dict[int, Any], first: Page | None
    ) -> None:
        """`first` is page 1 as the probe had it, to tell a list that always answers with it."""
        self._fetcher = fetcher
        self._ledger = ledger
        self._plan = plan
        self._lanes = {number: _Lane(*state) for number, state in states.items()}
        self._loop = first.ids if first is not None else None
        self._lowest_total: int | None = None
        self._rise = 0
        # New rows are those beyond the greatest id that the highest lane met first.
        marks = [lane.mark for lane in self._lanes.values() if lane.mark is not None]
        self._greatest = max([*marks, plan.newest or 0])

    async def read(self) -> bool:
        """Read every lane to its end, from where it was; whether no row can have been missed.

        :raises OrderLost: an answer was not what was asked for.
        :raises HaloError: a page could not be had.
        :raises OSError: it could not be written.
        """
        if len(self._lanes) < len(self._plan.lanes):
            await self._begin()
        await side_by_side(self._run(number) for number in self._lanes)
        return await self._only_new_rows()

    # The first pages of the lanes ----------------------------------------------------------------

    async def _begin(self) -> None:
        """All first pages, before any lane goes on: each lane has to know the mark of the one below."""
        tops = {number: lane.top for number, lane in enumerate(self._plan.lanes) if number not in self._lanes}
        pages: dict[int, tuple[int, Page]] = {}

        async def head(number: int, top: int) -> None:
            last = number == len(self._plan.lanes) - 1
            pages[number] = await (self._end(top) if last else self._at(top))

        await side_by_side(head(number, top) for number, top in tops.items())
        for number in sorted(pages, reverse=True):
            above = self._lanes.get(number + 1)
            await self._write_head(number, *pages[number], None if above is None else above.low)
        highest = len(self._plan.lanes) - 1
        if highest in pages:
            # What came back before the end was looked for is met by every lane.
            end = pages[highest][1]
            self._lowest_total, self._rise = (end.total if end.rows else None), 0

    async def _at(self, top: int) -> tuple[int, Page]:
        return top, await self._page(top)

    async def _end(self, top: int) -> tuple[int, Page]:
        """The last page with rows that were there at the beginning."""
        page = await self._page(top)
        while len(page.rows) >= self._plan.length and not self._is_end(top, page):
            top += 1
            page = await self._page(top)
        return top, page

    def _is_end(self, top: int, page: Page) -> bool:
        """Whether what is above a full page, if anything, is new.

        It is if the total has risen beyond this page. A total that ends here may be too low: it is
        believed only where the newest id is on this page.
        """
        newest = self._plan.newest
        if newest is None:
            return False
        return (page.ids or [0])[-1] >= newest or (page.total or 0) > top * self._plan.length

    async def _write_head(self, number: int, top: int, page: Page, below: int | None) -> None:
        rows, repeats = _between(page, None, below)
        ids = page.ids or []
        self._greatest = max([self._greatest, *ids[-1:]])
        lane = _Lane(top - 1, ids[0] if ids else below, ids[-1] if ids else None, ended=top == 1)
        self._lanes[number] = lane
        await self._ledger.commit(number, lane.as_list(), rows, repeats)

    # Going down ----------------------------------------------------------------------------------

    async def _run(self, number: int) -> None:
        lane, floor = self._lanes[number], self._floor(number)
        if floor is not None and lane.low is not None and lane.low <= floor:
            lane.ended = True
        while not lane.ended:
            page = await self._whole_page(lane.next)
            if lane.low is None and page.ids:
                self._greatest = max(self._greatest, page.ids[-1])
            rows, repeats = _between(page, floor, lane.low)
            if page.ids:
                lane.low = page.ids[0] if lane.low is None else min(lane.low, page.ids[0])
            reached = bool(page.ids) and floor is not None and lane.low is not None and lane.low <= floor
            lane.next -= 1
            lane.ended = reached or lane.next < 1
            await self._ledger.commit(number, lane.as_list(), rows, repeats)

    def _floor(self, number: int) -> int | None:
        """The mark of the nearest lane below that has one; None: down to page 1."""
        below = (self._lanes[lane].mark for lane in range(number - 1, -1, -1))
        return next((mark for mark in below if mark is not None), None)

    async def _whole_page(self, number: int) -> Page:
        """A page; one with fewer rows than its place says may have been cut on the way: read it once more."""
        page = await self._page(number)
        if len(page.rows) < self._expected(page, number):
            again = await self._page(number)
            if len(again.rows) < self._expected(again, number):
                raise OrderLost("pages of one length")
            return again
        return page

    def _expected(self, page: Page, number: int) -> int:
        before = (number - 1) * self._plan.length
        return min(self._plan.length, max(0, (page.total or 0) - before))

    async def _page(self, number: int) -> Page:
        lowest = self._lowest_total
        page = await self._fetcher.page(number)
        if not page.ascending:
            raise OrderLost("order=id honoured")
        if number > 1 and page.ids and page.ids == self._loop:
            raise PaginationLoopError(
                f"page {number} is the same as page 1: the instance ignores page_no here"
            )
        if page.rows and len(page.rows) > self._plan.length:
            raise OrderLost("pages of one length")
        self._watch(page, lowest)
        return page

    # Rows that come back -------------------------------------------------------------------------

    def _watch(self, page: Page, before: int | None) -> None:
        """Remember by how much the total rose, against answers that had come before this was asked for."""
        total = page.total
        if not page.rows or total is None:
            return
        if before is not None:
            self._rise = max(self._rise, total - before)
        self._lowest_total = total if self._lowest_total is None else min(self._lowest_total, total)

    async def _only_new_rows(self) -> bool:
        """Whether the rows that were added can all be at the end. Asks once more if the totals raise a doubt."""
        total, rows = self._lowest_total or 0, self._ledger.rows
        if not self._rise and rows >= total:
            return True
        page = await self._fetcher.newest()
        newest: int = max(page.ids or [0])
        added = max(0, newest - self._greatest)
        if rows < total and not added and not self._rise:
            raise missing(rows, total)
        return added >= self._rise


def _between(page: Page, floor: int | None, low: int | None) -> tuple[Sequence[bytes], int]:
    """The rows with `floor < id < low`, and how many others there were."""
    rows = [
        row
        for row, id in zip(page.rows, page.ids or [], strict=True)
        if (low is None or id < low) and (floor is None or id > floor)
    ]
    return rows, len(page.rows) - len(rows)
