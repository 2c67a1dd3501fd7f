"""Reasons why a line misses its target: the CPU time of both sides by place, sampled in one more run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter

from benchmarks.core.children import Child, NotMeasured

SHOWN = 8
LEAST_CPU = 1.0
"""Minimum seconds of CPU time to sample: a sample is taken every few milliseconds."""
MOST_RUNS = 400


def explained(
    own: Child, other: Child | None = None, *, names: tuple[str, str] = ("halo_async", "the other")
) -> str:
    """Return a sentence with the places where time is spent."""
    try:
        text = f"{names[0]} spends {_shown(*_sampled(own))}"
        return text if other is None else f"{text}; {names[1]} {_shown(*_sampled(other))}"
    except NotMeasured as why:
        return f"no profile: {why}"


def _sampled(child: Child) -> tuple[float, Mapping[str, float]]:
    """Return the CPU seconds of one run and their shares by place."""
    spent, runs = 0.0, 0
    seen: dict[str, float] = defaultdict(float)
    while spent < LEAST_CPU and runs < MOST_RUNS:
        taken = child.run(sampled=True)
        spent, runs = spent + taken.cpu, runs + 1
        for place, share in (taken.shares or {}).items():
            seen[place] += share * taken.cpu
    return spent / runs, {place: seconds / spent for place, seconds in _most_first(seen)}


def _most_first(seen: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(seen.items(), key=itemgetter(1), reverse=True)


def _shown(seconds: float, shares: Mapping[str, float]) -> str:
    first = list(shares.items())[:SHOWN]
    places = ", ".join(f"{place} {share:.0%}" for place, share in first)
    return f"{1000 * seconds:.1f} ms of CPU a run: {places}, the rest {1 - sum(s for _, s in first):.0%}"
