"""Fetching pages ahead, in order and with a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Self

from halo_async._operations.list_envelope import PageData
from halo_async._utils.background import start, stop

if TYPE_CHECKING:
    from halo_async.pagination.page_numbers import Paginator


class PagePrefetcher:
    """Fetches the pages of a paginator, with up to `depth` of them (at least 1) ahead.

    A block: requests in progress when the block ends are cancelled and awaited. They are tasks of `background`, since
    the loop over the rows yields inside the block.
    """

    def __init__(
        self, fetch: Callable[[Mapping[str, str]], Awaitable[PageData]], paginator: Paginator, depth: int
    ) -> None:
        self._fetch = fetch
        self._paginator = paginator
        self._depth = depth
        self._tasks: dict[tuple[str, ...], asyncio.Task[PageData]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        tasks = list(self._tasks.values())
        self._tasks.clear()
        await stop(*tasks)

    async def get(self, params: Mapping[str, str]) -> PageData:
        """Return the response for `params`, from a task in progress or by a request of its own."""
        self._start_page(params)
        self._fill()
        task = self._tasks[tuple(params.values())]
        try:
            return await task
        finally:
            if not task.done():
                task.cancel()
            else:
                self._tasks.pop(tuple(params.values()), None)

    def _fill(self) -> None:
        for steps in range(1, self._depth + 1):
            later = self._paginator.lookahead(steps)
            if later is None:
                return
            self._start_page(later)

    def _start_page(self, params: Mapping[str, str]) -> None:
        key = tuple(params.values())
        if key not in self._tasks:
            self._tasks[key] = start(self._fetch_page(params))

    async def _fetch_page(self, params: Mapping[str, str]) -> PageData:
        return await self._fetch(params)
