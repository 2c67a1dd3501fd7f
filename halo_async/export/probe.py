"""The first responses of a list, and the plan that follows from them.

Two requests as a rule, and the rows of both are of use: the newest rows come first, then the page below them
among the rows with lesser ids. An instance that heeds the id filter counts fewer rows there; one that does
not has given the page that a reader who goes backwards wants next.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from halo_async.errors import BadRequestError, ServerError
from halo_async.export.fetch import PageFetcher
from halo_async.export.first_page import ROUND, first_page, same_twice
from halo_async.export.plan import SORTED, ExportCondition, ExportLane, ExportMode, ExportPlan
from halo_async.pagination.split_rows import RowPage

PAGES_A_LANE = 8
"""Minimum pages per lane: a lane for fewer is not worth its extra request."""


@attrs.frozen
class ProbeResult:
    """Content of the first responses."""

    plan: ExportPlan
    first: RowPage | None
    """The newest rows, by ascending ids; else page 1, in the order of the next pages."""
    below: RowPage | None = None
    """The page of the whole list with the row before the newest ones, if it was received."""
    shown: RowPage | None = None
    """Rows that the reading has to come upon, unless they are deleted: the newest ones, where it begins with others."""


async def probe(
    fetcher: PageFetcher,
    concurrency: int,
    *,
    exact: bool = True,
    avoid: frozenset[ExportMode] = frozenset(),
    finer: Callable[[int], int] | None = None,
) -> ProbeResult:
    """Send the requests and choose the best mode that the responses allow.

    :param concurrency: lanes at most; those for few pages are left out unless `exact`.
    :param avoid: modes that have failed already.
    :param finer: returns the number of lanes by ids, if they are read elsewhere, of the most that there are pages for.
    :raises HaloError: the list cannot be read.
    """
    if fetcher.gathers:
        first = await fetcher.whole()  # it has been asked already whether there is more
        return ProbeResult(ExportPlan(ExportMode.SINGLE, total=first.total), first)
    if not fetcher.operation.paged:
        first = await same_twice(fetcher.whole)
        return ProbeResult(ExportPlan(ExportMode.SINGLE, total=first.total), first)
    newest = fetcher.ordered and not _only_upward(fetcher, avoid)
    first, is_all = await first_page(fetcher, newest=newest)
    if is_all:
        return ProbeResult(ExportPlan(ExportMode.SINGLE, total=first.total), first.upright())
    return await _Choice(fetcher, first, concurrency, exact, avoid, newest=newest, finer=finer).made()


def _only_upward(fetcher: PageFetcher, avoid: frozenset[ExportMode]) -> bool:
    return ExportMode.DESCENDING in avoid and (ExportMode.KEYSET in avoid or not fetcher.searchable)


class _Choice:
    def __init__(
        self,
        fetcher: PageFetcher,
        first: RowPage,
        concurrency: int,
        exact: bool,
        avoid: frozenset[ExportMode],
        *,
        newest: bool,
        finer: Callable[[int], int] | None,
    ) -> None:
        """`newest`: whether the first request asked for the newest rows first."""
        self._fetcher = fetcher
        self._newest = newest
        self._sorted = bool(first.rows) and (
            first.descending if newest else fetcher.ordered and first.ascending
        )
        self._first = first.upright() if self._sorted and newest else first
        self._length = len(first.rows)
        self._total = first.total if first.total is not None and first.total >= self._length else None
        self._avoid = avoid
        self._conditions: list[ExportCondition] = []
        self._below: RowPage | None = None
        self._pages = -(-self._total // self._length) if self._total and self._length else 1
        lanes = min(concurrency, self._pages - 1) if exact else min(concurrency, self._pages // PAGES_A_LANE)
        self._concurrency = max(1, lanes)
        by_ids = 0 if finer is None else finer(max(1, self._pages // PAGES_A_LANE))
        self._by_ids = by_ids or self._concurrency

    async def made(self) -> ProbeResult:
        if not self._note_condition(SORTED, self._sorted):
            return self._upward()
        if ExportMode.KEYSET not in self._avoid and await self._filtered():
            return ProbeResult(self._plan(ExportMode.KEYSET, (*self._ranges(), self._top())), self._first)
        if ExportMode.DESCENDING not in self._avoid and self._numbered():
            return ProbeResult(self._plan(ExportMode.DESCENDING, self._tops()), self._first, self._below)
        return self._upward()

    def _upward(self) -> ProbeResult:
        # Newest rows first is another order than the next pages will have.
        plan, first = self._plan(ExportMode.UPWARD), self._first
        return ProbeResult(plan, None, shown=first) if self._newest else ProbeResult(plan, first)

    def _note_condition(self, name: str, holds: bool) -> bool:
        self._conditions.append(ExportCondition(name, holds))
        return holds

    @property
    def _lowest(self) -> int:
        """The least id of the newest rows."""
        assert self._first.ids
        return self._first.ids[0]

    async def _filtered(self) -> bool:
        """Return whether a filter on ids is supported, by requesting the rows below the newest ones."""
        if not self._note_condition("id filter offered", self._fetcher.searchable):
            return False
        measured = self._fetcher.measured("id_filter")
        if measured is not None:  # the lanes' own responses show it if it is so no longer
            return self._note_condition("id filter honoured", measured == "honoured")
        try:
            page = await self._last_below()
        except (BadRequestError, ServerError):
            return self._note_condition("id filter honoured", False)
        honoured = self._was_filtered(page) and (self._is_counted(page) or await self._compares_numbers())
        return self._note_condition("id filter honoured", honoured)

    async def _last_below(self) -> RowPage:
        number = max(1, self._pages - 1)
        page = await self._fetcher.between(None, self._lowest - 1, number)
        if not page.rows:  # the few rows on it were deleted meanwhile, or it is a faulty response
            return await self._fetcher.between(None, self._lowest - 1)
        self._below = page if page.ascending else None
        return page

    def _was_filtered(self, page: RowPage) -> bool:
        """Check that there are rows, all with lesser ids, and as many as the first total leaves."""
        if not page.ids or not page.ascending or page.ids[-1] >= self._lowest:
            return False
        if self._total is None or page.total is None:
            return True
        return abs(page.total - (self._total - self._length)) <= self._length // 2

    def _is_counted(self, page: RowPage) -> bool:
        return self._total is not None and page.total is not None

    async def _compares_numbers(self) -> bool:
        """Return whether a range of ids has the rows that are there without a filter, where no total shows it.

        One that compares ids as texts leaves out 9 of those up to 74. What is deleted meanwhile is in neither twice.
        """
        for _ in range(2):
            there = await self._fetcher.page(2, newest=True)
            if not there.ids:
                return False
            found = await self._fetcher.between(min(there.ids) - 1, max(there.ids))
            if set(there.ids) <= set(found.ids or ()):
                return True
        return False

    def _numbered(self) -> bool:
        """Return whether the position of a row determines its page."""
        return self._note_condition("total given", self._total is not None) and self._note_condition(
            "pages of one length",
            self._length in ROUND or self._length == self._fetcher.measured("page_size"),
        )

    def _ranges(self) -> tuple[ExportLane, ...]:
        """Return the id ranges below the newest rows, assuming the same density of ids."""
        assert self._first.ids
        end, span = self._lowest - 1, self._first.ids[-1] - self._lowest
        guess = span * ((self._total or 0) - self._length) // max(1, self._length - 1)
        start = max(min(0, end), end - guess)
        cuts = [start + (end - start) * number // self._by_ids for number in range(1, self._by_ids + 1)]
        return tuple(ExportLane(low, high) for low, high in zip([None, *cuts], cuts, strict=False))

    def _top(self) -> ExportLane:
        """Return the lane of the newest rows, which are already read."""
        assert self._first.ids
        return ExportLane(self._lowest - 1, self._first.ids[-1])

    def _tops(self) -> tuple[ExportLane, ...]:
        """Return the lanes by first page, the lowest first; the highest begins with the newest rows."""
        return tuple(
            ExportLane(top=max(1, self._pages * number // self._concurrency))
            for number in range(1, self._concurrency + 1)
        )

    def _plan(self, mode: ExportMode, lanes: tuple[ExportLane, ...] = ()) -> ExportPlan:
        newest = self._first.ids[-1] if self._sorted and self._first.ids else None
        return ExportPlan(mode, lanes, tuple(self._conditions), self._first.total, self._length, newest)
