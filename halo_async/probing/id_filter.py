"""Effect of a condition on `id` in `advanced_search`, by which an export reads exactly."""

from __future__ import annotations

import json

from halo_async.errors import BadRequestError
from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import ProbeRequests

_AT_MOST = 10


class IdFilter(Question):
    """Request the rows up to an id in the middle of a page."""

    name = "id_filter"
    subjects = ("tickets", "asset", "client")
    usual = "honoured"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        ids = sorted(set((await requests.first_rows(subject)).ids))
        if len(ids) < 3:
            raise NotMeasurable("too few rows to tell")
        middle = ids[len(ids) // 2 - 1]
        condition = [{"filter_name": "id", "filter_type": _AT_MOST, "filter_value": str(middle)}]
        search = json.dumps(condition, separators=(",", ":"))
        try:
            found = (await requests.page(subject, 100, query=[("advanced_search", search)])).ids
        except BadRequestError:
            return "refused"
        if not found:
            return "empty"
        return "honoured" if max(found) <= middle else "ignored"
