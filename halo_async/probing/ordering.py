"""Effect of `order=id`."""

from __future__ import annotations

from halo_async.errors import BadRequestError
from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import ProbeRequests, by_id

_SIZE = 5


class Ordering(Question):
    """Request the least and the greatest ids: one of the two is not the usual order of the list."""

    name = "ordering"
    subjects = ("tickets", "asset", "client")
    usual = "honoured"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        try:
            up = (await requests.page(subject, _SIZE, query=by_id())).ids
            down = (await requests.page(subject, _SIZE, query=by_id(descending=True))).ids
        except BadRequestError:
            return "refused"
        if min(len(up), len(down)) < 3:
            raise NotMeasurable("too few rows to tell")
        is_sorted = up == sorted(up) and down == sorted(down, reverse=True)
        return "honoured" if is_sorted and up[0] < down[0] else "ignored"
