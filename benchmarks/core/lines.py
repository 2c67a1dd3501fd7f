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
        """Where the spread is too wide for a number, both quartiles decide; `unclear` where they differ."""
        figure = self.measured
        if figure.median is not None:
            return self._judge(figure.median)
        if figure.runs < 2:
            return "not measured"
        ends: set[Verdict] = {self._judge(figure.low), self._judge(figure.high)}
        return ends.pop() if len(ends) == 1 else "unclear"

    def _judge(self, value: float) -> Verdict:
        is_met = value <= self.target if self.bound == "at most" else value >= self.target
        return "met" if is_met else "missed"

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
        """Return the report from the values of `as_json`."""
        kept = {name: values[name] for name in ("name", "bound", "target", "because")}
        return cls(**kept, measured=Figure.from_json(values["measured"]))


def judged(line: Line, explain: Callable[[], str]) -> Line:
    """The line, with a profile where it is missed; nothing is profiled where it is met."""
    return evolve(line, because=explain()) if line.verdict == "missed" else line
