"""Requests of a probe: GET only, counted, through the client's own transport."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import attrs

from halo_async._operations.operation import Operation
from halo_async._operations.resource import operation_of
from halo_async.client import Client
from halo_async.errors import InvalidRequestError
from halo_async.pagination.list_reading import list_reader
from halo_async.probing.question import NotMeasurable
from halo_async.transport.types import Request, Response

T = TypeVar("T")
Query = Iterable[tuple[str, str]]
LARGE = 1000
"""Rows requested where the maximum of a page is looked for."""


class BudgetSpentError(Exception):
    """The next request would be one too many."""


@attrs.frozen
class Listing:
    """One response of a list."""

    rows: Sequence[Any]
    total: int | None
    bare: bool
    received: datetime | None
    """By the instance's own clock."""

    @property
    def ids(self) -> list[int]:
        """The ids of the rows, as far as they are integers."""
        return [id for id in self.column("id") if type(id) is int]

    def column(self, name: str) -> list[Any]:
        """Return the values of a field, of the rows that have it."""
        return [row[name] for row in self.rows if isinstance(row, dict) and name in row]


class ProbeRequests:
    """Sender of a probe's requests, up to the budget. Each attempt counts, retries too."""

    def __init__(self, halo: Client, budget: int) -> None:
        self._halo = halo
        self._budget = budget
        self._kept = 0
        self._pages: dict[str, Listing] = {}
        self.spent = 0
        self.headers: set[str] = set()
        """Lower-case names of the headers of all responses."""

    def keep(self, count: int) -> None:
        """Keep requests for later, or release them by a negative number."""
        self._kept += count

    async def _spend(self) -> None:
        if self.spent + self._kept >= self._budget:
            raise BudgetSpentError
        self.spent += 1

    async def send(
        self,
        path: str,
        query: Query,
        decode: Callable[[Response], T],
        *,
        retry: str = "auto",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> T:
        """Send one GET.

        :raises BudgetSpentError: before it, or before one of its retries.
        :raises HaloError: it failed.
        """

        def read(response: Response) -> T:
            self.headers.update(name.lower() for name in response.headers)
            return decode(response)

        request = Request("GET", path, tuple(query), headers=headers, retry=retry, before_send=self._spend)
        return await self._halo.transport.send(request, read)

    def operation(self, name: str, method: str = "list") -> Operation:
        """Return the operation of a resource, such as `tickets` or `integration_data.hub_spot`.

        :raises NotMeasurable: this client's package does not have it.
        """
        found: Any = self._halo
        try:
            for part in name.split("."):
                found = getattr(found, part)
            return operation_of(found, method)
        except (AttributeError, InvalidRequestError):
            raise NotMeasurable("not in this package") from None

    async def list(self, name: str, query: Query) -> Listing:
        """Return one response of a list.

        :raises NotMeasurable: this client's package does not have the list.
        :raises HaloError: it cannot be read.
        """
        operation = self.operation(name)
        read = list_reader(operation.rows_key)

        def decode(response: Response) -> Listing:
            page = read(response)
            return Listing(page.rows, page.total, page.bare, _parse_date(response.headers))

        return await self.send(operation.path, query, decode)

    async def page(self, name: str, size: int, number: int = 1, query: Query = ()) -> Listing:
        """Return one page of a list."""
        paging = (("pageinate", "true"), ("page_no", str(number)), ("page_size", str(size)))
        return await self.list(name, (*paging, *query))

    async def first_rows(self, name: str) -> Listing:
        """Return the longest first page that the instance gives; requested once per list."""
        if name not in self._pages:
            self._pages[name] = await self.page(name, LARGE)
        return self._pages[name]

    async def count(self, name: str, query: Query) -> int:
        """Return the `record_count` of a filtered list.

        :raises NotMeasurable: the list has none.
        """
        found = (await self.page(name, 1, query=query)).total
        if found is None:
            raise NotMeasurable("the list has no record_count")
        return found


def by_id(*, descending: bool = False) -> tuple[tuple[str, str], ...]:
    """Return the parameters that request the order of ids."""
    return (("order", "id"), ("orderdesc", "true")) if descending else (("order", "id"),)


def _parse_date(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
