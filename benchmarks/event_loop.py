"""The longest stretch in which the event loop does nothing else, while pages of 5,000 rows x 150 fields are read."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="loop"))

from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child
from benchmarks.core.explain import explained
from benchmarks.core.figures import missing, of_runs
from benchmarks.core.instance import served
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import interleaved
from benchmarks.page_server import WIDE_PAGE

CASES = {"row by row": (0, False), "page by page": (0, True), "page by page, .prefetch(4)": (4, True)}
"""Pages ahead, and whether whole pages are taken."""
PAGES = 6
MAX_STRETCH = 25.0
"""Milliseconds."""

METHOD = """On-premises servers allow pages of 5,000 rows; here each row has 150 fields, and a page 26 MB, 4 MB
with gzip. A heartbeat asks the event loop for its turn every millisecond while a walk reads six such pages, each
kind of walk in a warm process of its own. The figure is the longest time from one beat to the next, by the wall,
so that another busy process on the same processor counts for it. An export asks for pages of 100 rows whatever the
instance allows."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    pages = bench.pick(PAGES, 3)
    with served(pages * WIDE_PAGE, wide=True) as instance, ExitStack() as stack:
        tasks: dict[str, dict[str, Any]] = {
            name: {"url": instance.url, "rows": pages * WIDE_PAGE, "ahead": ahead, "by_page": by_page}
            for name, (ahead, by_page) in CASES.items()
        }
        children = {name: stack.enter_context(Child("beating:ready", task)) for name, task in tasks.items()}
        turns = interleaved({name: child.run for name, child in children.items()}, bench.pick(7, 3))
        rows, lines = {}, []
        for name in CASES:
            values = turns.of(name, "value")
            figure = of_runs(values, "ms", floor=5) if values else missing(turns.failed[name])
            rows[name] = (figure, of_runs(turns.of(name, "peak"), "MB", floor=20) if values else figure)
            line = Line(f"longest stretch on the event loop, {name}", "at most", MAX_STRETCH, figure)
            lines.append(judged(line, partial(explained, children[name], names=("the client", ""))))
    columns = ("longest stretch", "peak memory")
    return Subject("Event loop", METHOD, [Table(f"{pages} pages of 5,000 rows", columns, rows)], lines)
