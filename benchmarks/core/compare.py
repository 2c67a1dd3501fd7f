"""Comparison of two results side by side, with their spread taken into account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.core.figures import Figure, number
from benchmarks.core.results import Results
from benchmarks.core.shown import terminal

COLUMNS = ("figure", "before", "now", "change")
SAME = "within the spread"


def figures(results: Results) -> Iterator[tuple[str, Figure]]:
    """Yield every figure with a name that other results have too: first of the lines, then of the tables.

    A line has a name of its own and keeps it when it moves to another subject.
    """
    for name, subject in results.subjects.items():
        for line in subject.lines:
            yield line.name, line.measured
        for table in subject.tables:
            for case, row in table.rows.items():
                for column, figure in zip(_told_apart(table.columns), row, strict=True):
                    yield f"{name}: {table.title}: {case}: {column}", figure


def _told_apart(columns: Sequence[str]) -> list[str]:
    """Make column names unique: a duplicate is named after the preceding column, to which it belongs."""
    return [
        column if columns.count(column) == 1 else f"{before}, {column}"
        for before, column in zip(("", *columns), columns, strict=False)
    ]


def change(before: Figure, now: Figure) -> str:
    """Describe a change in words: it counts if the quartiles of the two do not overlap."""
    if before.median is None or now.median is None:
        return "no number to compare"
    if before.unit != now.unit:
        return "another unit"
    if before.median == now.median:
        return "same"
    if not (before.exact and now.exact):
        if 1 in (before.runs, now.runs) and not (before.exact or now.exact):
            return f"{_part(before.median, now.median)}, but one run tells no spread"
        if before.low <= now.high and now.low <= before.high:
            return SAME
    return _part(before.median, now.median)


def _part(before: float, now: float) -> str:
    return f"{(now - before) / abs(before):+.1%}" if before else f"from 0 to {number(now)}"


def comparison(old: Results, new: Results) -> str:
    """Return a table of the common figures and their changes, and of other differences between the runs."""
    before = dict(figures(old))
    rows, same = [], 0
    for name, now in figures(new):
        if name not in before:
            continue
        said = change(before[name], now)
        if said in (SAME, "same", "no number to compare"):
            same += 1
        else:
            rows.append((name, before[name].text, now.text, said))
    heard = [*_elsewhere(old, new), f"{same} figures are the same, within the spread, or have no number."]
    table = [terminal(COLUMNS, rows)] if rows else ["nothing changed by more than the spread"]
    return "\n".join([f"since {old.made} ({old.machine['commit']}):", *table, *heard])


def _elsewhere(old: Results, new: Results) -> Iterator[str]:
    """Yield what differs between the runs: only ratios can be compared across machines and versions."""
    for name in ("processor", "cores"):
        if old.machine.get(name) != new.machine.get(name):
            was, now = old.machine.get(name), new.machine.get(name)
            yield f"Another machine ({name}: {was}, now {now}): look at ratios only."
    for name, version in new.versions.items():
        if old.versions.get(name) != version:
            yield f"{name} was {old.versions.get(name)}, now {version}."
