"""Zone of the dates in rows: a row that is written while the probe runs, beside the instance's clock.

The newest date alone does not tell: five hours behind UTC is a zone, or a quiet evening.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from halo_async._utils.dates import parse_date
from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import Listing, ProbeRequests

_FIELDS = ("last_update", "lastactiondate")
_STEP = timedelta(minutes=15)
_TOLERANCE = timedelta(minutes=2)
_NEWEST = (("order", "last_update"), ("orderdesc", "true"))


class DateZone(Question):
    """Request the tickets with the latest changes at the beginning and at the end."""

    name = "date_zone"
    usual = 0
    """Minutes from UTC."""

    def __init__(self) -> None:
        self._before: Listing | None = None

    async def prepare(self, requests: ProbeRequests) -> None:
        """Look at the rows before all other questions, and keep a request for the second look."""
        self._before = await requests.page("tickets", 50, query=_NEWEST)
        requests.keep(1)

    async def measure(self, requests: ProbeRequests, subject: str) -> int | str:
        """See `Question`."""
        if self._before is None:
            raise NotMeasurable("no tickets")
        requests.keep(-1)
        after = await requests.page("tickets", 50, query=_NEWEST)
        if self._before.received is None or after.received is None:
            raise NotMeasurable("responses have no date")
        old, new = set(_stamps(self._before)), set(_stamps(after))
        latest = max(old, default=datetime.min.replace(tzinfo=UTC))
        written = [moment for moment in new - old if moment > latest]
        if written:
            return _offset(written, self._before.received, after.received)
        if new and max(new) > after.received + _TOLERANCE:
            return "ahead"
        raise NotMeasurable("no ticket was changed during the probe")


def _stamps(page: Listing) -> Iterable[datetime]:
    for field in _FIELDS:
        for text in page.column(field):
            moment = _parse_moment(text)
            if moment is not None:
                yield moment


def _parse_moment(text: object) -> datetime | None:
    try:
        found = parse_date(text) if isinstance(text, str) else None
    except (ValueError, TypeError):
        return None
    return None if found is None else found.replace(tzinfo=UTC)


def _offset(written: list[datetime], began: datetime, ended: datetime) -> int:
    """Return the multiple of 15 minutes by which all of the dates fit between two readings of the clock."""
    steps = {round((moment - ended) / _STEP) for moment in written}
    for step in steps:
        if all(began - _TOLERANCE <= moment - step * _STEP <= ended + _TOLERANCE for moment in written):
            return int(step * _STEP / timedelta(minutes=1))
    raise NotMeasurable("dates of changed tickets fit no zone")
