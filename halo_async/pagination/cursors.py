"""Pagination of IntegrationData proxies: page numbers, offsets, links and tokens.

The cursor in a response is sent back to Halo as a query parameter and is never requested as a URL.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from halo_async._operations.list_envelope import PageData
from halo_async.errors import CursorNotFoundError, InvalidRequestError, PaginationError, PaginationLoopError
from halo_async.pagination.consistency import PageFingerprints
from halo_async.pagination.cursor_response import Cursor, as_token, at_key, find_cursor, keys, locate
from halo_async.pagination.row_keys import key_by_fields

if TYPE_CHECKING:
    from halo_async._operations.operation import CursorParameters
    from halo_async.pagination.pages import CursorPath

_FIRST = {"page": "1", "offset": "", "token": ""}
_USUAL_LENGTHS = frozenset({10, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 500, 999})
_THOUSAND = 1000
_STALE_PAGES = 5
_identify = key_by_fields(("id",))


class CursorPaginator:
    """Paginator for the pages of a proxy."""

    def __init__(
        self,
        how: CursorParameters,
        given: Mapping[str, str],
        token_at: CursorPath | None = None,
        measured_key: str | None = None,
    ) -> None:
        """`measured_key`: spelling of the key that this instance was seen to use, before all others."""
        self._measured_key = measured_key
        self._how = how
        self._token_at = token_at
        self._given = given
        self._parameter = how.parameter
        self._value = self._first(given.get(how.parameter))
        self._pages = 0
        self._longest = self._last = 0
        self._done = False
        self._missing: PaginationError | None = None
        self._tokens: set[str] = set()
        self._fingerprints = PageFingerprints()
        self._freshness = CursorHistory()

    def _first(self, given: str | None) -> str:
        if given and not self._by_token and not given.isdecimal():
            raise InvalidRequestError(f"{self._how.parameter} must be a number.")
        return given or _FIRST[self._how.kind]

    @property
    def _by_token(self) -> bool:
        """True if the cursor in a response is followed: always, where the caller gives its location."""
        return self._how.kind == "token" or self._token_at is not None

    @property
    def params(self) -> dict[str, str] | None:
        """The parameter that turns paging on, and the cursor."""
        if self._done:
            return None
        flag = self._how.paging_flag
        params = {flag: "true"} if flag and flag not in self._given else {}
        second = self._how.secondary_parameter
        if self._pages == 0 and second and second in self._given:
            params[second] = self._given[second]  # the start position, under the other name
        return {**params, self._parameter: self._value} if self._value else params

    def lookahead(self, steps: int) -> dict[str, str] | None:
        """Do nothing: the number of pages is not known."""
        return None

    def feed(self, page: PageData) -> PageData | None:
        """See `Paginator.feed`.

        :raises PaginationLoopError: a page was repeated, or several pages in a row held nothing new.
        """
        self._pages += 1
        whole = getattr(page, "whole", page.rest)
        if self._pages > 1 and self._repeats(page.rows):
            self._done = True
            return None
        if self._is_off:
            self._done = True
        elif getattr(page, "single", False):
            self._end_with_one_thing(whole)
        elif self._by_token:
            self._follow_token(whole, len(page.rows))
        else:
            self._count_on(len(page.rows))
        self._last = len(page.rows)
        self._longest = max(self._longest, self._last)
        if self._pages == 1 and not self._done:
            self._repeats(page.rows)  # later pages are compared with it
        return page

    @property
    def _is_off(self) -> bool:
        """Return whether the caller turned paging off."""
        return self._how.paging_flag is not None and self._given.get(self._how.paging_flag) == "false"

    def _repeats(self, rows: list[Any]) -> bool:
        """Return whether the last page was repeated, as by a server that ignores too high page numbers."""
        earlier = self._fingerprints.seen_before(rows, _identify(rows), self._pages)
        if earlier is not None:
            if earlier == self._pages - 1 and 0 < self._last < self._longest and not self._by_token:
                return True
            raise PaginationLoopError(f"Page {self._pages} has the same rows as page {earlier}.")
        if self._freshness.stale(rows):
            raise PaginationLoopError(
                f"The last {_STALE_PAGES} pages up to page {self._pages} had no new row."
            )
        return False

    def _count_on(self, rows: int) -> None:
        """Continue until a page is empty: a filter behind the third party may have shortened a page."""
        step = 1 if self._how.kind == "page" else rows
        self._value = str(int(self._value or 0) + step)
        self._done = not rows

    def _end_with_one_thing(self, whole: Any) -> None:
        self._done = True
        if self._longest:
            self._missing = CursorNotFoundError(
                f"Page {self._pages} has no list of rows, unlike those before it. It contains {keys(whole)}."
            )
        if self._by_token and self._find_next(whole).token:
            self._missing = CursorNotFoundError(
                "The response has a cursor, but it is ambiguous which of its lists has the rows. "
                f"It contains {keys(whole)}. Name the list by rows_path=..."
            )

    def _follow_token(self, whole: Any, rows: int) -> None:
        said = self._find_next(whole)
        self._done = said.token is None
        if said.token is not None:
            self._parameter = said.name or self._parameter
            self._go_on_with(said.token)
        elif said.promised or (said.name is None and self._pages == 1 and _is_usual(rows)):
            self._missing = CursorNotFoundError(
                f"The response has a page of {rows} rows and no cursor for the next page. "
                f"It contains {keys(whole)}. Name the cursor by next_path=..."
            )

    def _find_next(self, whole: Any) -> Cursor:
        if self._token_at is not None:
            return Cursor(self._how.parameter, as_token(locate(whole, self._token_at)))
        if self._measured_key is not None and (token := as_token(at_key(self._measured_key)(whole))):
            return Cursor(self._how.parameter, token)
        second = (self._how.secondary_parameter,) if self._how.secondary_parameter else ()
        return find_cursor(whole, (self._how.parameter, *second))

    def _go_on_with(self, token: str) -> None:
        if token in self._tokens:
            self._done = True  # the rows of this page are new and still count
            self._missing = PaginationLoopError(f"Page {self._pages} has a cursor that was followed before.")
        self._tokens.add(token)
        self._value = token

    def missing_rows(self) -> PaginationError | None:
        """Return the error to report if the end of the list is not certain."""
        return self._missing


class CursorHistory:
    """Detects successive pages that hold only rows already received, in ever new combinations."""

    def __init__(self) -> None:
        self._known: set[Hashable] = set()
        self._stale = 0

    def stale(self, rows: list[Any]) -> bool:
        """Return whether several pages in a row had no new row. Rows without an id count as new."""
        identities = _identify(rows)
        old = all(one is not None and one in self._known for one in identities)
        self._known.update(identities)
        self._stale = self._stale + 1 if old else 0
        return self._stale >= _STALE_PAGES


def _is_usual(rows: int) -> bool:
    """Return whether this number of rows looks like a full page."""
    return rows in _USUAL_LENGTHS or (rows > 0 and rows % _THOUSAND == 0)
