"""Maximum number of rows per page."""

from __future__ import annotations

from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import LARGE, ProbeRequests

_USUAL = frozenset({50, 100, 200, 250, 500, 999, 1000})
"""Lengths that are believed at once. Another one can be a page from which rows were left out."""


class PageSize(Question):
    """Request more rows than any instance gives, and count those received; an unusual number twice."""

    name = "page_size"
    subjects = ("tickets", "asset", "client", "users", "item")

    def assumed(self, subject: str) -> int:
        """See `Question`."""
        return 50 if subject == "asset" else 100

    async def measure(self, requests: ProbeRequests, subject: str) -> int:
        """See `Question`."""
        page = await requests.first_rows(subject)
        if page.total is None or page.total <= len(page.rows) or not page.rows:
            raise NotMeasurable("all rows fit one page")
        length = len(page.rows)
        if length not in _USUAL:
            following = await requests.page(subject, LARGE, 2)
            if len(following.rows) != min(length, page.total - length):
                raise NotMeasurable("pages differ in length")
        return length
