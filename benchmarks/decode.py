"""Speed of decoding rows into records, and the memory that records use."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="decode"))

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, NotMeasured, once
from benchmarks.core.explain import explained
from benchmarks.core.figures import Figure, exactly, missing, of_runs, ratios
from benchmarks.core.growth import FLAT, growth_row, growth_table
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import Turns, at_two_paces, interleaved, joined
from benchmarks.stock import tickets_client
from benchmarks.tasks.decoding import KINDS

OURS, BASE = "halo_async records", "orjson dicts"
SLOW = ("pydantic", "stock generator's attrs")
ROUNDS = 3
READS = (0, 5, 10, 80)
TARGETS = {0: 0.90, 10: 0.80}
MAX_MEMORY = 1.1

METHOD = """1,000 ticket rows with 80 of the record's 835 fields, keys in the schema's order and shuffled anew in every
row. Each representation is made from the same bytes in a warm process of its own (three, one after the other, since
their memory lies differently), the collector off, and dropped within the time; then so many attributes of every row are
read (`row["name"]` of dicts), dates among them as often as in the row: a record parses a date when it is read, the
others leave it a text. CPU time; a ratio is that of `orjson.loads` with the same keys read over its own, turn by turn.
The Struct and the pydantic model have all plain fields of a ticket. Memory is what the allocator was asked for."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    rows = bench.pick(1000, 200)
    rounds = [_round(bench, rows, first=number == 0) for number in range(bench.pick(ROUNDS, 2))]
    tables, lines = [], []
    for shuffled in (False, True):
        by_read = {read: joined([found[shuffled, read] for found in rounds]) for read in READS}
        tables.append(_table(rows, shuffled, by_read))
        lines += [_line(by_read[read], rows, shuffled, read) for read in TARGETS]
    memory, growth = _memory(bench, rows), _growth(bench)
    beyond = _beyond(growth)
    return Subject("Decode", METHOD, [*tables, memory, growth], [*lines, _memory_line(memory), beyond])


def _round(bench: Bench, rows: int, *, first: bool) -> dict[tuple[bool, int], Turns]:
    """Run every order and number of reads in processes of this round; slow kinds run in the first only."""
    found = {}
    with ExitStack() as stack:
        children, failed = _children(bench, stack, [kind for kind in KINDS if first or kind not in SLOW])
        for shuffled in (False, True):
            bench.say(f"keys {'shuffled' if shuffled else 'in order'}")
            for read in READS:
                found[shuffled, read] = _turns(bench, children, failed, rows, shuffled, read)
    return found


def _paths(bench: Bench, kind: str) -> tuple[Path, ...]:
    return (tickets_client(bench),) if kind.startswith("stock") else ()


def _children(bench: Bench, stack: ExitStack, kinds: list[str]) -> tuple[dict[str, Child], dict[str, str]]:
    children, failed = {}, {}
    for kind in kinds:
        if bench.quick and kind in SLOW:
            failed[kind] = "not measured: left out of quick runs"
            continue
        try:
            child = Child("decoding:memory", {"kind": kind, "rows": 2}, paths=_paths(bench, kind))
            children[kind] = stack.enter_context(child)
        except NotMeasured as why:
            failed[kind] = str(why)
    return children, failed


def _turns(
    bench: Bench, children: dict[str, Child], failed: dict[str, str], rows: int, shuffled: bool, read: int
) -> Turns:
    """Run the fast kinds often, the slow ones in fewer turns of their own."""
    for kind, child in children.items():
        child.load("decoding:ready", _task(kind, rows, shuffled, read))
    runs = {kind: child.run for kind, child in children.items()}
    turns = at_two_paces(runs, BASE, SLOW, bench.pick(11, 7), 3)
    return attrs.evolve(turns, failed={**failed, **turns.failed})


def _table(rows: int, shuffled: bool, by_read: dict[int, Turns]) -> Table:
    names = [f"{read} read" if read else "untouched" for read in READS]
    columns = [column for name in names for column in (name, "of orjson's speed")]
    order = "shuffled" if shuffled else "in order"
    cells = {kind: tuple(_cells(by_read, kind)) for kind in KINDS}
    return Table(f"{rows:,} rows, keys {order}", tuple(columns), cells)


