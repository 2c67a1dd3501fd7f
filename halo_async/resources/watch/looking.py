"""One look at a list: all rows changed since a moment, and the instance's own time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import msgspec

from halo_async._operations.resource import operation_of
from halo_async._utils.backoff import server_time
from halo_async.errors import PaginationError
from halo_async.resources.watch.versions import RowVersion, version_of

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async._operations.resource import Resource, Sender
    from halo_async._utils.clock import Clock
    from halo_async.pagination.pages import Pages
    from halo_async.transport.types import Request, Response

T = TypeVar("T")


@attrs.frozen
class Look:
    """Rows that a look found."""

    rows: tuple[RowVersion, ...]
    """The last state of each row, those changed first at the front."""
    began: float
    """Time at the instance when it was asked, in seconds since 1970, or a little earlier; never later."""
    incomplete: PaginationError | None = None
    """The reason if rows may be missing."""


class DatedSender:
    """A sender that notes when the first request was sent, by the clock of the instance."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._sent = 0.0
        self.began: float | None = None

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        """Send the request, and decode the response."""

        async def note() -> None:
            self._sent = self._clock.monotonic()

        def dated(response: Response) -> T:
            if self.began is None:
                now = server_time(response.headers)
                took = self._clock.monotonic() - self._sent
                self.began = (self._clock.time() if now is None else now) - took
            return decode(response)

        first = self.began is None
        return await self._sender.send(
            msgspec.structs.replace(request, before_send=note) if first else request, dated
        )


class ListLooker:
    """Looks at one list."""

    def __init__(self, resource: Resource, filters: Mapping[str, Any], clock: Clock) -> None:
        self.operation: Operation = operation_of(resource, "list")
        self._resource = resource
        self._filters = filters
        self._clock = clock
        self._stamp = changed_field(resource)
        measured = resource.options.measurements
        self._zone = timedelta(minutes=0 if measured is None else measured.utc_offset)

    @property
    def has_stamps(self) -> bool:
        """True if the rows have the time of their last change."""
        return self._stamp is not None

    def pages(self, since: float, resource: Resource | None = None) -> Pages[Any]:
        """Return the rows changed since a moment, in an order in which changes move no row.

        :raises TypeError: the list has no such filter.
        """
        order = {"order": "id"} if "order" in self.operation.argument_names else {}
        moment = datetime.fromtimestamp(max(since, 0.0), UTC)
        asked: Any = resource or self._resource
        found: Pages[Any] = asked.changed_since(moment, timedelta(0), **{**order, **self._filters})
        return found

    async def look(self, since: float) -> Look:
        """Return what changed since a moment, in seconds since 1970.

        :raises HaloError: a request failed.
        """
        sender = DatedSender(self._resource.sender, self._clock)
        pages = self.pages(since, type(self._resource)(sender, self._resource.options))
        rows: dict[str, RowVersion] = {}
        incomplete: PaginationError | None = None
        try:
            async with aclosing(_verified(pages).by_page()) as read:
                async for page in read:
                    for row in page:
                        found = self._version(row)
                        rows[found.key] = found
        except PaginationError as error:
            incomplete = error
        began = self._clock.time() if sender.began is None else sender.began
        return Look(tuple(sorted(rows.values(), key=_when)), began, incomplete)

    def _version(self, row: Any) -> RowVersion:
        """The state of a row, with its time in UTC if the zone of the instance's dates was measured."""
        found = version_of(row, self.operation.identity, self._stamp)
        moment = found.changed_at
        return found if moment is None else attrs.evolve(found, changed_at=moment - self._zone)

    async def highest_id(self) -> int | None:
        """Return the greatest id of the list, inactive rows included; None if it cannot be told.

        :raises HaloError: the request failed.
        """
        if not {"order", "orderdesc"} <= self.operation.argument_names:
            return None
        asked: Any = self._resource
        pages = asked.list(order="id", orderdesc=True, **self.operation.inactive_switches)
        rows = await pages.limit(2).all()
        ids = [version_of(row, self.operation.identity, None).id for row in rows]
        numbers = [id for id in ids if isinstance(id, int)]
        ordered = len(numbers) == len(ids) and numbers == sorted(numbers, reverse=True)
        return max(numbers, default=0) if ordered else None


def changed_field(resource: Resource) -> str | None:
    """Return the field with the time of a row's last change, as the list declares it."""
    declared = getattr(getattr(type(resource), "changed_since", None), "stamp", None)
    return declared if isinstance(declared, str) else None


def _verified(pages: Pages[Any]) -> Pages[Any]:
    try:
        return pages.overlapping()
    except ValueError:  # it has no page numbers
        return pages


def _when(row: RowVersion) -> tuple[float, int, str]:
    moment = row.changed_at.timestamp() if row.changed_at is not None else 0.0
    return moment, row.id if isinstance(row.id, int) else 0, row.key
