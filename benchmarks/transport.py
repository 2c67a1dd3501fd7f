"""Cost of the client over the wire, next to other ways to read the same pages."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="transport"))

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import attrs

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, NotMeasured, Taken, server
from benchmarks.core.explain import explained
from benchmarks.core.figures import Figure, missing, of_runs, ratios
from benchmarks.core.growth import flat, growth_row, growth_table, linear
from benchmarks.core.instance import Served, served
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import Turns, interleaved, joined
from benchmarks.tasks.walks import CLIENTS, LEAST, PAGE
from benchmarks.walk_clients import OURS, RAW, SLOW, child_of, clients, turns_of

EXACT = "raw aiohttp + msgspec"
QUICK = (OURS, RAW, EXACT, LEAST)
RIVALS = [name for name in CLIENTS if name != LEAST]
READS = (1, 10, 40)
ROUNDS = 3
WIDTHS = (1, 4, 16)
GRID = 32
"""Pages of each walk at a latency."""
LATENCIES = (0, 20, 50)
"""Milliseconds."""
FAR, IN_FLIGHT, WALKS, MIN_FAR = 50, 16, (32, 320), 0.9
"""Milliseconds, requests in flight, pages of the walks, and the share of raw's rows per second for the longest."""
PACKED, PLAIN = "gzip", "plain"
TARGETS = {
    (PACKED, 0): 1.6,
    (PACKED, 10): 1.35,
    (PLAIN, 0): 1.05,
    (PLAIN, 10): 0.95,
    (PLAIN, 40): 0.85,
}
"""By how pages are sent, and how many attributes of each row are read."""

