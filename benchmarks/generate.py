"""From an instance's document to a typed package: time, memory, and the results of type checkers."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="generate"))

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks import document as documents
from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, NotMeasured, Taken, ran
from benchmarks.core.explain import explained
from benchmarks.core.figures import Figure, exactly, missing, of_runs
from benchmarks.core.growth import growth_row, growth_table, linear
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import Turns, interleaved

OURS, STOCK = "halo-async-generator", "stock generator"
MAX_SECONDS, MAX_MEGABYTES = 10, 1000
LIMIT = 30.0
"""Timeout of a type checker in seconds."""
CHECKERS = {
    "mypy": ["mypy", "--follow-imports=silent", "--cache-dir=/dev/null"],
    "pyright": ["pyright"],
}

METHOD = f"""The document is the one that the emulator serves: 2024, with all its defects. The stock generator
(openapi-python-client) refuses it, so it gets the document as this project's first step repairs it. A run is a process
of its own with its formatter; memory is the most that one of its processes held. Both type checkers start without a
cache and read the whole package, mypy and pyright at the same time, each on a core; after {LIMIT:.0f} s they are
stopped. Growth is over documents with a hundredth, a tenth and all of the paths."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    document, out = documents.served(bench), bench.folder / "generated" / "ours"
    bench.say("generate")
    turns = interleaved({OURS: partial(ran, documents.ours(document, out))}, bench.pick(3, 1), warm=False)
    rows = {OURS: (*_cost(turns), *_size(out)), STOCK: _stock(bench)}
    checked = Table("Type checkers over the result", ("mypy", "CPU", "pyright", "CPU"), _checked(bench, out))
    cost = Table("Generate", ("time", "CPU", "peak memory", "files", "lines", "size"), rows)
    growth = _growth(bench, document)
    time, _, memory, *_ = rows[OURS]
    lines = [
        judged(Line("generate: time", "at most", MAX_SECONDS, time), lambda: _explained(bench, document)),
        Line("generate: peak memory", "at most", MAX_MEGABYTES, memory),
        judged(linear("generating, in operations", growth, OURS), lambda: _explained(bench, document)),
    ]
    return Subject("Generate", METHOD, [cost, checked, growth], lines)


def _cost(turns: Turns) -> tuple[Figure, ...]:
    if OURS in turns.failed:
        return (missing(turns.failed[OURS]),) * 3
    peak = of_runs(turns.of(OURS, "peak"), "MB", floor=10)
    return of_runs(turns.of(OURS, "wall"), "s"), of_runs(turns.of(OURS, "cpu"), "s"), peak


def _size(folder: Path) -> tuple[Figure, ...]:
    contents = [path.read_bytes() for path in folder.rglob("*.py")]
    lines = sum(content.count(b"\n") for content in contents)
    return exactly(len(contents)), exactly(lines), exactly(sum(map(len, contents)) / 1e6, "MB")


def _stock(bench: Bench) -> tuple[Figure, ...]:
    if bench.quick:
        return (missing("not measured: left out of quick runs"),) * 6
    made = documents.stock_of_all(bench)
    if made.taken is None or isinstance(made.folder, NotMeasured):
        return (missing(str(made.folder)),) * 6
    taken = made.taken
    cost = of_runs([taken.wall], "s"), of_runs([taken.cpu], "s"), of_runs([taken.peak], "MB")
    return (*cost, *_size(made.folder / "stock"))


def _checked(bench: Bench, out: Path) -> dict[str, tuple[Figure, ...]]:
    rows = {OURS: _both(bench, out)}
    if bench.quick:
        return {**rows, STOCK: (missing("not measured: left out of quick runs"),) * 4}
    folder = documents.stock_of_all(bench).folder
    none = (missing(str(folder)),) * 4
    return {**rows, STOCK: none if isinstance(folder, NotMeasured) else _both(bench, folder / "stock")}


def _both(bench: Bench, package: Path) -> tuple[Figure, ...]:
    bench.say(f"type checkers over {package.name}")
    with ThreadPoolExecutor(len(CHECKERS)) as threads:
        found = threads.map(partial(_check, package), CHECKERS.values())
        return tuple(figure for figures in found for figure in figures)


def _check(package: Path, checker: list[str]) -> tuple[Figure, Figure]:
    """Measure wall and CPU time of a type checker. Its verdict on the package is not considered."""
    name, *options = checker
    try:
        taken: Taken = ran([sys.executable, "-m", name, *options, str(package)], limit=LIMIT)
    except NotMeasured as why:
        return missing(str(why)), missing(str(why))
    return of_runs([taken.wall], "s"), of_runs([taken.cpu], "s")


def _growth(bench: Bench, document: Path) -> Table:
    bench.say("growth")
    cases: dict[str, Callable[[], Taken]] = {}
    works = []
    for part in (0.01, 0.1, 1.0):
        path, operations = documents.cut(document, part, bench.folder / f"cut-{part}.json")
        cases[str(operations)] = partial(ran, documents.ours(path, bench.folder / f"cut-{part}"))
        works.append(operations)
    turns = interleaved(cases, bench.pick(2, 1), warm=False)
    row = growth_row(works, [turns.of(str(work), "cpu") for work in works], "s")
    return growth_table("Growth: CPU time, by operations", works, {OURS: row})


def _explained(bench: Bench, document: Path) -> str:
    args = {"document": str(document), "out": str(bench.folder / "explained")}
    with Child("generating:ready", args) as child:
        return explained(child, names=("the generator", ""))
