"""The moments that a filter's range begins and ends with."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from halo_async._utils.dates import format_date
from halo_async.records.mismatch import Misfit
from halo_async.records.scalar_checks import A_MOMENT, check_moment

_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LAST = time(23, 59, 59, 999000)
"""The last moment of a day: of Halo's own times, which have milliseconds, none is later."""


def check_start(value: Any) -> Any:
    """A moment; a date without a time, also as a text, is its first moment."""
    return _as_sent(_day(value))


def check_end(value: Any) -> Any:
    """A moment; a date without a time, also as a text, is the whole of that day (in UTC)."""
    day = _day(value)
    if isinstance(day, date) and not isinstance(day, datetime):
        return format_date(datetime.combine(day, _LAST), timespec="milliseconds")
    if isinstance(day, datetime) and day.microsecond:
        return format_date(day)  # cut to seconds, rows of the last second would be left out
    return _as_sent(day)


def _day(value: Any) -> Any:
    checked = check_moment(value)
    if checked == "":
        raise Misfit(A_MOMENT, checked, "Leave it out to list without it.")
    if isinstance(checked, str) and _A_DAY.fullmatch(checked):
        return date.fromisoformat(checked)
    return checked


def _as_sent(value: Any) -> Any:
    return format_date(value, timespec="seconds") if isinstance(value, date) else value
