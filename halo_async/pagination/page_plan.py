"""Strategy for fetching the pages of one call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from halo_async._operations.list_envelope import PageData
from halo_async.pagination.page_numbers import Paginator

T = TypeVar("T")


class LinePlan(msgspec.Struct, frozen=True, eq=False):
    """Reading of a list whose rows stay lines of JSON."""

    fetch: Callable[[Mapping[str, str]], Awaitable[PageData]]
    """Sends one request; the rows of its page are lines."""
    make: Callable[[list[Any]], list[Any]]
    """Returns lines as they are.

    :raises DecodeError: (that function) one of them is not a record.
    """
    record: Callable[[], type | None]
    """Returns the record class of the rows; None if they have none."""


class PagePlan(msgspec.Struct, Generic[T], frozen=True, eq=False):
    """Strategy for fetching the pages of one call."""

    name: str
    """Name of the operation, for messages."""
    paginator: Callable[[int | None], Paginator]
    """Returns the paginator for at most so many rows."""
    fetch: Callable[[Mapping[str, str]], Awaitable[PageData]]
    """Sends one request, with these parameters added to its query."""
    make: Callable[[list[Any]], list[T]]
    """Converts the rows."""
    lines: Callable[[], LinePlan]
    """Returns how to read the same rows as lines."""
    overlap: Callable[[], Paginator] | None = None
    """Returns the paginator with overlapping pages; None if the list has no page numbers."""
    limit: int | None = None
    depth: int = 0
    warns: bool = False
    """True if rows that may be missing cause a warning."""
    counts_page: bool = False
    """True if the total may be the page's own length, so that only a greater one is believed."""
