"""The first response of a list, and whether it is the whole list.

Its own count does not tell: a page that was cut can count what is left of it, and some instances always count the
page. So a second request has to agree: the page behind it, in the same order and of the same length. Where the
first had no rows, or the list has no pages, it is the same request again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import attrs

from halo_async.errors import IncompleteError, PaginationLoopError
from halo_async.export.fetch import SIZE, PageFetcher
from halo_async.export.seen_ids import row_id, row_key
from halo_async.pagination.split_rows import RowPage

ROUND = frozenset({50, 100, 200, 250, 500, 999, 1000})
"""Possible lengths of a full page; a page of another length is the last one, or was truncated."""
TRIES = 4
KNOWN = 3
"""Rows that a second page begins with again, so that one that was cut is hardly ever cut right behind them."""
TINY = 10
"""No instance has pages of fewer rows."""


def may_be_all(page: RowPage) -> bool:
    """Return whether nothing in a first page says that there are more rows."""
    return page.total is None or page.total <= len(page.rows)


async def first_page(fetcher: PageFetcher, *, newest: bool) -> tuple[RowPage, bool]:
    """The first page of a paged list, the newest rows or those of page 1, and whether these are all.

    The total of a page that turns out not to be the last is left out unless it counts more rows than the page.

    :raises PaginationLoopError: it comes for every `page_no`, as long as was asked for.
    :raises HaloError: it could not be received.
    """
    return await _FirstPage(fetcher, newest).read()


class _FirstPage:
    def __init__(self, fetcher: PageFetcher, newest: bool) -> None:
        self._fetcher = fetcher
        self._newest = newest

    async def read(self) -> tuple[RowPage, bool]:
        page = await self._fetch_page()
        for _ in range(TRIES):
            if not may_be_all(page) or _is_full(page):
                break
            size = behind(len(page.rows))
            other = await self._fetch_page(2, size) if page.rows else page
            if _has_others(page, other):
                if not set(_keys(page)) <= set(_keys(other)):
                    break
                page = other  # the list gives everything at once, and the first response was cut
            elif _has_rest(page, other, size):
                return page, True
            else:
                page, is_all = await self._again(page, size, other)
                if is_all:
                    return page, True
        return await self._cut_or_not(page), False

    async def _fetch_page(self, number: int = 1, size: int = SIZE) -> RowPage:
        return await self._fetcher.page(number, size, newest=self._newest)

    async def _again(self, page: RowPage, size: int, other: RowPage) -> tuple[RowPage, bool]:
        """The page, requested again, and whether it is all, where the one behind it, `other`, did not confirm it.

        On a full one a row of the next page can have moved meanwhile, and one without the rows that are known there
        was emptied, or the instance gives pages of its own length: so that page is requested once more, too.
        """
        again = await self._fetch_page()
        if _keys(again) != _keys(page):
            return (page if len(again.rows) < len(page.rows) else again), False
        if not page.rows:
            again = await self._fetch_page()
            return again, not again.rows
        is_doubtful = len(page.rows) in ROUND or not set(_keys(page)[size:]) <= set(_keys(other))
        if is_doubtful:
            behind_it = await self._fetch_page(2, size)
            if _has_others(page, behind_it) or _is_part(page, behind_it):
                return attrs.evolve(page, total=None), False
        await refuse_repeated(page, size, other, partial(self._fetch_page, 2))
        return page, True

    async def _cut_or_not(self, page: RowPage) -> RowPage:
        """A page of no round length, which is not the last one, was cut: the longer of two."""
        if len(page.rows) not in ROUND:
            page = longer(page, await self._fetch_page())
        return attrs.evolve(page, total=None) if may_be_all(page) else page


def behind(count: int) -> int:
    """The length of pages of which the second one shows whether there are more than `count` rows.

    Some instances give pages of an unusual length. So where the length does not tell, page 2 begins with the last of
    the rows that are known: one that is without these was emptied or cut, and one that has just these is the end.
    """
    return count if count in ROUND else count - min(KNOWN, count // 3)


def _is_full(page: RowPage) -> bool:
    """Return whether a page without a total looks like one of several: then the reader finds the end."""
    return page.total is None and not page.bare and len(page.rows) in ROUND


def _has_others(page: RowPage, other: RowPage) -> bool:
    """Return whether what was asked for behind a page holds anything new."""
    if other.total is not None and other.total > len(page.rows):
        return True  # a row that was inserted meanwhile can have moved a known one there
    return not set(_keys(other)) <= set(_keys(page))


def _is_part(page: RowPage, other: RowPage) -> bool:
    """Return whether page 2 has some rows of a full page 1 but its first: pages are shorter than they were."""
    found = _keys(other)
    return len(page.rows) in ROUND and bool(found) and found[0] != _keys(page)[0]


def _has_rest(page: RowPage, other: RowPage, size: int) -> bool:
    """Return whether a page that begins `size` rows behind the beginning of another has all rows that follow there.

    If it has more rows than these, rows before it were deleted meanwhile, and others can follow it.
    """
    keys, found = set(_keys(page)), set(_keys(other))
    is_end = len(other.rows) <= len(page.rows) - size or keys <= found
    return is_end and size + 1 < len(page.rows) and set(_keys(page)[size:]) <= found


async def refuse_repeated(
    page: RowPage, size: int, other: RowPage, ask: Callable[[int], Awaitable[RowPage]]
) -> None:
    """Raise if page 2 is page 1 as far as its length goes, by shorter pages.

    One as long as page 1 does not tell: it can be all there is, or the last page that comes past the end. No response
    that was cut has both of the lengths that are asked for.

    :param other: page 2, as it was with pages of `size` rows.
    :param ask: requests page 2 with pages of so many rows.
    :raises PaginationLoopError: it is.
    :raises HaloError: it could not be received.
    """
    count, found = len(page.rows), len(other.rows)
    if count < TINY or not 0 < found <= size or not _begins_with(page, other, found):
        return
    for shorter in (count // 2, count // 3):
        if not _begins_with(page, await ask(shorter), shorter):
            return
    raise PaginationLoopError("Page 2 begins as page 1 does: the instance ignores page_no here.")


def _begins_with(page: RowPage, other: RowPage, count: int) -> bool:
    """Return whether another page is the first `count` rows of a page."""
    return _keys(other) == _keys(page)[:count]


def _keys(page: RowPage) -> Sequence[object]:
    return page.ids if page.ids is not None and len(set(page.ids)) == len(page.ids) else page.rows


async def same_twice(ask: Callable[[], Awaitable[RowPage]]) -> RowPage:
    """A list without pages: two responses have to hold the same rows, or three if these are none or fewer than before.

    :raises IncompleteError: no two of several do.
    :raises HaloError: it could not be received.
    """
    page, agree = await ask(), 1
    most, before = len(page.rows), identified(page.rows, page.ids)
    for _ in range(TRIES + 1):
        page = await ask()
        most, found = max(most, len(page.rows)), identified(page.rows, page.ids)
        agree, before = agree + 1 if found == before else 1, found
        if agree == (2 if page.rows and len(page.rows) == most else 3):
            return page
    raise not_the_same(most)


def identified(rows: list[bytes], ids: list[int] | None = None) -> list[int]:
    """The keys of a list's rows, sorted, since some lists have no order.

    :param ids: theirs, if they are known.
    """
    found = ids if ids is not None else [row_id(row) for row in rows]
    return sorted(row_key(row, id) for row, id in zip(rows, found, strict=True))


def not_the_same(most: int) -> IncompleteError:
    """The error of a list whose responses never agree; `most`: the most rows that one had."""
    return IncompleteError(
        f"The list has other rows each time it is requested ({most:,} at most). Export it again when fewer rows change."
    )


def longer(page: RowPage, other: RowPage) -> RowPage:
    """The page with more rows."""
    return other if len(other.rows) > len(page.rows) else page
