"""The first answers of a list, and the plan that follows from them.

At most two requests, and the rows of the first are rows of the export.
"""

from __future__ import annotations

from attrs import frozen

from halo_async.errors import BadRequestError, ServerError
from halo_async.export.fetch import SIZE, Fetcher
from halo_async.export.plan import Condition, Lane, Mode, Plan
from halo_async.export.rows import Page

ROUND = frozenset({50, 100, 200, 250, 500, 999, 1000})
"""Lengths that a full page may have; a page of another length is the last one, or was cut on the way."""
PAGES_A_LANE = 8
"""A lane for fewer pages than this is not worth its extra request."""


@frozen
class Probed:
    """What is known after the first answers."""

    plan: Plan
    first: Page


async def probe(
    fetcher: Fetcher, width: int, *, exact: bool = True, avoid: frozenset[Mode] = frozenset()
) -> Probed:
    """Ask, and choose the best way that the answers allow.

    :param width: lanes at most; those for few pages are left out unless `exact`.
    :param avoid: ways that have failed already.
    :raises HaloError: the list cannot be had.
    """
    if not fetcher.operation.paged:
        first = await fetcher.whole()
        return Probed(Plan(Mode.SINGLE, total=first.total), first)
    first = await _first(fetcher)
    if is_all(first):
        return Probed(Plan(Mode.SINGLE, total=first.total), first)
    return Probed(await _Choice(fetcher, first, width, exact, avoid).plan(), first)


async def _first(fetcher: Fetcher) -> Page:
    """Page 1; where it has no round length and says that there is more, the longer one of two readings."""
    page = await fetcher.page(1)
    if page.rows and page.total is not None and page.total > len(page.rows) and len(page.rows) not in ROUND:
        again = await fetcher.page(1)
        return again if len(again.rows) > len(page.rows) else page
    return page


def is_all(page: Page) -> bool:
    """Whether a first page is the whole list."""
    count = len(page.rows)
    if page.bare or page.total is None:
        # An array comes whole. Only one as long as a page might be a page.
        return count not in ROUND and (page.bare or count > SIZE)
    return count == page.total and (count not in ROUND or count > SIZE)


class _Choice:
    def __init__(
        self, fetcher: Fetcher, first: Page, width: int, exact: bool, avoid: frozenset[Mode]
    ) -> None:
        self._fetcher = fetcher
        self._first = first
        self._length = len(first.rows)
        self._total = first.total if first.total is not None and first.total >= self._length else None
        self._avoid = avoid
        self._conditions: list[Condition] = []
        pages = -(-self._total // self._length) if self._total and self._length else 1
        self._pages = pages
        self._width = max(1, min(width, pages - 1) if exact else min(width, pages // PAGES_A_LANE))

    async def plan(self) -> Plan:
        if not self._sorted():
            return self._made(Mode.UPWARD)
        newest = await self._keyset() if self._may(Mode.KEYSET) else None
        if newest is not None and self._holds("id filter honoured"):
            return self._made(Mode.KEYSET, self._ranges(newest), newest)
        if self._may(Mode.DESCENDING) and self._numbered():
            return self._made(Mode.DESCENDING, self._tops(newest), newest)
        return self._made(Mode.UPWARD)

    def _may(self, mode: Mode) -> bool:
        return mode not in self._avoid

    def _check(self, name: str, holds: bool) -> bool:
        self._conditions.append(Condition(name, holds))
        return holds

    def _holds(self, name: str) -> bool:
        return Condition(name, True) in self._conditions

    def _sorted(self) -> bool:
        asked = self._fetcher.ordered
        return self._check("order=id honoured", asked and self._length > 0 and self._first.ascending)

    async def _keyset(self) -> int | None:
        """The newest id, asked for among those above page 1: the count tells whether the filter was heeded."""
        if not self._check("id filter offered", self._fetcher.searchable):
            return None
        assert self._first.ids is not None
        last = self._first.ids[-1]
        try:
            page = await self._fetcher.newest(above=last)
        except (BadRequestError, ServerError):
            self._check("id filter honoured", False)
            return None
        newest = max(page.ids) if page.ids else last
        self._check("id filter honoured", self._was_filtered(page, last))
        return newest

    def _was_filtered(self, page: Page, last: int) -> bool:
        """Above page 1 there must be rows, all with greater ids, and as many as the first total leaves."""
        if not page.ids or any(id <= last for id in page.ids):
            return False
        if self._total is None or page.total is None:
            return True  # the lanes' own answers will tell: each is checked against its range
        return abs(page.total - (self._total - self._length)) <= self._length // 2

    def _numbered(self) -> bool:
        """Whether the place of a row says on which page it is."""
        return self._check("total given", self._total is not None) and self._check(
            "pages of one length", self._length in ROUND
        )

    def _ranges(self, newest: int) -> tuple[Lane, ...]:
        assert self._first.ids is not None
        last = self._first.ids[-1]
        span = max(0, newest - last)
        cuts = [last + span * number // self._width for number in range(self._width)]
        return tuple(Lane(low, high) for low, high in zip(cuts, [*cuts[1:], None], strict=True))

    def _tops(self, newest: int | None) -> tuple[Lane, ...]:
        """The pages that lanes begin with, the lowest first.

        The highest begins where the end must be: at the page after the last full one, unless the newest
        id is known and can be looked for on that one itself.
        """
        assert self._total is not None
        end = self._pages if newest is not None else self._total // self._length + 1
        return tuple(Lane(top=max(1, end * number // self._width)) for number in range(1, self._width + 1))

    def _made(self, mode: Mode, lanes: tuple[Lane, ...] = (), newest: int | None = None) -> Plan:
        conditions = tuple(self._conditions)
        return Plan(mode, lanes, conditions, self._first.total, self._length, newest)
