"""Export of whole lists to files: rows per second, memory, requests, and the cost of a kill."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="export"))

import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import attrs

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, NotMeasured, Taken, once
from benchmarks.core.explain import explained
from benchmarks.core.figures import Figure, exactly, missing, of_runs, ratios
from benchmarks.core.growth import flat, growth_row, growth_table, linear
from benchmarks.core.instance import Served, served
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import Turns, at_two_paces, interleaved
from benchmarks.tasks.exports import PAGE, TOOLS

JSONL, PARQUET, BARE, DLT = "halo_async, JSONL", "halo_async, Parquet", "bare script, JSONL", "dlt, JSONL"
DUCKDB = "halo_async, DuckDB"
PACKED, PLAIN = "gzip", "plain"
MIN_PACKED, MIN_PLAIN = 1.6, 1.35
MIN_PARQUET = {"wall": 0.85, "cpu": 0.6}
MAX_DUCKDB = 4 / 3
MAX_PARQUET_MEGABYTES = 220
MAX_GROWTH = 0.02
MAX_REQUESTS = 1.02
WIDE = "halo_async, JSONL, 8 at once"
COLUMNS = (
    "rows/s",
    "of the bare script's",
    "CPU s",
    "of the bare script's",
    "peak memory",
    "requests",
    "of the least",
)

METHOD = """Tickets with 80 fields in pages of 100, without a limit, from a server in a process of its own to
files on this machine. Pages are sent with gzip unless a table is called plain. Each export is a process of
its own, imports included; it uses one request at a time (`concurrency=1`), as the bare aiohttp + orjson
script does, unless it says otherwise. The bare script writes one line per row, without a journal, check or
fsync; its JSONL is the measure for Parquet too. The least is such a script with the libraries of the client:
zlib-ng, and msgspec, which finds rows and ids and passes everything else by; it knows no types of columns.
Rows per second by the wall, from the first import to the finished file; growth in CPU time, since the largest
work is done once, and DuckDB beside Parquet, too.
Requests are those that the server counted; the least is rows / 100. dlt reads with its REST source and
writes with its filesystem destination; 1,000,000 rows with it would take the time of all other benchmarks
together."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    works = bench.pick((10_000, 100_000, 1_000_000), (1000, 10_000, 30_000))
    main = works[1]
    asked: dict[str, int] = {}
    with served(main) as instance:
        packed = _exports(bench, instance, main, works[-1], asked)
    tables = [_table(packed, main, asked, PACKED)]
    by_work: dict[int, Turns] = {}
    for work in works:
        with served(work, plain=True) as instance:
            by_work[work] = _exports(bench, instance, work, works[-1], asked, without=(DLT,))
    tables += [_table(by_work[work], work, asked, PLAIN) for work in works[1:]]
    tables += [_growth(works, by_work, what) for what in ("cpu", "peak")]
    lines = [_line(bench, packed, JSONL, main, PACKED, what, MIN_PACKED) for what in ("wall", "cpu")]
    lines += [_line(bench, by_work[work], JSONL, work, PLAIN, "cpu", MIN_PLAIN) for work in works[1:]]
    lines += [_line(bench, packed, PARQUET, main, PACKED, what, least) for what, least in MIN_PARQUET.items()]
    lines.append(judged(_slower(packed, main), partial(_time, bench, DUCKDB, main, PACKED)))
    held = of_runs(by_work[works[-1]].of(PARQUET, "peak"), "MB", floor=10)
    most = Line(f"export of {works[-1]:,} rows, Parquet: peak memory", "at most", MAX_PARQUET_MEGABYTES, held)
    lines.append(judged(most, partial(_memory, bench, PARQUET, works[:2])))
    lines.append(Line("export: requests over the least", "at most", MAX_REQUESTS, tables[0].rows[JSONL][-1]))
    killed = _killed(bench, main)
    again = killed.rows[JSONL][0]
    lines.append(Line("export killed midway: pages asked for again", "at most", 1, again))
    time_lines = {
        JSONL: _beyond_bare(tables[-2]),
        PARQUET: linear("an export's time in rows, Parquet", tables[-2], PARQUET),
    }
    for tool, time_line in time_lines.items():
        memory_line = flat(f"an export's memory in rows, {tool.partition(', ')[2]}", tables[-1], tool)
        lines.append(judged(time_line, partial(_time, bench, tool, main, PLAIN)))
        lines.append(judged(memory_line, partial(_memory, bench, tool, works[:2])))
    return Subject("Export", METHOD, [*tables, killed], lines)


