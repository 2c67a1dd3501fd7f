"""Pages: a list of rows, fetched as it is read."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from warnings import warn

import msgspec

from halo_async._utils.validation import check_count
from halo_async.errors import PaginationError, PaginationLoopError
from halo_async.pagination.page_numbers import Paginator
from halo_async.pagination.page_plan import PagePlan
from halo_async.pagination.pages_mistakes import GuidedPages
from halo_async.tables.tabular import RowSource, Tabular

if TYPE_CHECKING:
    from halo_async.pagination.prefetch import PagePrefetcher

T = TypeVar("T")
OnIncomplete = Literal["raise", "warn"]
"""Action if rows may be missing: raise (`IncompleteError`, `CursorNotFoundError`) or warn."""
CursorPath = str | Callable[[Any], Any]
"""Place of rows or cursor in a proxy's response: a dotted path (`data.items`), or a function of what was decoded."""


_FREED_AT_ONCE = 500
"""Rows."""


class PaginationWarning(UserWarning):
    """A list that may be incomplete, if the caller chose a warning only."""


class Page(list[T]):
    """The rows of one page, as a list.

    :ivar record_count: the total in the response; None if it has none.
    :ivar envelope: the other fields of the response, as plain JSON.
    :param rows: the rows, in order.
    """

    __slots__ = ("envelope", "record_count")

    def __init__(self, rows: list[T], record_count: int | None, envelope: Mapping[str, Any]) -> None:
        super().__init__(rows)
        self.record_count = record_count
        self.envelope = envelope

    @property
    def rows(self) -> list[T]:
        """The rows, which are the page itself."""
        return self

    def _repr_html_(self) -> str:
        from halo_async.records.html import html_of_rows

        return html_of_rows(self, self.record_count)


class Pages(GuidedPages, Tabular, Generic[T]):
    """The rows of a list call, page after page.

    `async for row in pages` reads every row, `await pages` the first page only. Nothing is requested
    before; each loop starts anew. A row that is repeated on the next page, since another was inserted
    before it meanwhile, is left out. Rows that are deleted or moved while a list is read may cause others
    to be missed, which raises an error if it is detected (with `overlapping` nearly always): see the export
    for reading without loss.

    ```python
    pages = halo.tickets.list(open_only=True)
    async for ticket in pages:
        print(ticket.summary)
        break
    ```

    :param plan: how to request the pages; created by a resource's `list`.
    :raises PaginationLoopError: while reading, when a page is repeated.
    :raises IncompleteError: at the end, when fewer rows were received than the instance counted, or when
        rows were deleted or moved meanwhile; a warning (`PaginationWarning`) with `on_incomplete="warn"` in
        the call.
    :raises CursorNotFoundError: at the end, when a proxy's response does not contain the next page's
        cursor; or a warning.
    """

    __slots__ = ("_plan",)

    def __init__(self, plan: PagePlan[T]) -> None:
        self._plan = plan

    def limit(self, rows: int) -> Pages[T]:
        """Return the same list limited to so many rows (and to the requests that these need).

        :param rows: the maximum number of rows, 0 or more.
        :raises TypeError: it is not an integer.
        :raises ValueError: it is less than 0.
        """
        check_count("limit", "rows", rows)
        return Pages(msgspec.structs.replace(self._plan, limit=rows))

    def prefetch(self, pages: int) -> Pages[T]:
        """Return the same list with up to so many pages fetched ahead, in order.

        Takes effect from the second page on and if the total is known; a proxy's pages are requested one by
        one. Leaving the loop cancels the requests in progress.

        ```python
        async for ticket in halo.tickets.list().prefetch(3):
            print(ticket.id)
        ```

        :param pages: the maximum number of pages; 0 for none.
        :raises TypeError: it is not an integer.
        :raises ValueError: it is less than 0.
        """
        check_count("prefetch", "pages", pages)
        return Pages(msgspec.structs.replace(self._plan, depth=pages))

    def overlapping(self) -> Pages[T]:
        """Return the same list by slightly overlapping pages, so that skipped rows are detected.

        Rows inserted, deleted or moved while the list is read are then detected, and raise
        `IncompleteError` at the end; all but a row that moves to an earlier page behind the first, while one
        before it is deleted between the same two requests. It takes about one request in eight more and one at
        the end, one after another, and every row must have a unique key.

        :raises ValueError: the list is not read by page numbers from its first page on.
        """
        start = self._plan.overlap
        if start is None:
            raise ValueError(
                f"{self._plan.name} cannot overlap. Only a list read by page_no from page 1 can."
            )
        return Pages(msgspec.structs.replace(self._plan, paginator=lambda limit: start()))

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._first_page().__await__()

    async def _first_page(self) -> Page[T]:
        async with aclosing(_read_pages(self._plan)) as pages:
            async for page in pages:
                return page
        return Page([], None, {})

    def by_page(self) -> AsyncGenerator[Page[T], None]:
        """Yield the pages as they are received.

        ```python
        async for page in halo.tickets.list(page_size=50).by_page():
            print(len(page), page.record_count)
        ```

        :raises PaginationLoopError: (while reading) a page was repeated.
        """
        return _read_pages(self._plan)

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        async with aclosing(_read_pages(self._plan)) as pages:
            async for page in pages:
                for row in page:
                    yield row
                page.clear()  # before the next one is received, which then fits into the same memory

    async def all(self) -> list[T]:
        """Return every row.

        ```python
        agents = await halo.agent.list().all()
        ```

        :raises IncompleteError: fewer rows were received than the instance counted; see the class.
        :raises PaginationLoopError: a page was repeated.
        """
        async with aclosing(_read_pages(self._plan)) as pages:
            return [row async for page in pages for row in page]

    def _rows_for_tables(self) -> RowSource:
        own = self._plan.lines()
        plan: PagePlan[bytes] = msgspec.structs.replace(self._plan, fetch=own.fetch, make=own.make)  # type: ignore[arg-type]
        return RowSource(plan.name, lambda: _read_pages(plan), own.record)

    async def first(self) -> T | None:
        """Return the first row, with one request for one row; None if there is none.

        ```python
        newest = await halo.tickets.list(order="id", orderdesc=True).first()
        ```

        :raises ApiError: the request failed.
        """
        page = await self.limit(1)._first_page()
        return page[0] if page else None

    async def count(self) -> int:
        """Return the instance's count of rows, with one request for one row.

        If it has no count, the rows are read to be counted.
        """
        if self._plan.limit == 0:
            return 0
        paginator = self._plan.paginator(1)
        data = await self._plan.fetch(paginator.params or {})
        total = data.total
        came = len(data.rows)
        if total is None or total < came or (total == came and self._plan.counts_page):
            paginator.feed(data)
            total = len(data.rows) if paginator.params is None else await self._counted()
        return total if self._plan.limit is None else min(total, self._plan.limit)

    async def _counted(self) -> int:
        async with aclosing(_read_pages(msgspec.structs.replace(self._plan, make=list))) as pages:
            return sum([len(page) async for page in pages])

    def _call_name(self) -> str:
        return self._plan.name

    def __repr__(self) -> str:
        return f"<Pages of {self._plan.name}>"

    def _repr_html_(self) -> str:
        from halo_async._utils.html_table import html_note

        mend = "Use await pages for the first page, or await pages.to_pandas() for all rows."
        return html_note(f"{self._plan.name}: Nothing has been requested yet. {mend}")


