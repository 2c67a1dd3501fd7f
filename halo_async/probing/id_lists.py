"""Several ids in one filter: separated by commas, or by repeating the name."""

from __future__ import annotations

from collections import Counter

from halo_async.errors import BadRequestError
from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import Listing, ProbeRequests, Query

_FILTERS = {"tickets": ("client_ids", "client_id"), "asset": ("assettypes", "assettype_id")}
"""By resource: the filter, and the field of rows that it compares."""


class IdLists(Question):
    """Count the rows of two ids alone and together, in both forms."""

    name = "id_lists"
    subjects = tuple(_FILTERS)
    usual = "commas"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        parameter, field = _FILTERS[subject]
        first = await requests.first_rows(subject)
        one, other = _two_ids(first, field)
        alone = [await requests.count(subject, [(parameter, id)]) for id in (one, other)]
        whole = first.total or 0
        if min(alone) < 1 or sum(alone) + _slack(sum(alone)) >= whole:
            raise NotMeasurable("too few rows to tell")

        async def heeded(query: Query) -> bool:
            try:
                count = await requests.count(subject, query)
            except BadRequestError:
                return False
            return count > max(alone) and abs(count - sum(alone)) <= min(_slack(sum(alone)), min(alone) // 2)

        commas = await heeded([(parameter, f"{one},{other}")])
        repeats = await heeded([(parameter, one), (parameter, other)])
        return {(True, True): "both", (True, False): "commas", (False, True): "repeats"}.get(
            (commas, repeats), "neither"
        )


def _slack(count: int) -> int:
    """Return how many rows may be inserted or deleted between two requests without a false result."""
    return 2 + count // 50


def _two_ids(page: Listing, field: str) -> tuple[str, str]:
    """Return the two rarest ids of a page, so that their rows are not the whole list."""
    known = Counter(id for id in page.column(field) if type(id) is int and id > 0)
    rarest = [str(id) for id, _ in reversed(known.most_common())]
    if len(rarest) < 3:
        raise NotMeasurable("too few rows to tell")
    return rarest[0], rarest[1]
