"""Date texts as tables hold them: the library's own reading of them, in UTC, cut to microseconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from halo_async._utils.dates import is_never, parse_date


def moment_of(text: str) -> datetime | None:
    """Return the moment that a text names, in UTC; None for an empty text.

    :raises ValueError: it names none, or one before the year 1 in UTC.
    """
    moment = parse_date(text)
    if moment is not None and moment.tzinfo is not UTC:
        raise ValueError("The date is before the first one.")
    return moment


def is_date(text: str) -> bool:
    """Return whether a text names a moment, or is empty."""
    try:
        moment_of(text)
    except ValueError:
        return False
    return True


def all_dates(values: Iterable[Any]) -> bool:
    """Return whether all texts among some values name a moment, or are empty."""
    return all(is_date(value) for value in values if type(value) is str)


def date_text(text: Any, never_as_null: bool = False) -> str | None:
    """Return a date text as text tables have it: 2026-10-03T06:24:10.967000Z, so that texts sort as moments do.

    :raises ValueError: it names no moment.
    """
    moment = None if text is None else moment_of(text)
    if moment is None or (never_as_null and is_never(moment)):
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def quick_date_text(text: str | None, never_as_null: bool = False) -> str | None:
    """Return what `date_text` does of a text that is known to be a date or empty; of usual ones by their characters."""
    if text is None:
        return None
    if text[10:11] == "T" and text[4:5] == "-" and not (never_as_null and text[:10] in NEVER):
        size = len(text)
        if size == _SECONDS and text[13] == ":":
            return f"{text}.000000Z"
        if _SECONDS < size < _SECONDS + 9 and text[_SECONDS] == "." and text[_SECONDS + 1 :].isdigit():
            return f"{text[:_SECONDS]}.{text[_SECONDS + 1 :]:0<6.6}Z"
    return date_text(text, never_as_null)


_SECONDS = len("2026-10-03T06:24:10")
NEVER = frozenset({"0001-01-01", "1899-12-30", "1900-01-01", "9999-12-31"})
"""Dates of the moments that mean "never"."""
