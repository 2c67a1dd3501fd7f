"""Checks of single values before they are sent: each gives the value to send back, or raises `Misfit`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from operator import index
from typing import Any
from uuid import UUID

from halo_async._utils.dates import parse_date
from halo_async.records.mismatch import Misfit, truth_mend, whole_mend

A_MOMENT = "a datetime, a date or a string in ISO 8601"


def check_int(value: Any) -> Any:
    """An int, an enum of one, or what counts as an index (numpy's integers); no bool, float or text."""
    if type(value) is int:
        return value
    if isinstance(value, Enum):
        check_int(value.value)
        return value
    if not isinstance(value, bool | str | float | Decimal):
        try:
            return index(value)
        except TypeError:
            pass
    raise Misfit("an int", value, whole_mend(value))


def check_float(value: Any) -> Any:
    """Any number; no bool or text."""
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, Enum):
        check_float(value.value)
        return value
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, bool | str | bytes):
        if hasattr(type(value), "__index__"):
            return index(value)
        from numbers import Real

        if isinstance(value, Real):
            return float(value)
    raise Misfit("a number", value, _number_mend(value))


def _number_mend(value: Any) -> str:
    try:
        return f"Give {float(value):g}." if isinstance(value, str) else "Give a float or an int."
    except ValueError:
        return "Give a float or an int."


def check_bool(value: Any) -> Any:
    """A bool: Halo ignores `1` and `yes`, so that they would filter nothing."""
    if value is True or value is False:
        return value
    raise Misfit("a bool", value, truth_mend(value))


def check_str(value: Any) -> Any:
    """A text, an enum of one, or what has one form as text: a UUID, a date."""
    if isinstance(value, str | UUID | date):
        return value
    if isinstance(value, Enum):
        check_str(value.value)
        return value
    plain = isinstance(value, bool | int | float | Decimal)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    raise Misfit("a str", value, f"Give {text[:40]!r}." if plain else "Give a string.")


def check_moment(value: Any) -> Any:
    """A date, a datetime, or a text that reads as one; an empty text is Halo's "none"."""
    if isinstance(value, date):
        return value
    if isinstance(value, Enum):
        check_moment(value.value)
        return value
    if isinstance(value, str):
        try:
            parse_date(value)
        except ValueError:
            pass
        else:
            return value
    raise Misfit(A_MOMENT, value, "Give one such as '2026-05-31' or datetime(2026, 5, 31, 9, 30).")
