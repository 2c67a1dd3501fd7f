"""A list short enough to be held: the children of one parent."""

from __future__ import annotations

from typing import cast

from halo_async.export.fetch import Fetcher
from halo_async.export.rows import Page
from halo_async.export.tally import Tally, row_id
from halo_async.list_answer import Answer
from halo_async.walk import OneRequest, PageNumbers, Walk


async def whole(fetcher: Fetcher) -> list[bytes]:
    """Every row of a list, each once.

    :raises PaginationError: fewer came than were counted, or a page came again.
    :raises HaloError: a page could not be had.
    """
    walk: Walk = PageNumbers() if fetcher.operation.paged else OneRequest()
    tally, rows = Tally(), list[bytes]()
    while (params := walk.params) is not None:
        page = await (fetcher.page(int(params["page_no"])) if params else fetcher.whole())
        taken = walk.take(_answer(page))
        if taken is not None:
            rows += tally.new(cast(Page, taken.rest).rows)  # not always this page: a short one is read again
    error = walk.shortfall()
    if error is not None:
        raise error
    return rows


def _answer(page: Page) -> Answer:
    """A page as the walk wants it: enough of each row to tell pages apart, and the rows themselves."""
    marks = [{"id": row_id(row), "mark": hash(row)} for row in page.rows]
    return Answer(marks, page.total, bare=page.bare, rest=page)