METHOD = """Walks over pages of 100 ticket rows with 80 fields (about 250 kB per page, 41 kB with gzip, which
is what is sent unless a table is called plain), from a server in a process of its own that sends bytes made
beforehand, after 0, 20 or 50 ms. Each client has a warm process of its own, and three, one after the other,
for the first table. A walk opens a session, logs in where the client does so (raw aiohttp, httpx and the
stock client are given a token), reads every row, and closes. 1, 4 and 16 requests are in flight: here the
page that is waited for and `.prefetch(n - 1)` after it, n tasks or threads elsewhere. Rows per second are by
the wall; rows per CPU second by the CPU time of the client's process, which leaves the server out. The stock
client is generated from the same document, for tickets alone. Rows are looked at and no more, but for the
second table, where so many attributes of every row are read, dates among them. The least is what remains of the
client if it were nothing but its libraries: a session of aiohttp, zlib-ng, and msgspec with slots for fields
known beforehand; no login, queue, retries or limits, no look for repeated rows, and no room for a field
that was not foreseen."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    pages = bench.pick(60, 40)
    tables, lines = [], []
    for how in (PACKED, PLAIN):
        with served(pages * PAGE, plain=how == PLAIN) as instance:
            base = joined(
                [_round(bench, instance, pages, how, number) for number in range(bench.pick(ROUNDS, 2))]
            )
            by_read = {0: base, **_by_read(bench, instance, pages)}
            tables += [_alone(base, pages, how), _read(by_read, pages, how)]
            lines += [
                _share(how, read, by_read[read], instance, pages) for sent, read in TARGETS if sent == how
            ]
    if not bench.quick:
        with served(GRID * PAGE) as instance, clients(bench, RIVALS) as (children, failed):
            tables += [_at(bench, children, failed, instance, latency) for latency in LATENCIES]
        tables.append(_emulator())
    far, far_line = _far(bench)
    tables.append(far)
    growth, memory = _growth(bench)
    lines += [
        far_line,
        judged(linear("a walk's time in rows", growth, OURS), partial(_long, bench)),
        flat("a walk's memory in rows", memory, OURS),
    ]
    return Subject("Transport", METHOD, [*tables, growth, memory], lines)


def _round(bench: Bench, instance: Served, pages: int, how: str, number: int) -> Turns:
    """Run one request at a time in processes of this round; the slow clients run in the very first only."""
    is_first = how == PACKED and number == 0
    names = [name for name in CLIENTS if is_first or name not in SLOW]
    with clients(bench, names) as (children, failed):
        turns = turns_of(children, instance, pages, 1, 0, bench.pick(9, 7))
    return attrs.evolve(turns, failed={**failed, **turns.failed})


def _alone(turns: Turns, pages: int, how: str) -> Table:
    columns = ("rows/CPU s", "of raw's", "rows/s", "peak memory")
    rows = {
        name: _figures(turns, name, pages) for name in CLIENTS if name in turns.taken or name in turns.failed
    }
    return Table(f"{pages} pages, {how}, one request at a time, no latency", columns, rows)


def _figures(turns: Turns, name: str, pages: int) -> tuple[Figure, ...]:
    cpu, wall, peak = (turns.of(name, what) for what in ("cpu", "wall", "peak"))
    if not cpu:
        return (missing(turns.failed[name]),) * 4
    share = ratios(*turns.pair(RAW, name, "cpu"))
    return _rate(cpu, pages), share, _rate(wall, pages), of_runs(peak, "MB", floor=5)


def _by_read(bench: Bench, instance: Served, pages: int) -> dict[int, Turns]:
    """Run the quickest with attributes of every row read.

    Later pages become dicts only if enough of them is read.
    """
    found = {}
    with clients(bench, list(QUICK)) as (children, failed):
        for read in READS:
            for name, child in children.items():
                task = {"client": name, "url": instance.url, "pages": pages, "read": read}
                child.load("walks:reading", task)
            turns = interleaved({name: child.run for name, child in children.items()}, bench.pick(9, 5))
            found[read] = attrs.evolve(turns, failed={**failed, **turns.failed})
    return found


def _read(by_read: dict[int, Turns], pages: int, how: str) -> Table:
    rows: dict[str, list[Figure]] = {name: [] for name in QUICK}
    for turns in [by_read[read] for read in READS]:
        for name, cells in rows.items():
            if turns.of(name, "cpu"):
                cells += [_rate(turns.of(name, "cpu"), pages), ratios(*turns.pair(RAW, name, "cpu"))]
            else:
                cells += [missing(turns.failed[name])] * 2
    columns = [column for read in READS for column in (f"{read} read: rows/CPU s", "of raw's")]
    title = f"{how.capitalize()}: {pages} pages, attributes of every row read"
    return Table(title, tuple(columns), {name: tuple(cells) for name, cells in rows.items()})


def _rate(seconds: list[float], pages: int) -> Figure:
    return of_runs([pages * PAGE / taken for taken in seconds])


def _share(how: str, read: int, turns: Turns, instance: Served, pages: int) -> Line:
    share = ratios(turns.of(RAW, "cpu"), turns.of(OURS, "cpu"))
    name = f"{how} page walk, {read or 'no'} attributes read: rows per CPU second, of raw aiohttp + orjson"

    def explain() -> str:
        exact, least = (ratios(turns.of(RAW, "cpu"), turns.of(name, "cpu")) for name in (EXACT, LEAST))
        task = {"url": instance.url, "pages": pages, **({"read": read} if read else {"width": 1})}
        kind = "walks:reading" if read else "walks:ready"
        with Child(kind, {**task, "client": OURS}) as own, Child(kind, {**task, "client": RAW}) as raw:
            shares = f"raw aiohttp with msgspec has {exact.text}, the least that can be done {least.text}"
            return f"{shares}; {explained(own, raw, names=('the client', 'raw'))}"

    return judged(Line(name, "at least", TARGETS[how, read], share), explain)


def _at(
    bench: Bench, children: dict[str, Child], failed: dict[str, str], instance: Served, latency: int
) -> Table:
    """Run every width at one latency."""
    cells: dict[str, list[Figure]] = {name: [] for name in RIVALS}
    columns: list[str] = []
    for width in WIDTHS:
        bench.say(f"{latency} ms, {width} in flight")
        turns = turns_of(children, instance, GRID, width, latency, 3)
        columns += [f"{width} in flight: rows/s", "rows/CPU s"]
        for name in RIVALS:
            walls, cpus = turns.of(name, "wall"), turns.of(name, "cpu")
            none = missing({**failed, **turns.failed}.get(name, "not measured"))
            cells[name] += [_rate(walls, GRID), _rate(cpus, GRID)] if walls else [none, none]
    rows = {name: tuple(row) for name, row in cells.items()}
    return Table(f"{GRID} pages, {latency} ms of latency", tuple(columns), rows)


def _far(bench: Bench) -> tuple[Table, Line]:
    """Compare walks at a latency with raw ones, which know the number of pages and do not log in."""
    cells: dict[str, list[Figure]] = {OURS: [], RAW: []}
    bench.say(f"{FAR} ms, {IN_FLIGHT} in flight, next to raw")
    for pages in WALKS:
        with served(pages * PAGE) as instance, clients(bench, [OURS, RAW]) as (children, _):
            turns_of(children, instance, pages, IN_FLIGHT, 0, 1)  # the pages are compressed
            turns = turns_of(children, instance, pages, IN_FLIGHT, FAR, bench.pick(7, 3))
            instance.asked()
            children[OURS].run()
            requests = len(instance.asked())
        for name, row in cells.items():
            row += [_rate(turns.of(name, "wall"), pages), ratios(*turns.pair(RAW, name, "wall"))]
        share = cells[OURS][-1]
        if requests != pages:
            share = missing(f"{requests} requests for {pages} pages")
    columns = [column for pages in WALKS for column in (f"{pages} pages: rows/s", "of raw's")]
    title = f"{FAR} ms of latency, {IN_FLIGHT} in flight"
    name = f"{title}, {WALKS[-1]} pages: rows per second, of {RAW}'s"
    line = Line(name, "at least", MIN_FAR, share)
    why = "before the second page come two requests of the login and the first page, one after the other"
    return Table(title, tuple(columns), {name: tuple(row) for name, row in cells.items()}), judged(
        line, lambda: why
    )


def _emulator() -> Table:
    pages = 20
    with (
        server("benchmarks.emulator_server", str(pages * PAGE)) as (url, client_id, secret),
        ExitStack() as stack,
    ):
        runs, failed = {}, {}
        for name in (OURS, "haloitsm-python"):
            try:
                args = {"client": name, "url": url, "client_id": client_id, "secret": secret, "pages": pages}
                runs[name] = stack.enter_context(Child("walks:on_emulator", args)).run
            except NotMeasured as why:
                failed[name] = str(why)
        turns = interleaved(runs, 5)
    missed = {**failed, **turns.failed}
    rows = {}
    for name in (OURS, "haloitsm-python"):
        cpu, wall = turns.of(name, "cpu"), turns.of(name, "wall")
        rows[name] = (_rate(cpu, pages), _rate(wall, pages)) if cpu else (missing(missed[name]),) * 2
    note = "The emulator takes most of the time by the wall."
    return Table(
        f"On the emulator: {pages} pages, one request at a time", ("rows/CPU s", "rows/s"), rows, note
    )


def _growth(bench: Bench) -> tuple[Table, Table]:
    """Run each walk in a process of its own, so that the memory is this walk's.

    The second walk there is measured, so that one-time loading is not counted as growth.
    """
    works = bench.pick((10, 100, 1000), (2, 20, 200))
    with ExitStack() as stack:
        urls = {work: stack.enter_context(served(work * PAGE)).url for work in works}

        def run(name: str, work: int) -> Callable[[], Taken]:
            def second() -> Taken:
                with child_of(name, urls[work], work, 1) as child:
                    child.run()
                    return child.run()

            return second

        cases = {f"{name} {work}": run(name, work) for name in (OURS, RAW) for work in works}
        turns = interleaved(cases, 3, warm=False)
    return _grown(turns, works, "cpu", 1000, "ms"), _grown(turns, works, "peak", 1, "MB")


def _long(bench: Bench) -> str:
    """Compare where a long walk and a short one spend their time."""
    with ExitStack() as stack:
        children = []
        for pages in bench.pick((1000, 10), (200, 20)):
            url = stack.enter_context(served(pages * PAGE)).url
            children.append(stack.enter_context(child_of(OURS, url, pages, 1)))
        return explained(*children, names=("the long walk", "the short one"))


def _grown(turns: Turns, works: tuple[int, ...], what: str, times: float, unit: str) -> Table:
    rows = {}
    for name in (OURS, RAW):
        taken = [[times * value for value in turns.of(f"{name} {work}", what)] for work in works]
        rows[name] = growth_row(works, taken, unit)
    title = "CPU time" if what == "cpu" else "peak memory of the process"
    return growth_table(f"Growth: {title}, by pages", works, rows)