async def _read_pages(plan: PagePlan[T]) -> AsyncGenerator[Page[T], None]:
    paginator = plan.paginator(plan.limit)
    left = plan.limit
    held: list[Any] = []
    ahead = _prefetcher(plan, paginator) if plan.depth else None
    fetch = plan.fetch if ahead is None else ahead.get
    async with ahead or nullcontext():
        while left != 0 and (params := paginator.params) is not None:
            try:
                data = paginator.feed(await fetch(params))
            except PaginationError as error:
                raise _name_error(error, plan.name) from None
            if data is None:
                continue
            rows = data.rows if left is None else data.rows[:left]
            left = None if left is None else left - len(rows)
            page = Page(plan.make(rows), data.total, data.rest)
            yield page
            # Not held while the next one is fetched; those of a page that its user holds, until the one after it.
            held, done = (rows, held) if page else ([], rows)
            del data, rows, page
            await _free(done)
    if left != 0:
        _check_complete(plan, paginator)


def _prefetcher(plan: PagePlan[Any], paginator: Paginator) -> PagePrefetcher:
    from halo_async.pagination.prefetch import PagePrefetcher

    return PagePrefetcher(plan.fetch, paginator, plan.depth)


async def _free(rows: list[Any]) -> None:
    """Free rows in steps: to free 5,000 rows of 150 fields at once takes 30 ms."""
    while len(rows) > _FREED_AT_ONCE:
        del rows[-_FREED_AT_ONCE:]
        await sleep(0)
    rows.clear()


def _check_complete(plan: PagePlan[Any], paginator: Paginator) -> None:
    missing = paginator.missing_rows()
    if missing is None:
        return
    if not plan.warns or isinstance(missing, PaginationLoopError):
        raise _name_error(missing, plan.name)
    warn(f"{plan.name}: {missing}", PaginationWarning, stacklevel=4)


def _name_error(error: PaginationError, name: str) -> PaginationError:
    return type(error)(f"{name}: {error}")
