"""Pages by id, read backwards: rows that move come towards the reader, and are met twice, not missed.

Under ascending ids new rows come at the end and a deletion moves the rows behind it to lower positions. A
reader that goes down meets such a row again. Each lane goes on below its own part until a page begins with an
id that the lane below had on its *first* page: so the rows that slipped over the border meanwhile come too.

The highest lane begins with the newest rows, asked for in descending order: whatever is added later is behind
them. The total says on which page the row before them is; that page has to join them, or the total is wrong.

A total says nothing about a page that was cut and counts itself. So a page is believed if it is full, since its place
then says which rows are on it, or if it reaches the rows that were read before it, or the end of the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from halo_async._utils.task_groups import run_all
from halo_async.errors import IncompleteError
from halo_async.export.fetch import PageFetcher
from halo_async.export.first_page import longer
from halo_async.export.ledger import ExportLedger
from halo_async.export.plan import SORTED, ExportPlan, OrderLostError
from halo_async.export.probe import ProbeResult
from halo_async.export.settlement import look_again, short_of
from halo_async.pagination.split_rows import RowPage


@attrs.define
class _Lane:
    """State of a lane. `low`: the least id it has read; `mark`: the last id of its first page."""

    next: int
    low: int | None = None
    mark: int | None = None
    ended: bool = False

    def as_list(self) -> list[Any]:
        return [self.next, self.low, self.mark, self.ended]


class DescendingReader:
    """Backward reader of a list."""

    def __init__(
        self,
        fetcher: PageFetcher,
        ledger: ExportLedger,
        plan: ExportPlan,
        states: dict[int, Any],
        probed: ProbeResult | None,
    ) -> None:
        """Take `probed`, the content of the first responses, unless an earlier run had them."""
        self._fetcher = fetcher
        self._ledger = ledger
        self._plan = plan
        self._lanes = {number: _Lane(*state) for number, state in states.items()}
        self._newest = None if probed is None else probed.first
        self._below = None if probed is None else probed.below
        self._lowest_total: int | None = None
        self._rise = 0
        self.missing: IncompleteError | None = None
        """Set once all is read, if fewer rows were received than the instance counts."""
        # New rows are those beyond the greatest id that the highest lane read first.
        marks = [lane.mark for lane in self._lanes.values() if lane.mark is not None]
        self._greatest = max([*marks, plan.newest or 0])

    async def read(self) -> bool:
        """Read every lane to its end from its state; return whether no row can have been missed.

        :raises OrderLost: a response does not match its request.
        :raises HaloError: a page could not be read.
        :raises OSError: the rows could not be written.
        """
        if len(self._lanes) < len(self._plan.lanes):
            await self._read_heads()
        await run_all(self._run_lane(number) for number in self._lanes)
        return await self._only_new_rows()

    # First pages of the lanes ---------------------------------------------------------------------

    async def _read_heads(self) -> None:
        """Read all first pages before any lane continues: each lane needs the mark of the one below."""
        highest = len(self._plan.lanes) - 1
        heads: dict[int, tuple[_Lane, list[RowPage]]] = {}

        async def head(number: int) -> None:
            top = self._plan.lanes[number].top
            heads[number] = await (self._read_end() if number == highest else self._start_at(top))

        await run_all(head(number) for number in range(highest + 1) if number not in self._lanes)
        for number in sorted(heads, reverse=True):
            above = self._lanes.get(number + 1)
            await self._write_head(number, *heads[number], None if above is None else above.low)

    async def _start_at(self, top: int) -> tuple[_Lane, list[RowPage]]:
        page = await self._whole_page(top)
        # Without a row there is nothing to go on from: the lane above reads on below this one.
        return _Lane(top - 1, mark=_last(page), ended=not page.rows), [page]

    async def _read_end(self) -> tuple[_Lane, list[RowPage]]:
        """Read the newest rows and the page that joins them."""
        newest = await self._front()
        total, length = newest.total, self._plan.length
        if total is None or not newest.ids:
            raise OrderLostError("total given")
        number = -(-(total - len(newest.rows)) // length)
        if number < 1:
            await self._check_all(newest.ids[0])
            return _Lane(0, mark=newest.ids[-1], ended=True), [newest]
        page = await self._joining(number, total)
        if not await self._joins(page, number, newest.ids[0]):
            raise OrderLostError("total given")
        return _Lane(number - 1, mark=newest.ids[-1]), [newest, page]

    async def _check_all(self, lowest: int) -> None:
        """Raise if the newest rows are not all that there is, whatever the total says."""
        first = await self._fetch_page(1)
        if not first.ids or first.ids[0] < lowest:
            raise OrderLostError("total given")

    async def _front(self) -> RowPage:
        page = self._newest or await self._fetcher.newest()
        if len(page.rows) < self._plan.length:
            page = longer(page, await self._fetcher.newest())
        page = page.upright()
        self._check_page(page)
        return page

    async def _joining(self, number: int, before: int) -> RowPage:
        page = self._below
        if page is None or len(page.rows) < self._plan.length:
            return await self._whole_page(number)
        self._check_page(page, before)
        return page

    async def _joins(self, page: RowPage, number: int, lowest: int) -> bool:
        """Return whether nothing can be between this page and the newest rows."""
        if page.ids and page.ids[-1] >= lowest:
            return True
        if len(page.rows) < self._plan.length:
            return False  # it was cut
        following = await self._fetch_page(
            number + 1
        )  # the page ends right before them: this one begins with them
        return bool(following.ids and following.ids[0] >= lowest)

    async def _write_head(
        self, number: int, lane: _Lane, pages: Sequence[RowPage], below: int | None
    ) -> None:
        rows: list[bytes] = []
        repeats, lane.low = 0, below
        for page in pages:
            some, others = self._choose_rows(page, None, lane.low)
            rows, repeats = [*some, *rows], repeats + others
            self._meet(lane, page)
        lane.ended = lane.ended or lane.next < 1
        self._lanes[number] = lane
        await self._ledger.commit(number, lane.as_list(), rows, repeats)

    # Reading down ---------------------------------------------------------------------------------

    async def _run_lane(self, number: int) -> None:
        lane, floor = self._lanes[number], self._floor(number)
        if floor is not None and lane.low is not None and lane.low <= floor:
            lane.ended = True
        while not lane.ended:
            page = await self._read_next(lane)
            rows, repeats = self._choose_rows(page, floor, lane.low)
            self._meet(lane, page)
            reached = floor is not None and lane.low is not None and lane.low <= floor
            lane.next -= 1
            lane.ended = reached or lane.next < 1
            await self._ledger.commit(number, lane.as_list(), rows, repeats, read_by=page.read_by)

    async def _read_next(self, lane: _Lane) -> RowPage:
        """The next page on the way down that has rows; pages beyond the end of a list that shrank have none."""
        page = await self._whole_page(lane.next)
        if len(page.rows) == self._plan.length or self._reaches(page, lane.low):
            return page
        while not page.rows and lane.next > 1:
            lane.next -= 1
            page = await self._fetch_page(lane.next)
        if not self._reaches(page, lane.low) and not await self._is_end(page):
            raise OrderLostError("pages of one length")
        return page

    def _reaches(self, page: RowPage, low: int | None) -> bool:
        """Return whether no row can be between a page and those read before it."""
        return low is None or bool(page.ids and page.ids[-1] >= low)

    async def _is_end(self, page: RowPage) -> bool:
        """Return whether no row of those that there were at first is behind a page."""
        newest = await self._fetcher.newest()
        last = page.ids[-1] if page.ids else float("-inf")
        known = self._greatest
        return bool(newest.ids) and not any(last < id <= known for id in newest.ids or ())

    def _choose_rows(self, page: RowPage, floor: int | None, low: int | None) -> tuple[Sequence[bytes], int]:
        """Return the rows with `floor < id < low`, and the number of others."""
        ids = [id for id in page.ids or () if (low is None or id < low) and (floor is None or id > floor)]
        self._fetcher.shown.write(page, ids)
        start = 0 if not ids or page.ids is None else page.ids.index(ids[0])
        return page.rows[start : start + len(ids)], len(page.rows) - len(ids)

    def _meet(self, lane: _Lane, page: RowPage) -> None:
        if page.ids:
            self._greatest = max(self._greatest, page.ids[-1]) if lane.low is None else self._greatest
            lane.low = page.ids[0] if lane.low is None else min(lane.low, page.ids[0])

    def _floor(self, number: int) -> int | None:
        """Return the mark of the nearest lane below that has one; None: down to page 1."""
        below = (self._lanes[lane].mark for lane in range(number - 1, -1, -1))
        return next((mark for mark in below if mark is not None), None)

    async def _whole_page(self, number: int) -> RowPage:
        """A page; one that is not full, which only the last one is, is requested once more: it may have been cut."""
        page = await self._fetch_page(number)
        return page if len(page.rows) == self._plan.length else longer(page, await self._fetch_page(number))

    async def _fetch_page(self, number: int) -> RowPage:
        before = self._lowest_total
        page = await self._fetcher.page(number)
        self._check_page(page, before)
        return page

    def _check_page(self, page: RowPage, before: int | None = None) -> None:
        if not page.ascending:
            raise OrderLostError(SORTED)
        if len(page.rows) > self._plan.length:  # then the place of a page does not say which rows are on it
            raise OrderLostError("pages of one length")
        self._watch(page, before)

    # Returning rows -------------------------------------------------------------------------------

    def _watch(self, page: RowPage, before: int | None) -> None:
        """Record the increase of the total over responses received before this request."""
        total = page.total
        if len(page.rows) < self._plan.length or total is None:
            return  # a page that was cut may count what is left of it
        if before is not None:
            self._rise = max(self._rise, total - before)
        self._lowest_total = total if self._lowest_total is None else min(self._lowest_total, total)

    async def _only_new_rows(self) -> bool:
        """Return whether all added rows can be at the end; request again if totals are doubtful."""
        total, rows = self._plan.total or 0, self._ledger.rows
        if not self._rise and rows >= total:
            return True
        now = await look_again(self._fetcher, self._plan.newest or self._greatest, rows)
        if rows < total:
            self.missing = short_of(rows, total, now)
        return now is not None and now.newest - self._greatest >= self._rise


def _last(page: RowPage) -> Any:
    return page.ids[-1] if page.ids else None
