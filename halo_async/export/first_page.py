"""The first response of a list, and whether it is the whole list.

Its own count does not tell: a page that was cut can count what is left of it, and some instances always count the
page. So a second request has to agree: the page behind it, in the same order and of the same length. Where the
first had no rows, or the list has no pages, it is the same request again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from halo_async.errors import IncompleteError
from halo_async.export.fetch import PageFetcher
from halo_async.export.rows import RowPage

ROUND = frozenset({50, 100, 200, 250, 500, 999, 1000})
"""Possible lengths of a full page; a page of another length is the last one, or was truncated."""
TRIES = 4

Ask = Callable[[], Awaitable[RowPage]]


def may_be_all(page: RowPage) -> bool:
    """Return whether nothing in a first page says that there are more rows."""
    return page.total is None or page.total <= len(page.rows)


async def first_page(fetcher: PageFetcher, *, newest: bool) -> tuple[RowPage, bool]:
    """The first page of a paged list, the newest rows or those of page 1, and whether these are all.

    The total of a page that turns out not to be the last is left out unless it counts more rows than the page.

    :raises HaloError: it could not be received.
    """

    async def ask() -> RowPage:
        return await (fetcher.newest() if newest else fetcher.page(1))

    page = await ask()
    for _ in range(TRIES):
        if not may_be_all(page) or _is_full(page):
            break
        other = await (_behind(fetcher, page, newest=newest) if page.rows else ask())
        if _is_behind_all(page, other):
            again = await _again(fetcher, page, ask, newest=newest)
            if again is None:
                return page, True
            page = again
            continue
        if page.rows and len(other.rows) <= len(page.rows):
            break
        page = other  # there are rows after all, or more of them: the list gives everything at once
    return await _cut_or_not(page, ask), False


async def _behind(fetcher: PageFetcher, page: RowPage, *, newest: bool) -> RowPage:
    """Return the page behind a first page.

    Some instances give pages of an unusual length. So where the length does not tell, page 2 is to begin with the last
    row that is known: it is not empty then, and one that is was emptied, or is empty a second time.
    """
    count = len(page.rows)
    size = count - 1 if count > 2 and count not in ROUND else count
    other = await fetcher.page(2, size, newest=newest)
    if size < count and not other.rows:
        return longer(other, await fetcher.page(2, size, newest=newest))
    return other


async def _again(fetcher: PageFetcher, page: RowPage, ask: Ask, *, newest: bool) -> RowPage | None:
    """The first page once more, if it is another one now, or if something is behind it after all; else None.

    Only a full one is requested again: a row of the next page can have moved onto it meanwhile.
    """
    if len(page.rows) not in ROUND:
        return None
    again = await ask()
    if again.rows != page.rows:
        return again
    other = await fetcher.page(2, len(page.rows), newest=newest)
    return None if _is_behind_all(page, other) else attrs.evolve(page, total=None)


def _is_full(page: RowPage) -> bool:
    """Return whether a page without a total looks like one of several: then the reader finds the end."""
    return page.total is None and not page.bare and len(page.rows) in ROUND


def _is_behind_all(page: RowPage, other: RowPage) -> bool:
    """Return whether what was asked for behind a page holds nothing new."""
    if other.total is not None and other.total > len(page.rows):
        return False  # a row that was inserted meanwhile can have moved a known one there
    if _has_keys(page) and _has_keys(other):
        return set(other.ids or ()) <= set(page.ids or ())
    return set(other.rows) <= set(page.rows)


def _has_keys(page: RowPage) -> bool:
    return page.ascending or page.descending


async def _cut_or_not(page: RowPage, ask: Ask) -> RowPage:
    """A page of no round length, which is not the last one, was cut: the longer of two."""
    if len(page.rows) not in ROUND:
        page = longer(page, await ask())
    return attrs.evolve(page, total=None) if may_be_all(page) else page


async def same_twice(ask: Ask) -> RowPage:
    """A list without pages: two responses have to hold as many rows.

    :raises IncompleteError: no two of several do.
    :raises HaloError: it could not be received.
    """
    page = await ask()
    for _ in range(TRIES):
        other = await ask()
        if len(other.rows) == len(page.rows):
            return page
        page = longer(page, other)
    raise IncompleteError(
        f"the list has another number of rows each time it is requested ({len(page.rows):,} at most). "
        "Export it again"
    )


def longer(page: RowPage, other: RowPage) -> RowPage:
    """The page with more rows."""
    return other if len(other.rows) > len(page.rows) else page
