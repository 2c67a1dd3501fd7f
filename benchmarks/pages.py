"""Time, memory and requests of reading ahead: `.prefetch(n)` next to one page at a time."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="pages"))

from contextlib import ExitStack
from typing import Any

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, NotMeasured, once
from benchmarks.core.explain import explained
from benchmarks.core.figures import Figure, exactly, missing, of_runs, ratios
from benchmarks.core.instance import Served, served
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import Turns, interleaved
from benchmarks.tasks.paging import PAGE

ALONE, TARGETED = "one page at a time", ".prefetch(4)"
AHEAD = {ALONE: 0, TARGETED: 4, ".prefetch(16)": 16}
LATE = 50
"""Milliseconds."""
FEW = 80
"""Pages of a walk at that latency."""
MAX_MEGABYTES = 60.0
MIN_SPEEDUP = 3.5

METHOD = f"""Walks over pages of 100 ticket rows with 80 fields, from a server in a process of its own. A walk opens a
session, logs in (two requests), reads every row in order, and closes. At {LATE} ms of latency each has a warm process
of its own, and they take turns over {FEW} pages; the login and the first page, which tells how many there are, cannot
be read ahead, and weigh less the more pages follow. Without latency each is the first walk of its process, and what it
held over the start is the most memory of the process less that when the walk began."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    speed, faster = _speed(bench)
    held = _held(bench)
    name = "memory of 100 times the walk over its start, .prefetch(4)"
    memory = Line(name, "at most", MAX_MEGABYTES, held.rows[TARGETED][0])
    return Subject("Pages", METHOD, [speed, held], [faster, memory])


def _task(url: str, pages: int, ahead: int) -> dict[str, Any]:
    return {"url": url, "pages": pages, "ahead": ahead}


def _speed(bench: Bench) -> tuple[Table, Line]:
    """Run all in turns, and judge the target: a profile of a missed one needs the same server."""
    bench.say(f"{FEW} pages, {LATE} ms of latency")
    with served(FEW * PAGE) as instance, ExitStack() as stack:
        children = {
            name: stack.enter_context(Child("paging:ready", _task(instance.url, FEW, AHEAD[name])))
            for name in AHEAD
        }
        runs = {name: child.run for name, child in children.items()}
        interleaved(runs, 0)
        instance.latency(LATE / 1000)
        turns = interleaved(runs, bench.pick(3, 2), warm=False)
        rows = {name: _figures(turns, name) for name in AHEAD}
        faster = rows[TARGETED][1]
        line = Line("50 ms of latency: .prefetch(4), times as fast", "at least", MIN_SPEEDUP, faster)
        told = judged(line, lambda: explained(children[TARGETED], names=("the client", "")))
    return Table(f"{FEW} pages, {LATE} ms of latency", ("rows/s", "times as fast"), rows), told


def _figures(turns: Turns, name: str) -> tuple[Figure, ...]:
    if name in turns.failed:
        return (missing(turns.failed[name]),) * 2
    alone, own = turns.of(ALONE, "wall"), turns.of(name, "wall")
    faster = ratios(alone, own) if alone else missing(turns.failed[ALONE])
    return of_runs([FEW * PAGE / seconds for seconds in own]), faster


def _held(bench: Bench) -> Table:
    """Measure memory and requests of a long walk."""
    pages = bench.pick(1000, 100)
    bench.say(f"{pages * PAGE:,} rows")
    with served(pages * PAGE) as instance:
        rows = {name: _walked(instance, pages, ahead) for name, ahead in AHEAD.items()}
    columns = ("held over the start", "requests", "of the least")
    return Table(f"{pages * PAGE:,} rows, no latency", columns, rows)


def _walked(instance: Served, pages: int, ahead: int) -> tuple[Figure, ...]:
    """Run a walk in a process of its own, so that the memory is this walk's."""
    instance.asked()
    try:
        taken = once("paging:ready", _task(instance.url, pages, ahead))
    except NotMeasured as why:
        return (missing(str(why)),) * 3
    asked = len(instance.asked())
    return exactly(taken.peak - taken.before, "MB"), exactly(asked), exactly(asked / pages)
