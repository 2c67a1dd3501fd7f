"""A figure: the median of several runs with its spread, or the reason why there is none."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

WIDEST = 0.10
"""Largest spread, as a part of the median, with which a number is given."""


@attrs.frozen
class Figure:
    """A measurement of one thing."""

    median: float | None
    """The median; None if there is no number: `said` contains the reason."""
    low: float = 0.0
    """First quartile of the runs."""
    high: float = 0.0
    """Third quartile of the runs."""
    unit: str = ""
    runs: int = 1
    exact: bool = False
    """True if counted, not timed: another run returns the same number."""
    said: str = ""

    @property
    def spread(self) -> float | None:
        """Distance from the first to the third quartile, as a part of the median; None if it is unknown."""
        if self.median is None or self.exact or self.runs < 2:
            return None
        return (self.high - self.low) / abs(self.median) if self.median else 0.0

    @property
    def text(self) -> str:
        """The number and its unit, or the reason why there is none, for a table."""
        return self.said if self.median is None else f"{number(self.median)}{self.suffix}"

    @property
    def spread_text(self) -> str:
        """The spread, for a table."""
        if self.median is None:
            return f"{number(self.low)} to {number(self.high)}{self.suffix}" if self.runs > 1 else ""
        if self.exact:
            return "exact"
        return "one run" if self.spread is None else f"{self.spread:.1%}"

    @property
    def suffix(self) -> str:
        """The unit as it follows a number."""
        return f" {self.unit}" if self.unit else ""

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as results.json stores them; fields at their defaults are left out."""
        whole = attrs.asdict(self)
        return {name: value for name, value in whole.items() if name == "median" or value != _DEFAULTS[name]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Figure:
        """Return the report from the values of `as_json`."""
        return cls(**values)


_DEFAULTS = attrs.asdict(Figure(None))


def of_runs(values: Iterable[float], unit: str = "", *, floor: float = 0.0) -> Figure:
    """Return the figure of several runs of the same thing.

    A distance between the quartiles of at most `floor`, in the figure's own unit, is never too wide: a
    value close to zero may well double.
    """
    runs = sorted(values)
    if not runs:
        return missing("not measured: no run ended")
    median = statistics.median(runs)
    low, high = _quartiles(runs)
    wide = len(runs) > 1 and high - low > max(floor, WIDEST * abs(median))
    said = f"spread too wide ({(high - low) / abs(median) if median else 1:.0%})" if wide else ""
    return Figure(None if wide else median, low, high, unit, len(runs), said=said)


def exactly(value: float, unit: str = "") -> Figure:
    """Return a figure that was counted."""
    return Figure(value, value, value, unit, exact=True)


def missing(why: str) -> Figure:
    """Return a missing figure with its reason."""
    return Figure(None, said=why)


def ratios(over: Sequence[float], under: Sequence[float], unit: str = "") -> Figure:
    """Return the ratio of `over` to `under`, turn by turn.

    Comparing within a turn keeps the influence of slow phases of the machine, which affect both, small.
    """
    return of_runs((a / b for a, b in zip(over, under, strict=True)), unit)


def differences(own: Sequence[float], other: Sequence[float], unit: str, *, floor: float) -> Figure:
    """Return the difference between each turn of `own` and the same turn of `other`."""
    return of_runs((a - b for a, b in zip(own, other, strict=True)), unit, floor=floor)


def number(value: float) -> str:
    """Format a number with three significant digits and thousands separators."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:#.3g}".rstrip(".")


def _quartiles(runs: Sequence[float]) -> tuple[float, float]:
    if len(runs) < 2:
        return runs[0], runs[0]
    first, _, third = statistics.quantiles(runs, n=4, method="inclusive")
    return first, third