def _exports(
    bench: Bench,
    instance: Served,
    rows: int,
    most: int,
    asked: dict[str, int],
    *,
    without: tuple[str, ...] = (),
) -> Turns:
    """Run the quick tools in several turns, tables in fewer, dlt once; at the most work JSONL in fewer, too."""
    bench.say(f"{rows:,} rows")
    largest = rows == most
    left = (*without, *((DLT, WIDE, DUCKDB) if largest else (DLT,) if bench.quick else ()))
    tools = [tool for tool in TOOLS if tool not in left]

    def run(tool: str) -> Callable[[], Taken]:
        def export() -> Taken:
            instance.asked()
            out = str(bench.folder / "export")
            args = {"tool": tool, "url": instance.url, "rows": rows, "out": out}
            taken = once("exports:ready", args)
            asked[f"{tool} {rows}"] = len(instance.asked())
            return taken

        return export

    runs = {tool: run(tool) for tool in tools}
    if largest:
        turns = at_two_paces(runs, BARE, (PARQUET,), 3, 1, warm=False)
    else:
        last = interleaved({tool: runs.pop(tool) for tool in tools if tool == DLT}, 1, warm=False)
        turns = at_two_paces(runs, BARE, (PARQUET, DUCKDB), 5, 3, warm=False)
        turns = attrs.evolve(
            turns, taken={**turns.taken, **last.taken}, failed={**turns.failed, **last.failed}
        )
    left_out = {tool: "not measured: it would take too long" for tool in TOOLS if tool not in tools}
    return attrs.evolve(turns, failed={**left_out, **turns.failed})


def _table(turns: Turns, rows: int, asked: dict[str, int], how: str) -> Table:
    tools = [tool for tool in TOOLS if tool in turns.taken or tool in turns.failed]
    cells = {tool: _figures(turns, tool, rows, asked.get(f"{tool} {rows}", 0)) for tool in tools}
    return Table(f"{rows:,} rows, {how}", COLUMNS, cells)


