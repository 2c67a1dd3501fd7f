"""The requests of one resource: a list's pages, fetched and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import cast

from halo_async.declaration import Operation
from halo_async.errors import Attempt, PaginationError
from halo_async.export.rows import Page, split
from halo_async.export.tally import row_id
from halo_async.list_answer import Answer
from halo_async.resource import Sender
from halo_async.transport import Request
from halo_async.walk import OneRequest, PageNumbers, Walk

ORDER = "id"
"""Rows are asked for by id where a list can be ordered: new ones then come at its end."""


class Source:
    """One pass over one list, upwards.

    Rows inserted or deleted meanwhile move the others across page borders: a pass over more than one
    page is best-effort, whatever the total says.
    """

    def __init__(self, operation: Operation, sender: Sender) -> None:
        self.ordered = operation.paged and "order" in operation.known
        """Whether the instance was asked to sort by id."""
        self.requests = 0
        self.retries = 0
        self.answers_429 = 0
        self.bytes = 0
        self.pages = 0
        self.total: int | None = None
        """`record_count` of the first page."""
        self._operation = operation
        self._sender = sender
        self._walk: Walk = PageNumbers() if operation.paged else OneRequest()
        self._decode = partial(split, key=operation.key)

    @property
    def consistency(self) -> str:
        """How far the rows can be trusted to be one moment's."""
        return "single-response" if self.pages == 1 else "best-effort"

    async def rows(self) -> AsyncIterator[list[bytes]]:
        """The rows, page by page.

        :raises HaloError: a page could not be had, or came twice.
        """
        while (params := self._walk.params) is not None:
            page = await self._sender.send(self._request(params), self._decode)
            self._count(page)
            taken = self._walk.take(_answer(page))
            if taken is not None:
                delivered = cast(Page, taken.rest)  # not always this page: a short one is asked for twice
                self.pages += bool(delivered.rows)
                yield delivered.rows

    def missing(self) -> PaginationError | None:
        """Rows that the instance counted and did not give."""
        return self._walk.shortfall()

    def _request(self, params: Mapping[str, str]) -> Request:
        query = {"order": ORDER, **params} if self.ordered else params
        return Request("GET", self._operation.path, tuple(query.items()), on_attempt=self._attempted)

    def _attempted(self, attempt: Attempt) -> None:
        self.requests += 1
        self.retries += attempt.number > 1
        self.answers_429 += attempt.outcome == "429"

    def _count(self, page: Page) -> None:
        self.bytes += page.size
        if self.total is None:
            self.total = page.total


def _answer(page: Page) -> Answer:
    """A page as the walk wants it: enough of each row to tell pages apart, and the rows themselves."""
    marks = [{"id": row_id(row), "mark": hash(row)} for row in page.rows]
    return Answer(marks, page.total, bare=page.bare, rest=page)
