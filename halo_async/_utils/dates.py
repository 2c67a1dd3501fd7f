"""Halo's dates: no time zone, 0 to 7 fraction digits, UTC (wire-facts of live instances)."""

from __future__ import annotations

from datetime import UTC, date, datetime


def parse_date(text: str) -> datetime | None:
    """The moment that a JSON text names, aware and in UTC; None for an empty text.

    A text without a zone is UTC. Digits beyond microseconds are cut; what stands for "never" (see `is_never`) is
    read as it stands.

    :raises ValueError: the string is not an ISO 8601 date.
    :raises TypeError: the value is not a string.
    """
    if text == "":
        return None
    try:
        return datetime.fromisoformat(text + "Z")  # five times as fast as setting the time zone afterwards
    except ValueError:
        return _dated_otherwise(text)


_MOMENTS: dict[str, datetime | None] = {}
_MOST_MOMENTS = 1_024
known_moment = _MOMENTS.get
"""Returns what `moment_of` lately returned for a text; None for others, and for an empty one."""


def moment_of(text: str) -> datetime | None:
    """As `parse_date` does it, but a text that was parsed lately is not parsed again.

    Rows share dates ("never", the day of a deadline), and user code reads one twice. Kept by text, so that records
    which are not read hold nothing.

    :raises ValueError: the string is not an ISO 8601 date.
    """
    moment = known_moment(text)
    if moment is None:
        moment = parse_date(text)
        if len(_MOMENTS) >= _MOST_MOMENTS:
            _MOMENTS.clear()
        _MOMENTS[text] = moment
    return moment


def _dated_otherwise(text: str) -> datetime:
    """Parse a string with a time zone, or without a time."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the year 1 with an eastern offset lies before the first datetime
        return moment


_NEVER = frozenset({date(1, 1, 1), date(1899, 12, 30), date(1900, 1, 1), date(9999, 12, 31)})
"""Dates that mean "no date": .NET's least and greatest, the zero of OLE, the zero of SQL Server."""


def is_never(moment: date | str | None) -> bool:
    """Return whether a moment stands for "never", "none" or "for ever", as Halo's empty dates do.

    That is None, an empty text, and every moment of 0001-01-01, 1899-12-30, 1900-01-01 and 9999-12-31 in UTC.
    Ask before `.astimezone()` or arithmetic, which can overflow on the first and the last day that Python knows.

    :param moment: a date, a datetime, an ISO 8601 string, or None.
    :raises TypeError: it is neither a date nor a text nor None.
    :raises ValueError: the string is not an ISO 8601 date.
    """
    if isinstance(moment, str):
        text = moment
        try:
            moment = parse_date(text)
        except ValueError:
            raise ValueError(
                f"is_never() takes a date in ISO 8601, such as '2026-05-31', not {text[:40]!r}."
            ) from None
    if moment is None:
        return True
    if not isinstance(moment, date):
        raise TypeError(f"is_never() takes a date, a string or None, not {type(moment).__name__}.")
    if isinstance(moment, datetime):
        moment = (moment if moment.tzinfo is None else _in_utc(moment)).date()
    return moment in _NEVER


def format_date(moment: date, *, timespec: str = "auto") -> str:
    """Format as `yyyy-MM-ddTHH:mm:ssZ` in UTC, as Halo reads dates; a naive datetime is taken as UTC.

    `timespec` is that of `datetime.isoformat`; "auto" adds microseconds if there are any.
    """
    if not isinstance(moment, datetime):
        return f"{moment.isoformat()}T00:00:00Z"
    if moment.tzinfo is not None:
        moment = _in_utc(moment)
        if moment.tzinfo is not UTC:
            return moment.isoformat(timespec=timespec)
    return moment.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"
