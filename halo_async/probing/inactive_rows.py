"""Inactive and disabled rows: left out unless a switch brings them, or always shown."""

from __future__ import annotations

from halo_async.measurements import SWITCHES
from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import Listing, ProbeRequests

_SIZE = 50


class InactiveRows(Question):
    """Look for inactive rows without the switch, then compare the number of rows with it."""

    name = "inactive_rows"
    subjects = tuple(SWITCHES)
    usual = "left out"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        resource, switch, field = SWITCHES[subject]
        usual = await _read_first_rows(requests, resource, field)
        own = int(field == "isapiagent")  # a list may show the agent that this client logs in as
        if list(usual.column(field)).count(True) > own:
            return "shown"
        every = await _read_first_rows(requests, resource, field, (switch, "true"))
        if _count_rows(every) <= _count_rows(usual) or True not in every.column(field):
            raise NotMeasurable("no inactive rows seen")
        return "left out"


async def _read_first_rows(
    requests: ProbeRequests, subject: str, field: str, *query: tuple[str, str]
) -> Listing:
    """Return the first rows, the inactive ones first where the list can be sorted."""
    operation = requests.operation(subject)
    if "order" in operation.argument_names:
        query = (*query, ("order", field), ("orderdesc", "true"))
    if not operation.paged:
        return await requests.list(subject, query)
    return await requests.page(subject, _SIZE, query=query)


def _count_rows(page: Listing) -> int:
    return len(page.rows) if page.total is None else page.total