def _figures(turns: Turns, tool: str, rows: int, requests: int) -> tuple[Figure, ...]:
    walls, cpus = turns.of(tool, "wall"), turns.of(tool, "cpu")
    if not walls:
        return (missing(turns.failed[tool]),) * len(COLUMNS)
    return (
        of_runs([rows / wall for wall in walls]),
        _share(turns, tool, "wall"),
        of_runs(cpus, "s"),
        _share(turns, tool, "cpu"),
        of_runs(turns.of(tool, "peak"), "MB", floor=10),
        exactly(requests),
        exactly(requests / -(-rows // PAGE)),
    )


def _share(turns: Turns, tool: str, what: str) -> Figure:
    bare, own = turns.pair(BARE, tool, what)
    return ratios(bare, own) if bare else missing(turns.failed[BARE])


def _line(bench: Bench, turns: Turns, tool: str, rows: int, how: str, what: str, target: float) -> Line:
    share = _share(turns, tool, what) if turns.of(tool, what) else missing(turns.failed[tool])
    speed = "rows/s" if what == "wall" else "rows per CPU second"
    name = f"{how} export of {rows:,} rows, {tool.partition(', ')[2]}: {speed}, of the bare script's"
    return judged(Line(name, "at least", target, share), partial(_time, bench, tool, rows, how))


def _slower(turns: Turns, rows: int) -> Line:
    both = zip(turns.of(DUCKDB, "cpu"), turns.of(PARQUET, "cpu"), strict=False)  # either may have failed
    over = of_runs(own / other for own, other in both)
    return Line(f"export of {rows:,} rows, DuckDB: CPU time, of Parquet's", "at most", MAX_DUCKDB, over)


def _beyond_bare(growth: Table) -> Line:
    """Return the line for the growth that is not the bare script's: larger files cost the kernel more a byte."""
    own, bare = (growth.rows[tool][-1] for tool in (JSONL, BARE))
    if own.median is None or bare.median is None:
        beyond = own if own.median is None else bare
    else:
        beyond = attrs.evolve(own, median=own.median - bare.median)
    beyond = attrs.evolve(beyond, low=own.low - bare.high, high=own.high - bare.low)
    return Line(
        "growth of an export's time in rows, JSONL: exponent beyond the bare script's",
        "at most",
        MAX_GROWTH,
        beyond,
    )


def _time(bench: Bench, tool: str, rows: int, how: str) -> str:
    """Profile the CPU time next to that of the bare script."""
    few = min(rows, 20_000)
    with served(few, plain=how == PLAIN) as instance:
        args = {"url": instance.url, "rows": few, "out": str(bench.folder / "explained")}
        own_task, bare_task = {**args, "tool": tool}, {**args, "tool": BARE}
        with Child("exports:ready", own_task) as own, Child("exports:ready", bare_task) as bare:
            return explained(own, bare, names=("the export", "the bare script"))


def _memory(bench: Bench, tool: str, works: tuple[int, ...]) -> str:
    """Return what uses the most memory, at two amounts of work."""
    said = []
    for rows in works:
        with served(rows) as instance:
            args = {"tool": tool, "url": instance.url, "rows": rows, "out": str(bench.folder / "held")}
            try:
                objects, arrow = once("exports:held", args).value
            except NotMeasured as why:
                return f"no profile: {why}"
        said.append(
            f"{rows:,} rows: at most {objects:.0f} MB of Python's objects, {arrow:.0f} MB in Arrow's pool"
        )
    return f"{'; '.join(said)}; the rest is code and memory that was freed and kept"


def _killed(bench: Bench, rows: int) -> Table:
    """Send SIGKILL halfway through an export, then run it again to resume."""
    columns = ("rows' pages asked for again", "requests of both runs", "of an undisturbed one")
    with served(rows) as instance:
        args = {"tool": JSONL, "url": instance.url, "rows": rows, "out": str(bench.folder / "killed")}
        try:
            once("exports:ready", args)
            undisturbed = instance.asked()
            with Child("exports:ready", {**args, "keep": True}) as child:
                child.start()
                both = _half(instance, rows // PAGE)
                child.kill()
            once("exports:ready", {**args, "resume": True})
            both += instance.asked()
        except NotMeasured as why:
            return Table("Killed midway, and resumed", columns, {JSONL: (missing(str(why)),) * 3})
    again = sum(count - 1 for query, count in Counter(both).items() if "orderdesc=true" not in query)
    figures = (exactly(again), exactly(len(both)), exactly(len(undisturbed)))
    note = "Looking for the newest row anew, which every run begins with, brings no page of rows."
    return Table(f"{rows:,} rows, killed midway and resumed", columns, {JSONL: figures}, note)


def _half(instance: Served, pages: int) -> list[str]:
    """Wait until half of the pages have been requested, and return their queries."""
    asked: list[str] = []
    until = time.monotonic() + 120
    while len(asked) < pages / 2:
        if time.monotonic() > until:
            raise NotMeasured("not measured: the export did not get to its half")
        asked += instance.asked()
        time.sleep(0.01)
    return asked


def _growth(works: tuple[int, ...], by_work: dict[int, Turns], what: str) -> Table:
    unit = "s" if what == "cpu" else "MB"
    rows = {tool: growth_row(works, [by_work[work].of(tool, what) for work in works], unit) for tool in TOOLS}
    name = "CPU time" if what == "cpu" else "peak memory of the process"
    return growth_table(f"Growth: {name}, by rows", works, rows)
