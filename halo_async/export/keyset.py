"""Page 1 of `id > last`, again and again: no row can move past such a reader."""

from __future__ import annotations

from typing import Any

from halo_async.errors import IncompleteError
from halo_async.export.fetch import Fetcher
from halo_async.export.lanes import side_by_side
from halo_async.export.ledger import Ledger
from halo_async.export.plan import Lane, OrderLost, Plan
from halo_async.export.rows import Page


async def read(
    fetcher: Fetcher, ledger: Ledger, plan: Plan, states: dict[int, Any], newest: Page | None
) -> None:
    """Read every lane to its end, from where it was; the highest comes last, so that one lane gives sorted rows.

    :param newest: the rows of the highest lane, unless an earlier run had them.

    :raises OrderLost: an answer was not what was asked for.
    :raises HaloError: a page could not be had.
    :raises OSError: it could not be written.
    """
    readers = [
        _Reader(fetcher, ledger, plan.length, number, lane, states.get(number))
        for number, lane in enumerate(plan.lanes)
    ]
    *lower, highest = readers
    await side_by_side(reader.run() for reader in lower)
    await highest.run(newest)
    for reader in readers:
        if reader.missing is not None:
            raise reader.missing


class _Reader:
    """One lane. Its state in the journal: the last id that was written, and whether that was the end."""

    def __init__(
        self, fetcher: Fetcher, ledger: Ledger, length: int, number: int, lane: Lane, state: Any
    ) -> None:
        self._fetcher = fetcher
        self._ledger = ledger
        self._length = length
        self._number = number
        self._high = lane.high
        self._last: int | None = state[0] if state else lane.low
        self._ended: bool = bool(state and state[1])
        self.missing: IncompleteError | None = None
        """Rows that were counted and not shown. The other lanes go on."""

    async def run(self, first: Page | None = None) -> None:
        if first is not None and first.ids and not self._ended:
            # No row of its range is left, whatever the total says: that is the total of the whole list.
            self._last, self._ended = first.ids[-1], True
            await self._ledger.commit(self._number, [self._last, True], first.rows)
        empty = 0
        while not self._ended:
            page = await self._fetcher.between(self._last, self._high)
            self._check(page)
            if page.ids:
                self._last = page.ids[-1]
            empty = 0 if page.rows else empty + 1
            if not page.rows and page.total and empty > 1:
                self.missing = _missing(page.total, self._last)
                return
            self._ended = self._is_last(page)
            if page.rows or self._ended:
                await self._ledger.commit(self._number, [self._last, self._ended], page.rows)

    def _check(self, page: Page) -> None:
        if not page.ascending:
            raise OrderLost("order=id honoured")
        assert page.ids is not None
        if page.ids and not self._asked_for(page.ids):
            raise OrderLost("id filter honoured")

    def _asked_for(self, ids: list[int]) -> bool:
        above = self._last is None or ids[0] > self._last
        return above and (self._high is None or ids[-1] <= self._high)

    def _is_last(self, page: Page) -> bool:
        """Whether nothing is left, so far as the answer can be trusted.

        A total alone is not enough where the page is full: it may be too low.
        """
        count = len(page.rows)
        if not count:
            return not page.total
        full = count >= self._length
        self._length = max(count, self._length)
        return count == page.total and (not full or self._last == self._high)


def _missing(count: int, last: int | None) -> IncompleteError:
    more = "1 row more" if count == 1 else f"{count:,} rows more"
    after = "" if last is None else f" (after id {last})"
    return IncompleteError(f"the instance counts {more} than it shows{after}")
