"""Reading a list that repeats its first page whatever page is asked for. No I/O here.

What gets on there is a parameter that the overlay declares: `count`, which asks for a longer first page (`/CRMNote`),
or `older_than_id`, which asks for the rows below one (`/Feed`). The total of such a list may be the length of the
page that it comes with (likely), so it is believed only where it is greater.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from halo_async._operations.list_envelope import PageData
from halo_async.errors import IncompleteError, InvalidRequestError, PaginationError, PaginationLoopError
from halo_async.pagination.page_numbers import DEFAULT_SIZE, Paginator, missing_rows_error
from halo_async.pagination.row_keys import Identify

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation

OLDER = "older_than_id"
START, FACTOR = 1000, 10
"""Rows requested first, and the factor of the next request if the list does not say its total."""
MOST = 2_000_000_000
"""The greatest round `count` that is a number to Halo."""


def paginator_of(
    operation: Operation, given: Mapping[str, str], identify: Identify, limit: int | None = None
) -> Paginator:
    """The paginator that an operation's `paging` names.

    :param given: the query of the call, where `older_than_id` says what to begin below.
    :param limit: how many rows are wanted at most.
    :raises InvalidRequestError: `older_than_id` is not a number.
    """
    if operation.paging == OLDER:
        return Older(identify, below=_bound(given), limit=limit)
    assert operation.paging == "count"  # there is no other
    return Count(identify, limit=limit)


def _bound(given: Mapping[str, str]) -> int | None:
    text = given.get(OLDER)
    if text is not None and not text.removeprefix("-").isdecimal():
        raise InvalidRequestError(f"{OLDER} is not a number. Give the id of a row.")
    return None if text is None or int(text) == 0 else int(text)  # 0 is not a bound to Halo


class Count:
    """A list read by asking for ever more rows, those that came before being left out.

    It ends when a greater `count` brings no more rows, whatever total comes with them.
    """

    def __init__(self, identify: Identify, *, limit: int | None = None) -> None:
        self._identify = identify
        self._count = max(1, limit) if limit is not None else START
        self._seen: Counter[Hashable] = Counter()
        self._total: int | None = None
        self._asked = False
        self._done = False

    @property
    def params(self) -> dict[str, str] | None:
        """Return how many rows to ask for."""
        return None if self._done else {"count": str(self._count)}

    def lookahead(self, steps: int) -> dict[str, str] | None:
        """Nothing: a response says how many to ask for next."""
        return None

    def feed(self, page: PageData) -> PageData | None:
        """The rows that did not come before."""
        first, self._asked = not self._asked, True
        came = len(page.rows)
        if page.total is not None and page.total > came:
            self._total = page.total
        page.rows = self._new(page.rows)
        self._done = not (first or page.rows)
        known = self._total or 0
        self._count = known if known > self._count else min(self._count * FACTOR, MOST)
        return page if first or page.rows else None

    def _new(self, rows: list[Any]) -> list[Any]:
        """Return the rows that no earlier response had so often: two equal rows of one response are two rows."""
        found, new = Counter[Hashable](), []
        for row, identity in zip(rows, self._identify(rows), strict=True):
            own = _encode_row(row) if identity is None else identity
            found[own] += 1
            if found[own] > self._seen[own]:
                self._seen[own] = found[own]
                new.append(row)
        return new

    def missing_rows(self) -> IncompleteError | None:
        """Rows that were counted and that no `count` brings."""
        received = self._seen.total()
        return (
            missing_rows_error(received, self._total)
            if self._total is not None and self._total > received
            else None
        )


class Older:
    """A list that gives its newest rows first, read below the lowest id until a page is empty.

    A short page is not the end: how long pages are is the instance's own affair, and one may have been cut on the way.
    """

    def __init__(self, identify: Identify, *, below: int | None = None, limit: int | None = None) -> None:
        self._identify = identify
        self._below = below
        self._size = DEFAULT_SIZE if limit is None else max(1, min(limit, DEFAULT_SIZE))
        self._total: int | None = None
        self._received = 0
        self._asked = False
        self._done = False
        self._missing: PaginationError | None = None

    @property
    def params(self) -> dict[str, str] | None:
        """Return how many rows to ask for, and below which id."""
        if self._done:
            return None
        bound = {} if self._below is None else {OLDER: str(self._below)}
        return {"count": str(self._size), **bound}

    def lookahead(self, steps: int) -> dict[str, str] | None:
        """Nothing: a page says where the next one begins."""
        return None

    def feed(self, page: PageData) -> PageData | None:
        """The page.

        :raises PaginationLoopError: its ids are not below those of the page before.
        """
        first, self._asked = not self._asked, True
        if first:
            self._total = page.total
        self._received += len(page.rows)
        if not page.rows:
            self._done = True
            return page if first else None
        self._go_below(page.rows)
        return page

    def _go_below(self, rows: list[Any]) -> None:
        ids = [identity for identity in self._identify(rows) if type(identity) is int]
        if len(ids) < len(rows):
            self._done = True
            self._missing = IncompleteError("Rows have no number as id, so older ones cannot be requested.")
            return
        if self._below is not None and max(ids) >= self._below:
            raise PaginationLoopError(
                f"Received rows that are not below {OLDER}={self._below}: the instance ignores {OLDER} here."
            )
        self._below = min(ids)

    def missing_rows(self) -> PaginationError | None:
        """Rows that were counted and did not come, or that cannot be asked for."""
        if self._missing is None and self._total is not None and self._total > self._received:
            return missing_rows_error(self._received, self._total)
        return self._missing


def _encode_row(row: Any) -> Hashable:
    if isinstance(row, bytes):
        return row
    from halo_async._operations.serialization import encode_json

    return encode_json(row)
