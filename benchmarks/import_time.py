"""Cost of importing the package and preparing a first call, next to others and to a bare script."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="imports"))

from functools import partial
from pathlib import Path

from benchmarks.core.bench import Bench
from benchmarks.core.children import NotMeasured, interpreter
from benchmarks.core.figures import Figure, differences, missing, of_runs, ratios
from benchmarks.core.growth import growth_row, growth_table, linear
from benchmarks.core.importing import slowest
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import Turns, interleaved
from benchmarks.document import stock_of_all
from benchmarks.scripts import (
    BARE,
    FIRST_CALLS,
    HELP,
    IMPORTS,
    RECORDS,
    RESOURCES,
    SCRIPT,
    TYPED,
    TYPED_LIST,
    TYPER,
)

OURS, AIOHTTP = "halo_async", "aiohttp"
OWN_CALL, OWN_LIST, PLAIN, ALL = "first get", "first list", "bare script", "all records"
MAX_SHARE, MAX_FIRST_CALL, MAX_RECORDS, MAX_HELP = 0.15, 20, 130, 1.5
FLOOR = 6.0
"""Milliseconds, a fiftieth of what a process with aiohttp takes: smaller differences cannot be measured."""

METHOD = """Each case is a fresh interpreter that imports and ends; bytecode is there, as after an installation. CPU
time of the whole process less that of a bare interpreter in the same turn; memory is the most that the process held.
The first call is ready when the client is made and everything is loaded up to the moment of sending. For others it is
what their documentation begins with, up to the method: nothing of them is sent either. The bare script opens an aiohttp
session and has a msgspec decoder. The stock generator's package is made of the same document, whole."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    stock = () if bench.quick else _stock(bench)
    bench.say("imports")
    imports = _imports(bench, stock)
    bench.say("first calls")
    own = {
        PLAIN: SCRIPT,
        OWN_CALL: TYPED,
        OWN_LIST: TYPED_LIST,
        ALL: RECORDS,
        "record": "import halo_async.records.record",
        "import typer": TYPER,
        "--help": HELP,
    }
    ready = _turns(own, (), bench.pick(15, 7))
    others = _turns(FIRST_CALLS, stock, bench.pick(5, 3))
    tables = [
        _table("import", imports),
        _table("ready", dict.fromkeys((PLAIN, OWN_CALL, OWN_LIST), ready)),
        _table("other first calls", dict.fromkeys(FIRST_CALLS, others)),
        _growth(bench),
    ]
    return Subject("Import and first call", METHOD, tables, _lines(imports[OURS], ready, tables[-1]))


def _stock(bench: Bench) -> tuple[Path, ...]:
    made = stock_of_all(bench)
    return () if isinstance(made.folder, NotMeasured) else (made.folder,)


def _turns(scripts: dict[str, str], paths: tuple[Path, ...], runs: int) -> Turns:
    cases = {name: partial(interpreter, script, *paths) for name, script in {BARE: "pass", **scripts}.items()}
    return interleaved(cases, runs)


def _imports(bench: Bench, stock: tuple[Path, ...]) -> dict[str, Turns]:
    """Run cases with a target in many turns, the others in fewer, next to aiohttp again."""
    others = {name: script for name, script in IMPORTS.items() if name != OURS}
    many = _turns({name: IMPORTS[name] for name in (OURS, AIOHTTP)}, (), bench.pick(15, 7))
    few = _turns(others, stock, bench.pick(5, 3))
    return {name: many if name in (OURS, AIOHTTP) else few for name in IMPORTS}


def _over(turns: Turns, name: str) -> list[float]:
    """Return CPU milliseconds beyond a bare interpreter's, turn by turn; empty if it was not measured."""
    pairs = zip(turns.of(name, "cpu"), turns.of(BARE, "cpu"), strict=False)
    return [1000 * (own - bare) for own, bare in pairs]


_TITLES = {
    "import": "Import",
    "ready": "Ready to send a first call",
    "other first calls": "A first call of others, up to its method",
}


def _table(kind: str, cases: dict[str, Turns]) -> Table:
    reference = {"import": AIOHTTP, "ready": PLAIN}.get(kind)
    columns = ("CPU over a bare interpreter", "peak memory", *((f"of {reference}'s",) if reference else ()))
    return Table(
        _TITLES[kind], columns, {name: _figures(turns, name, reference) for name, turns in cases.items()}
    )


def _figures(turns: Turns, name: str, reference: str | None) -> tuple[Figure, ...]:
    if name in turns.failed:
        return (missing(turns.failed[name]),) * (3 if reference else 2)
    own = _over(turns, name)
    figures = (of_runs(own, "ms", floor=FLOOR), of_runs(turns.of(name, "peak"), "MB", floor=2))
    return (*figures, _share(turns, name, reference)) if reference else figures


def _share(turns: Turns, name: str, reference: str) -> Figure:
    """Return the ratio of differences: a share close to zero may vary by a fiftieth."""
    if reference in turns.failed:
        return missing(turns.failed[reference])
    return of_runs(
        [a / b for a, b in zip(_over(turns, name), _over(turns, reference), strict=False)], floor=0.02
    )


def _lines(imports: Turns, ready: Turns, growth: Table) -> list[Line]:
    share = Line("import: CPU, of aiohttp's", "at most", MAX_SHARE, _share(imports, OURS, AIOHTTP))
    lines = [judged(share, lambda: slowest("import halo_async"))]
    for name, script in ((OWN_CALL, TYPED), (OWN_LIST, TYPED_LIST)):
        later = differences(*_milliseconds(ready, name, PLAIN), "ms", floor=FLOOR)
        line = Line(f"{name} ready, after a bare script", "at most", MAX_FIRST_CALL, later)
        lines.append(judged(line, partial(slowest, script, without="aiohttp")))
    records = differences(*_milliseconds(ready, ALL, "record"), "ms", floor=FLOOR)
    line = Line("all records loaded", "at most", MAX_RECORDS, records)
    lines.append(judged(line, partial(slowest, RECORDS)))
    return [*lines, _help_line(ready), linear("loading resources", growth, OURS)]


def _help_line(ready: Turns) -> Line:
    """Compare whole processes: the command's imports are few beside those of typer, and its output is short."""
    share = ratios(ready.of("--help", "cpu"), ready.of("import typer", "cpu"))
    line = Line("halo-async --help: CPU, of importing typer", "at most", MAX_HELP, share)
    return judged(line, partial(slowest, HELP))


def _milliseconds(turns: Turns, *names: str) -> tuple[list[float], list[float]]:
    own, other = ([1000 * seconds for seconds in turns.of(name, "cpu")] for name in names)
    return own, other


def _growth(bench: Bench) -> Table:
    bench.say("growth")
    works = (2, 20, 200)
    turns = _turns({str(work): RESOURCES.format(count=work) for work in works}, (), bench.pick(7, 5))
    row = growth_row(works, [_over(turns, str(work)) for work in works], "ms")
    return growth_table("Growth: CPU over a bare interpreter, by resources used", works, {OURS: row})
