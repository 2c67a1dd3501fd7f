"""Durations that users give."""

from __future__ import annotations

from typing import Any

from halo_async.errors import SettingsError


def seconds_above_0(name: str, value: Any) -> float:
    """:raises SettingsError: it is no number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise SettingsError(f"{name} must be a number of seconds above 0, not {value!r}")
    return float(value)
