"""Lists that repeat their first page, gathered by the parameter that is declared for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from halo_async._operations.list_envelope import PageData
from halo_async.pagination.repeating_lists import paginator_of
from halo_async.pagination.row_keys import Identities
from halo_async.pagination.split_rows import RowPage, ids_of

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation


async def gathered(
    operation: Operation, filters: Mapping[str, str], send: Callable[[Mapping[str, str]], Awaitable[RowPage]]
) -> RowPage:
    """Every row, as if one response had held them.

    :param send: one request, with what is added to its query.
    :raises PaginationError: fewer rows were received than were counted, or the same ones again.
    :raises HaloError: a page could not be received.
    """
    page = RowPage([], None, False, 0)
    paginator = paginator_of(operation, filters, lambda rows: _identities(page))
    rows: list[bytes] = []
    size = 0
    while (params := paginator.params) is not None:
        page = await send(params)
        size += page.size
        fresh = paginator.feed(PageData(page.rows, page.total, bare=page.bare))
        rows += fresh.rows if fresh is not None else []
    missing = paginator.missing_rows()
    if missing is not None:
        raise missing
    return RowPage(rows, len(rows), page.bare, size, ids=ids_of(rows))


def _identities(page: RowPage) -> Identities:
    """The ids of a page's rows as they were read; where not every row has one, each by itself."""
    if page.ids is not None:
        return list(page.ids)
    return [ids[0] if (ids := ids_of([row])) else None for row in page.rows]
