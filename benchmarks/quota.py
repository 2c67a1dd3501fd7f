"""Use of the quota by a large read: time over the least possible, and requests refused."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="quota"))

from typing import Any

from benchmarks.core.bench import Bench
from benchmarks.core.children import NotMeasured, once
from benchmarks.core.figures import Figure, exactly, missing
from benchmarks.core.lines import Line
from benchmarks.core.results import Subject, Table

WINDOW, CALLS, PAGE = 300, 300, 100
WAYS = {"page walk": "walk", "export": "export"}
MAX_TIME, MAX_REQUESTS = 1.03, 1.02
COLUMNS = ("time", "least time", "over the least", "requests", "of the least", "429s")

METHOD = """The emulator refuses more than 300 requests in any 300 s; client and emulator share a virtual clock, so
hours of waiting take seconds (this one server is in the client's process). Rows come in pages of 100. The least
possible time: one call finds the login, then rows / 100 pages follow, 300 calls at once at the start of every 300 s.
Time is from the login to the last row, on the virtual clock."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    works = bench.pick((3000, 30_000, 300_000), (300, 3000, 30_000))
    rows: dict[str, tuple[Figure, ...]] = {}
    for work in works:
        for name, way in WAYS.items():
            bench.say(f"{name} of {work:,} rows")
            rows[f"{name} of {work:,} rows"] = _figures(way, work)
    lines = [line for name in WAYS for line in _lines(name, rows[f"{name} of 30,000 rows"])]
    return Subject("Quota", METHOD, [Table("300 requests in any 300 s", COLUMNS, rows)], lines)


def least_seconds(rows: int) -> int:
    """Return the fewest seconds in which the window allows one call and all pages."""
    calls = 1 + -(-rows // PAGE)
    return WINDOW * ((calls - 1) // CALLS)


def _figures(way: str, rows: int) -> tuple[Figure, ...]:
    try:
        found: dict[str, Any] = once("quotas:ready", {"way": way, "rows": rows}).value
    except NotMeasured as why:
        return (missing(str(why)),) * len(COLUMNS)
    least, fewest = least_seconds(rows), -(-rows // PAGE)
    over = exactly(found["seconds"] / least) if least else missing("nothing to wait for")
    return (
        exactly(found["seconds"], "s"),
        exactly(least, "s"),
        over,
        exactly(found["requests"]),
        exactly(found["requests"] / fewest),
        exactly(found["refused"]),
    )


def _lines(name: str, figures: tuple[Figure, ...]) -> list[Line]:
    _, _, time, _, requests, refused = figures
    return [
        Line(f"quota, {name} of 30,000 rows: time over the least", "at most", MAX_TIME, time),
        Line(f"quota, {name} of 30,000 rows: requests over the least", "at most", MAX_REQUESTS, requests),
        Line(f"quota, {name} of 30,000 rows: 429s", "at most", 0, refused),
    ]
