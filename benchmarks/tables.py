"""Tickets as one Arrow table: CPU time and memory of `pages.to_arrow()` next to the usual way."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="tables"))

from contextlib import ExitStack

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, NotMeasured, once
from benchmarks.core.explain import explained
from benchmarks.core.figures import Figure, exactly, missing, of_runs, ratios
from benchmarks.core.instance import served
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import interleaved
from benchmarks.tasks.tables import WAYS

OURS, BASE = "pages.to_arrow()", "orjson.loads, from_pylist"
MIN_SPEEDUP = 1.5

METHOD = """Tickets with 80 fields in pages of 100, from a server in a process of its own, into one `pyarrow.Table`.
Each way has a warm process of its own, with its imports done, and they take turns: the client logs in, reads every page
and makes the table; the script requests the pages with aiohttp, decodes them with `orjson.loads`, and calls
`pa.Table.from_pylist` on all rows. Its dates are texts, the client's are timestamps. CPU time of the whole process, the
requests included. Memory is the most that the first run of a process of its own held, with its imports."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    rows = bench.pick(100_000, 5000)
    bench.say(f"{rows:,} rows")
    with served(rows) as instance, ExitStack() as stack:
        task = {"url": instance.url, "rows": rows}
        children = {way: stack.enter_context(Child("tables:ready", {"way": way, **task})) for way in WAYS}
        turns = interleaved({way: child.run for way, child in children.items()}, bench.pick(5, 3))
        cells = {}
        for way in WAYS:
            taken = turns.of(way, "cpu")
            figures: tuple[Figure, ...] = (missing(turns.failed.get(way, "")),) * 2
            if taken:
                figures = of_runs(taken, "s"), ratios(*turns.pair(BASE, way, "cpu"))
            cells[way] = (*figures, _peak(way, instance.url, rows))
        faster = Line(
            f"{OURS}: times as fast as from_pylist, by CPU", "at least", MIN_SPEEDUP, cells[OURS][1]
        )
        told = judged(
            faster, lambda: explained(children[OURS], children[BASE], names=("the client", "the script"))
        )
    table = Table(f"{rows:,} rows", ("CPU", "times as fast", "peak memory"), cells)
    return Subject("Tables", METHOD, [table], [told])


def _peak(way: str, url: str, rows: int) -> Figure:
    try:
        return exactly(once("tables:ready", {"way": way, "url": url, "rows": rows}).peak, "MB")
    except NotMeasured as why:
        return missing(str(why))
