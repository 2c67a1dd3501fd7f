"""Lines of the final table: a target, what was measured, and whether it is met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from attrs import evolve, frozen

from benchmarks.core.figures import Figure

Bound = Literal["at most", "at least"]
Verdict = Literal["met", "missed", "unclear", "not measured"]


@frozen
class Line:
    """One target."""

    name: str
    bound: Bound
    target: float
    measured: Figure
    because: str = ""
    """Where the time goes, measured, in a line that misses its target."""

    @property
    def verdict(self) -> Verdict:
        """`unclear`: measured, but the spread is too wide for a number."""
        value = self.measured.median
        if value is None:
            return "unclear" if self.measured.runs > 1 else "not measured"
        return (
            "met" if (value <= self.target if self.bound == "at most" else value >= self.target) else "missed"
        )

    @property
    def target_text(self) -> str:
        """For a table."""
        return f"{self.bound} {self.target:g}{self.measured.suffix}"

    def as_json(self) -> dict[str, Any]:
        """Plain values, as results.json holds them."""
        return {
            "name": self.name,
            "bound": self.bound,
            "target": self.target,
            "measured": self.measured.as_json(),
            "verdict": self.verdict,
            "because": self.because,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Line:
        """Back from `as_json`."""
        kept = {name: values[name] for name in ("name", "bound", "target", "because")}
        return cls(**kept, measured=Figure.from_json(values["measured"]))


def judged(line: Line, explain: Callable[[], str]) -> Line:
    """The line, with a profile where it is missed; nothing is profiled where it is met."""
    return evolve(line, because=explain()) if line.verdict == "missed" else line
