"""Page 1 of `id > last`, again and again: no row can move past such a reader.

A lane ends where a row beyond it is received, which no response that was cut or emptied on the way can do: so the
pages of a lane are not bounded by its end but by the newest row that there was at the beginning.
"""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter

from halo_async._utils.task_groups import run_all
from halo_async.export.fetch import PageFetcher
from halo_async.export.first_page import longer
from halo_async.export.ledger import ExportLedger
from halo_async.export.plan import SORTED, ExportPlan, OrderLostError
from halo_async.export.protocols import PageCommitter
from halo_async.export.settlement import deficit
from halo_async.pagination.split_rows import RowPage

AGAIN = 2
"""Requests for a page that may have been cut, after the first one."""


async def read_lanes(
    fetcher: PageFetcher,
    ledger: ExportLedger,
    plan: ExportPlan,
    states: dict[int, Any],
    newest: RowPage | None,
    *,
    at_once: int,
    total: int = 0,
) -> None:
    """Read every lane to its end, from where it was; the highest comes last, so that one lane gives sorted rows.

    :param newest: the rows of the highest lane, unless an earlier run had them.
    :param at_once: lanes that are read at the same time.
    :param total: the most rows that the list was said to have by those who read other lanes.

    :raises OrderLost: a response was not what was asked for.
    :raises IncompleteError: the instance counts more rows than were received.
    :raises HaloError: a page could not be received.
    :raises OSError: it could not be written.
    """
    readers = [
        LaneReader(fetcher, ledger, plan, number, states.get(number)) for number in range(len(plan.lanes))
    ]
    *lower, highest = readers
    turns = CapacityLimiter(at_once)  # a plan of a cluster has many lanes

    async def run(reader: LaneReader) -> None:
        async with turns:
            await reader.run()

    await run_all(run(reader) for reader in lower)
    await highest.run(newest)
    total = max(total, *(reader.total for reader in readers))
    returned = sum(reader.returned for reader in readers)
    error = await deficit(fetcher, ledger.rows, total, readers[0].newest, returned=returned)
    if error is not None:
        raise error


def unfinished(plan: ExportPlan, states: dict[int, Any]) -> list[int]:
    """Return the lanes that are not at their end, but for the highest: its rows come with the plan."""
    return [number for number in range(len(plan.lanes) - 1) if not (states.get(number) or [None, False])[1]]


class LaneReader:
    """One lane. Its state in the journal: the last id that was written, whether that was the end, and `returned`."""

    def __init__(
        self,
        fetcher: PageFetcher,
        ledger: PageCommitter,
        plan: ExportPlan,
        number: int,
        state: Any,
    ) -> None:
        """`state`: of an earlier run; None to begin."""
        lane = plan.lanes[number]
        assert plan.newest is not None
        assert lane.high is not None
        self._fetcher = fetcher
        self._ledger = ledger
        self._length = plan.length
        self._number = number
        self._high = lane.high
        self.newest: int = plan.newest
        self.total: int = plan.total or 0
        """The most rows that the whole list was said to have."""
        last, ended, *more = state or [lane.low, False]
        self._last: int | None = last
        self._ended: bool = bool(ended)
        self.returned: int = more[0] if more else 0
        """Number of rows that reappeared among those left to read."""
        self._left: int | None = None
        """Number of rows that the last full page left, by its total."""

    async def run(self, first: RowPage | None = None) -> None:
        """Read the lane to its end.

        :param first: rows that were received already.
        :raises OrderLostError: a response was not what was asked for.
        :raises HaloError: a page could not be received.
        :raises OSError: it could not be written.
        """
        if first is not None and first.ids and not self._ended:
            await self._take_page(first, first.ids)
        while not self._ended:
            page = await self._read_next()
            await self._take_page(page, page.ids or [])

    async def _take_page(self, page: RowPage, ids: list[int]) -> None:
        """Write the rows up to the end of the lane, which is there if one of them is at or beyond it."""
        rows = page.rows
        self._ended = not ids or ids[-1] >= self._high
        if ids and ids[-1] > self._high:
            count = sum(id <= self._high for id in ids)
            rows, ids = rows[:count], ids[:count]
        if ids:
            self._last = ids[-1]
        self._fetcher.shown.write(page, ids)
        state = [self._last, self._ended, self.returned]
        await self._ledger.commit(self._number, state, rows, read_by=page.read_by)

    async def _read_next(self) -> RowPage:
        """The next page. One that is short or empty, though the newest row is not on it, has to be so three times."""
        page = await self._fetch_page()
        for _ in range(AGAIN):
            if len(page.rows) >= self._length or (page.ids and page.ids[-1] == self.newest):
                break
            page = longer(page, await self._fetch_page())
        if page.rows:
            self._watch(page)
        else:
            await self._check_end()
        return page

    async def _fetch_page(self) -> RowPage:
        page = await self._fetcher.between(self._last, self.newest)
        self._check_page(page)
        return page

    def _check_page(self, page: RowPage) -> None:
        if not page.ascending:
            raise OrderLostError(SORTED)
        if page.ids and not self._asked_for(page.ids):
            raise OrderLostError("id filter honoured")

    def _asked_for(self, ids: list[int]) -> bool:
        above = self._last is None or ids[0] > self._last
        return above and ids[-1] <= self.newest

    async def _check_end(self) -> None:
        """Raise if the newest rows include one that was not received, or if there is none, though there were some."""
        last = float("-inf") if self._last is None else self._last
        ids = (await self._fetcher.newest()).ids
        if not ids or any(last < id <= self.newest for id in ids):
            raise OrderLostError("id filter honoured")

    def _watch(self, page: RowPage) -> None:
        """Learn from the totals of full pages: one that falls by less than was read tells of rows that came back."""
        count = len(page.rows)
        if self._last is None and page.total is not None:
            self.total = max(self.total, page.total)
        if page.total is None or count < self._length:
            self._left = None
            return
        if self._left is not None:
            self.returned += max(0, page.total - self._left)
        self._left = page.total - count
