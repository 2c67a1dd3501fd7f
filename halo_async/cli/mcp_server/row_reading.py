"""Rows of a list from a place on, as many as fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from halo_async._operations.operation import Operation
from halo_async._operations.serialization import plain_json
from halo_async.cli.mcp_server.budget import ENVELOPE, tokens_of
from halo_async.cli.mcp_server.cursors import ResultCursor, digest_of
from halo_async.cli.mcp_server.redaction import mask_secrets
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.cli.mcp_server.results import ResultShape, RowsRead, picked, too_long

_PAGE = 50
"""Rows per request: what an instance sends for any list, and more than most results hold."""
_STEERED = frozenset({"page_no", "page_size", "pageinate", "count", "older_than_id"})


async def read_rows(
    method: Callable[..., Any],
    operation: Operation,
    arguments: Mapping[str, Any],
    place: ResultCursor,
    shape: ResultShape,
) -> RowsRead:
    """Return the rows after a place, up to the limit and the budget.

    :raises RefusedError: one row alone is too long, or a field is unknown.
    :raises HaloError: a request failed.
    """
    pages, skip = _pages_from(method, operation, arguments, place)
    taken = _TakenRows(shape, skip, place)
    async with aclosing(pages.by_page()) as read:
        async for page in read:
            if taken.add([plain_json(row) for row in page], page.record_count):
                break
    return taken.result()


def _pages_from(
    method: Callable[..., Any], operation: Operation, arguments: Mapping[str, Any], place: ResultCursor
) -> tuple[Any, int]:
    """The list from the page on that a place is in, and how many of its rows come before the place."""
    paged = operation.paged and "page_no" in operation.argument_names and not _STEERED & arguments.keys()
    before = place.skip - 1 if place.last and place.skip else place.skip  # the last row given out comes first
    if not paged:
        return method(**arguments), before
    size = place.page_size or _PAGE
    number, skip = divmod(before, size)
    start = {"page_no": number + 1} if number else {}
    return method(**arguments, page_size=size, **start), skip


class _TakenRows:
    """Rows up to the budget."""

    def __init__(self, shape: ResultShape, skip: int, place: ResultCursor) -> None:
        self._shape = shape
        self._skip = skip
        self._page_size = place.page_size
        self._last = place.last
        self._to_compare = bool(place.last and place.skip)
        self._moved = self._to_compare
        self._room = shape.budget - ENVELOPE
        self._rows: list[Any] = []
        self._total: int | None = None
        self._more = False

    def add(self, page: list[Any], total: int | None) -> bool:
        """Take the rows of a page; return whether no more fit."""
        self._page_size = self._page_size or len(page)
        self._total = total if self._total is None else self._total
        rows, self._skip = page[self._skip :], max(0, self._skip - len(page))
        if rows and self._to_compare:
            self._to_compare, self._moved = False, _digest_row(rows[0]) != self._last
            rows = rows[1:]
        for row in rows:
            if not self._take_row(row):
                self._more = True
                return True
        return False

    def _take_row(self, row: Any) -> bool:
        if self._shape.limit is not None and len(self._rows) >= self._shape.limit:
            return False
        shown = picked(mask_secrets(row), self._shape.fields)
        size = tokens_of(shown)
        if size > self._room:
            if not self._rows:
                raise too_long("One row", shown, size, self._shape)
            return False
        self._rows.append(shown)
        self._last = _digest_row(row)
        self._room -= size
        return True

    def result(self) -> RowsRead:
        """Return what was taken."""
        _check_fields(self._rows, self._shape)
        return RowsRead(self._rows, self._total, self._page_size, self._more, self._last, self._moved)


def _digest_row(row: Any) -> str:
    """Return a digest of what makes it the same row: its id, or all of it."""
    id = row.get("id") if isinstance(row, dict) else None
    return digest_of(row if id is None else id)[:8]


def _check_fields(rows: list[Any], shape: ResultShape) -> None:
    """:raises RefusedError: a field is in none of the rows."""
    if not shape.fields or not rows or not isinstance(rows[0], dict):
        return
    lacking = [name for name in shape.fields if not any(name in row for row in rows)]
    if lacking:
        raise RefusedError(
            f"No row has the field {lacking[0]!r:.100}. describe_operation lists fields, and some are only in the "
            "whole record, which the operation ending in .get reads."
        )