def _cells(by_read: dict[int, Turns], kind: str) -> Iterator[Figure]:
    for turns in by_read.values():
        taken = turns.of(kind, "cpu")
        if taken:
            yield of_runs([1000 * seconds for seconds in taken], "ms")
            yield ratios(*turns.pair(BASE, kind, "cpu"))
        else:
            yield from (missing(turns.failed[kind]),) * 2


def _line(turns: Turns, rows: int, shuffled: bool, read: int) -> Line:
    what = f"{read} attributes read" if read else "untouched"
    order = ", keys shuffled" if shuffled else ""
    speed = ratios(turns.of(BASE, "cpu"), turns.of(OURS, "cpu"))
    line = Line(f"records, {what}{order}: of orjson's speed", "at least", TARGETS[read], speed)
    return judged(line, partial(_explained, rows, shuffled, read))


def _task(kind: str, rows: int, shuffled: bool = False, read: int = 0) -> dict[str, Any]:
    return {"kind": kind, "rows": rows, "shuffled": shuffled, "read": read}


def _explained(rows: int, shuffled: bool, read: int) -> str:
    """Compare with msgspec's dicts too: the decoder is the floor of the cost of a record."""
    with ExitStack() as stack:
        own, base, floor = (
            stack.enter_context(Child("decoding:ready", _task(kind, rows, shuffled, read)))
            for kind in (OURS, BASE, "msgspec dicts")
        )
        turns = interleaved({"base": base.run, "floor": floor.run}, 11)
        share = ratios(turns.of("base", "cpu"), turns.of("floor", "cpu"))
        text = explained(own, base, names=("the records", "orjson"))
    return f"msgspec's dicts alone, which keep every integer exact, have {share.text}; {text}"


def _memory(bench: Bench, rows: int) -> Table:
    found: dict[str, tuple[Figure, ...]] = {}
    base: list[float] = once("decoding:memory", {"kind": BASE, "rows": rows}).value
    for kind in KINDS:
        try:
            peak, kept = once(
                "decoding:memory", {"kind": kind, "rows": rows}, paths=_paths(bench, kind)
            ).value
        except NotMeasured as why:
            found[kind] = (missing(str(why)),) * 4
            continue
        shares = [
            exactly(value / limit) for value, limit in zip((kept, peak), (base[1], base[0]), strict=True)
        ]
        found[kind] = (exactly(kept, "kB"), shares[0], exactly(peak, "kB"), shares[1])
    return Table("Memory a row", ("kept", "of dicts", "at the most", "of dicts"), found)


def _memory_line(memory: Table) -> Line:
    _, kept, _, peak = memory.rows[OURS]
    worst = max((kept, peak), key=lambda figure: figure.median or 0)
    return Line("records: memory, of dicts'", "at most", MAX_MEMORY, worst)


def _growth(bench: Bench) -> Table:
    works = bench.pick((100, 1000, 10_000), (20, 200, 2000))
    with ExitStack() as stack:
        runs = {}
        for kind in (OURS, BASE):
            for work in works:
                child = Child("decoding:ready", _task(kind, work))
                runs[f"{kind} {work}"] = stack.enter_context(child).run
        turns = interleaved(runs, bench.pick(9, 5))
    rows = {}
    for kind in (OURS, BASE):
        taken = [[1000 * seconds for seconds in turns.of(f"{kind} {work}", "cpu")] for work in works]
        rows[kind] = growth_row(works, taken, "ms")
    return growth_table("Growth: untouched, by rows", works, rows)


def _beyond(growth: Table) -> Line:
    """Return the line for the cost that records add.

    The dicts of many rows exceed the processor's caches, whichever tool makes them.
    """
    own, base = (growth.rows[kind][-1] for kind in (OURS, BASE))
    name = "growth of decode in rows: exponent beyond orjson's"
    if own.median is None or base.median is None:
        beyond = own if own.median is None else base
    else:
        beyond = attrs.evolve(own, median=own.median - base.median)
    return Line(
        name, "at most", FLAT, attrs.evolve(beyond, low=own.low - base.high, high=own.high - base.low)
    )
