"""Cost of 1, 10 and 100 times the work: the exponent of work in cost, 1 for linear and 0 for flat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from benchmarks.core.figures import Figure, missing, of_runs
from benchmarks.core.lines import Line
from benchmarks.core.results import Table

LINEAR = 1.05
"""At 10 times the work, 10 times the cost plus 12 %."""
FLAT = 0.05
"""At 10 times the work, 12 % more."""
COLUMN = "exponent"
_NOISE = 0.05
"""Largest difference between exponents that still gives one number."""


def exponent(works: Sequence[float], runs: Sequence[Sequence[float]]) -> Figure:
    """Return the exponent of the last step, 10 to 100 times the work: fixed costs weigh little there."""
    before, after = runs[-2:]
    if not before or not after or min(*before, *after) <= 0:
        return missing("nothing to compare")
    step = math.log(works[-1] / works[-2])
    pairs = zip(before, after, strict=False)
    return of_runs([math.log(more / less) / step for less, more in pairs], floor=_NOISE)


def growth_row(works: Sequence[int], runs: Sequence[Sequence[float]], unit: str) -> tuple[Figure, ...]:
    """Return the cost at each amount of work, and the exponent; an amount without runs was not measured."""
    none = missing("not measured: it would take too long")
    return (*(of_runs(taken, unit) if taken else none for taken in runs), exponent(works, runs))


def growth_table(title: str, works: Sequence[int], rows: Mapping[str, tuple[Figure, ...]]) -> Table:
    """Return a table with one row per case, each from `growth_row`."""
    return Table(title, (*(f"{work:,}" for work in works), COLUMN), rows)


def linear(name: str, table: Table, case: str) -> Line:
    """Return the target of a cost that may grow linearly with the work."""
    return Line(f"growth of {name}: exponent", "at most", LINEAR, table.rows[case][-1])


def flat(name: str, table: Table, case: str) -> Line:
    """Return the target of a cost that may not grow with the work."""
    return Line(f"growth of {name}: exponent", "at most", FLAT, table.rows[case][-1])
