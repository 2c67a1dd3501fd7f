"""Response to a page past the end of a list."""

from __future__ import annotations

from halo_async.errors import BadRequestError
from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import ProbeRequests, by_id

_FAR = 1_000_000
_SIZE = 50


class PastTheEnd(Question):
    """Request a page that no list has."""

    name = "past_the_end"
    subjects = ("tickets",)
    usual = "zero"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        try:
            page = await requests.page(subject, _SIZE, _FAR, by_id())
        except BadRequestError:
            return "refused"
        if len(page.rows) > _SIZE:
            raise NotMeasurable("the list is not paged")
        if page.rows:
            first = await requests.page(subject, _SIZE, query=by_id())
            is_first = (first.total or 0) > _SIZE and len(set(first.ids) & set(page.ids)) > len(
                page.rows
            ) // 2
            return "first page" if is_first else "last page"
        if page.total is None:
            return "uncounted"
        return "total" if page.total else "zero"
