"""Lists that repeat their first page, gathered by the parameter that is declared for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from halo_async.export.rows import Page, ids_of
from halo_async.identity import Identities
from halo_async.list_answer import Answer
from halo_async.repeating import walk_of

if TYPE_CHECKING:
    from halo_async.declaration import Operation


async def gathered(
    operation: Operation, filters: Mapping[str, str], send: Callable[[Mapping[str, str]], Awaitable[Page]]
) -> Page:
    """Every row, as if one response had held them.

    :param send: one request, with what is added to its query.
    :raises PaginationError: fewer rows were received than were counted, or the same ones again.
    :raises HaloError: a page could not be received.
    """
    walk = walk_of(operation, filters, _identify)
    rows: list[bytes] = []
    size, bare = 0, False
    while (params := walk.params) is not None:
        page = await send(params)
        size, bare = size + page.size, page.bare
        answer = walk.take(Answer(page.rows, page.total, bare=page.bare))
        rows += answer.rows if answer is not None else []
    missing = walk.shortfall()
    if missing is not None:
        raise missing
    return Page(rows, len(rows), bare, size, ids=ids_of(rows))


def _identify(rows: list[bytes]) -> Identities:
    """Ids where every row has one; else the rows are told by all that is in them."""
    ids = ids_of(rows)
    return [None] * len(rows) if ids is None else list(ids)
