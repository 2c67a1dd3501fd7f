"""Fewer rows than were counted: deleted meanwhile, or lost. The list is asked how many there are now."""

from __future__ import annotations

import attrs

from halo_async.errors import IncompleteError
from halo_async.export.fetch import PageFetcher
from halo_async.pagination.page_numbers import missing_rows_error
from halo_async.pagination.split_rows import RowPage

TRIES = 3
PAGES = 20
"""Pages of rows inserted meanwhile that are looked through at most."""


@attrs.frozen
class Now:
    """State of a list after it was read."""

    rows: int
    """Number of rows with the ids of that time that it counts."""
    newest: int
    """The greatest id."""
    is_empty: bool = False
    """True if it counts no row at all."""


async def look_again(fetcher: PageFetcher, newest: int, received: int) -> Now | None:
    """Return the number of rows up to an id, by the total and the newest rows; None without a total.

    A count of less than half of what was received is not believed the first time.

    :raises HaloError: a request failed.
    """
    now = None
    for _ in range(TRIES):
        page = await fetcher.newest()
        if page.total is None or page.total < len(page.rows):
            continue
        rows, greatest = page.total - await _inserted(fetcher, page, newest), max([*(page.ids or ()), newest])
        now = Now(rows, greatest, not page.total)
        if now.rows * 2 >= received:
            return now
    return now


async def _inserted(fetcher: PageFetcher, page: RowPage, newest: int) -> int:
    """Return how many rows have greater ids; `page` is the first page of the newest."""
    count = number = 0
    while number < PAGES:
        number += 1
        ids = page.ids or []
        later = sum(id > newest for id in ids)
        count += later
        if not ids or later < len(ids):
            break
        page = await fetcher.page(number + 1, newest=True)
    return count


async def deficit(
    fetcher: PageFetcher, received: int, total: int | None, newest: int, *, returned: int = 0
) -> IncompleteError | None:
    """Return why rows are missing; None if as many were received as counted, or deletions explain it.

    :param total: the most rows that were counted.
    :param returned: how many are known to have come back into the list where it had been read.
    :raises HaloError: a request failed.
    """
    if total is None or received >= total:
        return None
    now = await look_again(fetcher, newest, received)
    return short_of(received, total, now, returned)


def short_of(received: int, total: int, now: Now | None, returned: int = 0) -> IncompleteError | None:
    """The same, once the list was asked."""
    if now is None:
        return missing_rows_error(received, total)
    if now.is_empty:  # an instance that shows nothing any more explains nothing
        return missing_rows_error(received, total)
    return missing_rows_error(received, now.rows) if received + returned < now.rows else None


async def unordered_deficit(fetcher: PageFetcher, received: int, most: int) -> IncompleteError | None:
    """The same of a list whose ids tell nothing.

    :param most: the most rows that were counted, or seen on one page.
    :raises HaloError: a request failed.
    """
    if received >= most:
        return None
    counted = False
    for _ in range(TRIES):
        page = await fetcher.page(1)
        counted = page.total is not None
        now = max(page.total or 0, len(page.rows))
        if now > received:
            return missing_rows_error(received, now)
        if now * 2 >= received > 0 and counted:
            return None
    return None if received and counted else missing_rows_error(received, most)
