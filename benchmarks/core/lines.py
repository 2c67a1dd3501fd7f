"""Lines of the final table: a target, the measured figure, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from benchmarks.core.figures import Figure

Bound = Literal["at most", "at least"]
Verdict = Literal["met", "missed", "unclear", "not measured"]


@attrs.frozen
class Line:
    """One target."""

    name: str
    bound: Bound
    target: float
    measured: Figure
    because: str = ""
    """Profile of a line that misses its target."""

    @property
    def verdict(self) -> Verdict:
        """The verdict: with too wide a spread both quartiles decide; `unclear` if they differ."""
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
        """The spread, for a table."""
        return f"{self.bound} {self.target:g}{self.measured.suffix}"

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as results.json stores them."""
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
    """Return the line, with a profile if it misses its target; nothing is profiled if it is met."""
    return attrs.evolve(line, because=explain()) if line.verdict == "missed" else line
