"""`python -m benchmarks`: measure, show, compare. Exit codes: 0 no target is missed, 1 one is, 2 usage."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import evolve

from benchmarks import charts, pages
from benchmarks.core.bench import Bench
from benchmarks.core.compare import comparison
from benchmarks.core.machine import machine, versions
from benchmarks.core.results import Results, ResultsError, Subject
from benchmarks.core.shown import cell, targets, terminal
from benchmarks.subjects import NAMES, measurer

RESULTS = Path(__file__).with_name("results.json")


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure halo-async beside others."
    )
    made.add_argument(
        "--only", type=_names, default=NAMES, metavar="NAME,…", help=f"some of {', '.join(NAMES)}"
    )
    made.add_argument("--quick", action="store_true", help="small sizes, few rivals: to look at a change")
    made.add_argument(
        "--compare", type=Path, metavar="OLD.json", help="then show what differs from these results"
    )
    made.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to write the results; a whole run: benchmarks/results.json",
    )
    made.add_argument(
        "--show",
        type=Path,
        metavar="FILE",
        help="measure nothing: make charts and page of these results, or compare",
    )
    return made


def _names(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}: choose among {', '.join(NAMES)}")
    return tuple(name for name in NAMES if name in chosen)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    try:
        old = options.compare and Results.read(options.compare)
        results = Results.read(options.show) if options.show else measured(options.only, options.quick, given)
    except ResultsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    whole = "--quick" not in results.command and set(results.subjects) == set(NAMES)
    keep(results, options.out, whole=whole)
    print(targets(results))
    if old:
        print(f"\n{comparison(old, results)}")
    print(f"\n{verdict(results)}")
    return int(any(line.verdict == "missed" for line in results.lines))


def measured(names: Sequence[str], quick: bool, given: Sequence[str]) -> Results:
    """Measure subjects one after the other."""
    began, where = time.monotonic(), machine()
    subjects = {}
    with tempfile.TemporaryDirectory(prefix="halo-bench-") as folder:
        bench = Bench(Path(folder), quick)
        for name in names:
            print(name, file=sys.stderr, flush=True)
            subjects[name] = _timed(name, bench)
            print(f"\n{_tables(subjects[name])}\n", flush=True)
    command = " ".join(["nox -s bench", *(["--", *given] if given else [])])
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Results(command, made, time.monotonic() - began, where, versions(), subjects)


def _timed(name: str, bench: Bench) -> Subject:
    began = time.monotonic()
    subject = measurer(name)(bench)
    return evolve(subject, seconds=time.monotonic() - began)


def _tables(subject: Subject) -> str:
    texts = []
    for table in subject.tables:
        rows = [(case, *map(cell, figures)) for case, figures in table.rows.items()]
        texts.append(f"{subject.title}: {table.title}\n{terminal(('', *table.columns), rows)}")
    return "\n\n".join(texts)


def keep(results: Results, out: Path | None, *, whole: bool) -> None:
    """Write what was asked for. Only a whole run renews the project's own results, charts and page."""
    if out is not None:
        results.write(out)
    if whole:
        results.write(RESULTS)
        charts.write(results)
        pages.write(results)


def verdict(results: Results) -> str:
    """One sentence: how many lines are what."""
    counts = {"met": 0, "missed": 0, "unclear": 0, "not measured": 0}
    for line in results.lines:
        counts[line.verdict] += 1
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    again = "; unclear lines need a quieter machine: run them again" if counts["unclear"] else ""
    return f"{said} of {len(results.lines)} targets, in {results.seconds:.0f} s{again}"


if __name__ == "__main__":
    sys.exit(main())
