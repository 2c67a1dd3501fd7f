"""Forms of `since`: a moment, or a span of time before now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from halo_async._utils.dates import format_date
from halo_async.errors import SettingsError

LAST = "last"
Since = str | date | timedelta
"""`last`, a moment, or a span."""
AHEAD = 86_400.0
"""Seconds that a time may lie in the future: in some time zone it is tomorrow already."""
_FORMS = "Write 7d, 12h, 30m, 2w, P7D, 2026-01-31, 2026-01-31T08:00:00Z or last."
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_SPAN = re.compile(r"(\d+)([wdhm])", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.ASCII | re.IGNORECASE,
)


def span_of(since: object) -> str | None:
    """Return a span as it is stored, the same for `7d`, `P7D` and `timedelta(days=7)`; None if it is not a span.

    :raises SettingsError: it is longer than time, or not longer than 0 s.
    """
    try:
        span = since if isinstance(since, timedelta) else _parse_duration(since)
    except OverflowError:
        raise _too_long(since) from None
    if span is None:
        return None
    seconds = span // timedelta(seconds=1)
    if seconds <= 0:
        raise SettingsError(f"since={_format_since(since)} must be longer than 0 s. {_FORMS}")
    return f"PT{seconds}S"


def moment_of(since: Since | None) -> str | None:
    """Return the moment in ISO 8601 and UTC, `last`, or None for everything.

    :raises SettingsError: it is neither, or lies in the future.
    """
    if since is None or since == LAST:
        return since  # type: ignore[return-value]
    span = span_of(since)
    try:
        moment = _dated(since) if span is None else datetime.now(UTC) - timedelta(seconds=int(span[2:-1]))
    except OverflowError:
        raise _too_long(since) from None
    if _timestamp(moment) > datetime.now(UTC).timestamp() + AHEAD:
        raise SettingsError(
            f"since={since} is in the future, and nothing can have changed after it. Give an earlier time."
        )
    return format_date(moment, timespec="seconds")


def earlier(stamp: str, seconds: float) -> str:
    """Return a timestamp moved back by so many seconds."""
    moment = datetime.fromisoformat(stamp)
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        moved = aware.astimezone(UTC) - timedelta(seconds=seconds)
    except OverflowError:  # Halo's "never" has no moment before it
        moved = datetime.min.replace(tzinfo=UTC)
    return format_date(moved, timespec="seconds")


def _parse_duration(since: object) -> timedelta | None:
    text = since.strip() if isinstance(since, str) else ""
    if found := _SPAN.fullmatch(text):
        return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    return timedelta(**{unit: int(count) for unit, count in found.groupdict().items() if count})


def _dated(since: Since) -> datetime:
    try:
        return datetime.fromisoformat(since if isinstance(since, str) else since.isoformat())  # type: ignore[union-attr]
    except (AttributeError, TypeError, ValueError):
        raise SettingsError(
            f"since={_format_since(since)} is neither a point in time nor a span. {_FORMS}"
        ) from None


def _timestamp(moment: datetime) -> float:
    """Return the timestamp; without a zone it is UTC, as everywhere in Halo."""
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp()


def _too_long(since: object) -> SettingsError:
    return SettingsError(f"since={_format_since(since)} begins before the year 1. Give a shorter span.")


def _format_since(since: object) -> str:
    return str(since) if isinstance(since, timedelta) else repr(since)
