"""State machine that reads a list or a proxy page by page; what the server does meanwhile, its subclasses say."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, rule

from halo_async.errors import PaginationError
from halo_async.pagination.pages import PaginationWarning


class PageReading(RuleBasedStateMachine):
    """Keeps the ids that came, the error or warning at the end, and if the end was reached."""

    pages: AsyncGenerator[Any]
    most = 300
    """Pages after which a reading that has not ended never will."""

    def start(self, pages: AsyncGenerator[Any]) -> None:
        """Begin to read."""
        self.loop = asyncio.new_event_loop()
        self.pages = pages
        self.ids: list[int] = []
        self.error: PaginationError | None = None
        self.warned = self.ended = False

    @rule()
    def read(self) -> None:
        if not self.ended:
            self.read_page()

    def read_page(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                page = self.loop.run_until_complete(anext(self.pages))
                self.ids += [row["id"] for row in page]
            except StopAsyncIteration:
                self.ended = True
            except PaginationError as error:
                self.ended, self.error = True, error
        self.warned = any(issubclass(one.category, PaginationWarning) for one in caught)

    def judge(self) -> None:
        """Compare what came with what the server holds."""
        raise NotImplementedError

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            for _ in range(self.most):
                self.read()
            assert self.ended, "the reading never ends"
            self.judge()
        finally:
            self.loop.run_until_complete(self.pages.aclose())
            self.loop.close()
