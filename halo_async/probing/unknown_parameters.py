"""Effect of a query parameter that no document has."""

from __future__ import annotations

from halo_async.errors import BadRequestError
from halo_async.probing.question import Question
from halo_async.probing.requests import ProbeRequests

_LIST = "tickets"
_UNKNOWN = ("not_a_parameter", "1")


class UnknownParameters(Question):
    """Count a list with and without such a parameter."""

    name = "unknown_parameters"
    usual = "ignored"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        usual = await requests.count(_LIST, ())
        try:
            count = await requests.count(_LIST, (_UNKNOWN,))
        except BadRequestError:
            return "refused"
        return "ignored" if abs(count - usual) <= 2 + usual // 50 else "applied"
