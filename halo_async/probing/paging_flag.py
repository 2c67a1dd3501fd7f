"""Effect of `pageinate`, for a list that is always an envelope and for one that is a bare array without it."""

from __future__ import annotations

from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import ProbeRequests

_SIZE = 2


class PagingFlag(Question):
    """Request a page of two rows with and without `pageinate`."""

    name = "paging_flag"
    subjects = ("tickets", "supplier")
    usual = "required"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        page = await requests.page(subject, _SIZE)
        if len(page.rows) > _SIZE:
            return "ignored"
        if page.total is not None and page.total <= _SIZE:
            raise NotMeasurable("too few rows to tell")
        without = await requests.list(subject, (("page_no", "1"), ("page_size", str(_SIZE))))
        return "optional" if len(without.rows) == _SIZE else "required"
