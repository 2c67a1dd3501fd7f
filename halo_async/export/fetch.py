"""Requests of one resource, counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.operation import Operation
from halo_async._operations.request_builder import as_measured
from halo_async._operations.resource import Sender
from halo_async._utils.backoff import server_time
from halo_async.errors import Attempt
from halo_async.export.row_columns import cutter
from halo_async.export.shown_rows import ShownRows
from halo_async.pagination.split_rows import RowPage, split
from halo_async.transport import Request, Response

if TYPE_CHECKING:
    from halo_async.export.gathered_columns import GatheredColumns
    from halo_async.measurements import Measurements

ORDER = "id"
SIZE = 100
"""Rows requested per page: the maximum of instances."""
GREATER, AT_MOST = 7, 10
"""Halo's numbers of the comparisons of `advanced_search`."""


@attrs.define
class RequestCounts:
    """Counts of one resource's requests."""

    requests: int = 0
    retries: int = 0
    responses_429: int = 0
    bytes: int = 0

    def as_list(self) -> list[int]:
        """Return the counts as a list for the journal."""
        return [self.requests, self.retries, self.responses_429, self.bytes]

    def add(self, counts: Sequence[int], times: int = 1) -> None:
        """Add the counts of another process, as such a list."""
        requests, retries, responses_429, size = counts
        self.requests += times * requests
        self.retries += times * retries
        self.responses_429 += times * responses_429
        self.bytes += times * size


TRIES = 3
"""Number of requests after which an empty response of an unusual shape is believed."""


@attrs.define
class Shape:
    """In which shape this list gives rows; an empty response in another one may not be a list at all."""

    bare: bool | None = None
    """None while no rows were received."""
    counted: bool = False
    """True if a page with rows had a total."""
    longest: int = 0
    """Rows of the longest page: any shorter one was not cut by a limit of the instance."""

    def is_unusual(self, page: RowPage, *, named: bool) -> bool:
        """Return whether an empty page has another shape than those with rows; `named`: the list is in an envelope."""
        self.longest = max(self.longest, len(page.rows))
        if page.rows:
            self.bare, self.counted = page.bare, self.counted or page.total is not None
            return False
        if self.bare is None:
            return named and (page.bare or not page.listed)
        return page.bare != self.bare or not page.listed or (self.counted and page.total is None)


@attrs.define
class PageFetcher:
    """Fetcher of one list's pages."""

    operation: Operation
    sender: Sender
    filters: tuple[tuple[str, str], ...] = ()
    """Query parameters of every request."""
    counts: RequestCounts = attrs.field(factory=RequestCounts)
    shape: Shape = attrs.field(factory=Shape)
    measurements: Measurements | None = None
    """Measured behaviour of the instance."""
    columns: tuple[str, ...] = ()
    """The fields that rows are cut to; none for all."""
    gathered: GatheredColumns | None = None
    """The columns of the rows that were gathered; None where they are not asked for."""
    date: float | None = None
    """Time of a response by the instance's clock, in seconds since 1970: of the first one since it was None."""
    shown: ShownRows = attrs.field(factory=ShownRows)
    """Gets each response."""

    def measured(self, question: str) -> Any:
        """Return what was measured of this list; None if nothing was."""
        return None if self.measurements is None else self.measurements.of(question, self.operation.resource)

    @property
    def ordered(self) -> bool:
        """True if the list supports sorting."""
        honoured = self.measured("ordering") in (None, "honoured")
        return self.operation.paged and "order" in self.operation.argument_names and honoured

    @property
    def searchable(self) -> bool:
        """True if the list supports `advanced_search`."""
        return self.ordered and "advanced_search" in self.operation.argument_names

    @property
    def gathers(self) -> bool:
        """Return whether the list repeats its first page, so that page numbers cannot read it."""
        return self.operation.paging is not None and "count" not in dict(self.filters)

    def narrowed(self, *filters: tuple[str, str]) -> PageFetcher:
        """The same list under more filters; the counts and the shape are shared."""
        return attrs.evolve(self, filters=(*self.filters, *filters), shown=ShownRows())

    def beside(self) -> PageFetcher:
        """The same list for another reading, whose rows count for this one, too."""
        return attrs.evolve(self, shown=ShownRows(above=self.shown))

    async def whole(self) -> RowPage:
        """A list that is not paged; one that repeats its first page is gathered by what is declared for it.

        :raises PaginationError: fewer rows were received than were counted, or the same ones again.
        :raises HaloError: it could not be had.
        """
        if self.gathers:
            from halo_async.export.gathering import gathered

            return await gathered(self.operation, dict(self.filters), self._send)
        return await self._send({})

    async def page(self, number: int, size: int = SIZE, *, newest: bool = False) -> RowPage:
        """One page, by id where the list can be sorted: the greatest first with `newest`.

        :raises HaloError: it could not be had.
        """
        order = {"orderdesc": "true"} if newest else {}
        return await self._send({**self._paging(number, size), **order})

    async def newest(self, size: int = SIZE) -> RowPage:
        """Return the rows with the greatest ids, in descending order."""
        return await self.page(1, size, newest=True)

    async def between(self, last: int | None, high: int | None, number: int = 1) -> RowPage:
        """Return a page of the rows with an id above `last` and up to `high`, as far as they are given."""
        bounds = [] if last is None else [(GREATER, last)]
        bounds += [] if high is None else [(AT_MOST, high)]
        return await self._send({**self._paging(number), **self._build_search(bounds)})

    def _paging(self, number: int, size: int = SIZE) -> dict[str, str]:
        query = {"pageinate": "true", "page_no": str(number), "page_size": str(size)}
        return {"order": ORDER, **query} if self.ordered else query

    def _build_search(self, bounds: Iterable[tuple[int, int]]) -> dict[str, str]:
        own = dict(self.filters).get("advanced_search")
        tests = json.loads(own) if own else []
        tests += [
            {"filter_name": ORDER, "filter_type": kind, "filter_value": str(value)} for kind, value in bounds
        ]
        return {"advanced_search": json.dumps(tests, separators=(",", ":"))}

    async def _send(self, params: Mapping[str, str]) -> RowPage:
        named = self.operation.rows_key is not None and "pageinate" in params
        page = await self._send_once(params)
        for _ in range(TRIES - 1):
            if not self.shape.is_unusual(page, named=named):
                break
            page = await self._send_once(params)
        return page

    async def _send_once(self, params: Mapping[str, str]) -> RowPage:
        pairs = [pair for pair in self.filters if pair[0] not in params] + list(params.items())
        query = as_measured(self.operation, self.measurements, tuple(pairs))
        request = Request("GET", self.operation.path, query, on_attempt=self._attempted)
        page = await self.sender.send(request, self._decode)
        self.counts.bytes += page.size
        if self.columns:
            page = attrs.evolve(page, rows=cutter(self.columns)(page.rows))
        self.shown.show(page)
        return page

    def _decode(self, response: Response) -> RowPage:
        if self.date is None:
            self.date = server_time(response.headers)
        reader = None if self.gathered is None or self.columns else self.gathered.reader
        return split(response, key=self.operation.rows_key, reader=reader)

    def _attempted(self, attempt: Attempt) -> None:
        self.counts.requests += 1
        self.counts.retries += attempt.number > 1
        self.counts.responses_429 += attempt.outcome == "429"
