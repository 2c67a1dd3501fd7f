"""Pages by id, read backwards: rows that move come towards the reader, and are met twice, not missed.

Under ascending ids new rows come at the end and a deletion moves the rows behind it to lower positions. A
reader that goes down meets such a row again. Each lane goes on below its own part until a page begins with an
id that the lane below had on its *first* page: so the rows that slipped over the border meanwhile come too.

The highest lane begins with the newest rows, asked for in descending order: whatever is added later is behind
them. The total says on which page the row before them is; that page has to join them, or the total is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define

from halo_async.export.fetch import Fetcher
from halo_async.export.lanes import side_by_side
from halo_async.export.ledger import Ledger
from halo_async.export.plan import OrderLost, Plan
from halo_async.export.probe import Probed
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
        self, fetcher: Fetcher, ledger: Ledger, plan: Plan, states: dict[int, Any], probed: Probed | None
    ) -> None:
        """`probed`: what the first answers brought, unless an earlier run had them."""
        self._fetcher = fetcher
        self._ledger = ledger
        self._plan = plan
        self._lanes = {number: _Lane(*state) for number, state in states.items()}
        self._newest = None if probed is None else probed.first
        self._below = None if probed is None else probed.below
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
        highest = len(self._plan.lanes) - 1
        heads: dict[int, tuple[_Lane, list[Page]]] = {}

        async def head(number: int) -> None:
            top = self._plan.lanes[number].top
            heads[number] = await (self._end() if number == highest else self._at(top))

        await side_by_side(head(number) for number in range(highest + 1) if number not in self._lanes)
        for number in sorted(heads, reverse=True):
            above = self._lanes.get(number + 1)
            await self._write_head(number, *heads[number], None if above is None else above.low)

    async def _at(self, top: int) -> tuple[_Lane, list[Page]]:
        page = await self._page(top)
        return _Lane(top - 1, mark=_last(page)), [page]

    async def _end(self) -> tuple[_Lane, list[Page]]:
        """The newest rows, and the page that joins them."""
        newest = await self._front()
        total, length = newest.total, self._plan.length
        if total is None:
            raise OrderLost("total given")
        number = -(-(total - len(newest.rows)) // length)
        if not newest.ids or number < 1:
            return _Lane(0, mark=_last(newest), ended=True), [newest]
        page = await self._joining(number)
        if not await self._joins(page, number, newest.ids[0], number * length == total - len(newest.rows)):
            raise OrderLost("total given")
        return _Lane(number - 1, mark=newest.ids[-1]), [newest, page]

    async def _front(self) -> Page:
        page = self._newest or (await self._fetcher.newest()).upright()
        self._check(page)
        return page

    async def _joining(self, number: int) -> Page:
        page = self._below
        if page is None or len(page.rows) < self._expected(page, number):
            return await self._whole_page(number)
        self._check(page)
        return page

    async def _joins(self, page: Page, number: int, lowest: int, ends_before: bool) -> bool:
        """Whether nothing can be between this page and the newest rows."""
        if len(page.rows) < self._plan.length:
            return True
        if ends_before:  # the total has it end right before them: the next page begins with them then
            following = await self._page(number + 1)
            return not following.ids or following.ids[0] >= lowest
        return bool(page.ids) and _last(page) >= lowest

    async def _write_head(self, number: int, lane: _Lane, pages: Sequence[Page], below: int | None) -> None:
        rows: list[bytes] = []
        repeats, lane.low = 0, below
        for page in pages:
            some, others = _between(page, None, lane.low)
            rows, repeats = [*some, *rows], repeats + others
            self._meet(lane, page)
        lane.ended = lane.next < 1
        self._lanes[number] = lane
        await self._ledger.commit(number, lane.as_list(), rows, repeats)

    # Going down ----------------------------------------------------------------------------------

    async def _run(self, number: int) -> None:
        lane, floor = self._lanes[number], self._floor(number)
        if floor is not None and lane.low is not None and lane.low <= floor:
            lane.ended = True
        while not lane.ended:
            page = await self._whole_page(lane.next)
            rows, repeats = _between(page, floor, lane.low)
            self._meet(lane, page)
            reached = bool(page.ids) and floor is not None and lane.low is not None and lane.low <= floor
            lane.next -= 1
            lane.ended = reached or lane.next < 1
            await self._ledger.commit(number, lane.as_list(), rows, repeats)

    def _meet(self, lane: _Lane, page: Page) -> None:
        if page.ids:
            self._greatest = max(self._greatest, page.ids[-1]) if lane.low is None else self._greatest
            lane.low = page.ids[0] if lane.low is None else min(lane.low, page.ids[0])

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
        before = self._lowest_total
        page = await self._fetcher.page(number)
        self._check(page, before)
        return page

    def _check(self, page: Page, before: int | None = None) -> None:
        if not page.ascending:
            raise OrderLost("order=id honoured")
        if page.rows and len(page.rows) > self._plan.length:
            raise OrderLost("pages of one length")
        self._watch(page, before)

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
        page = await self._fetcher.newest(size=1)
        newest: int = max(page.ids or [0])
        added = max(0, newest - self._greatest)
        if rows < total and not added and not self._rise:
            raise missing(rows, total)
        return added >= self._rise


def _last(page: Page) -> Any:
    return page.ids[-1] if page.ids else None


def _between(page: Page, floor: int | None, low: int | None) -> tuple[Sequence[bytes], int]:
    """The rows with `floor < id < low`, and how many others there were."""
    rows = [
        row
        for row, id in zip(page.rows, page.ids or [], strict=True)
        if (low is None or id < low) and (floor is None or id > floor)
    ]
    return rows, len(page.rows) - len(rows)
