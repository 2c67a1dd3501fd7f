"""Maximum number of rows per page."""

from __future__ import annotations

from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import ProbeRequests


class PageSize(Question):
    """Request more rows than any instance gives, and count those received."""

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
        return len(page.rows)
