"""The command: measure, show, compare. Exit codes: 0 all targets met, 1 a target missed, 2 usage.

`python -m benchmarks` runs every subject; `python -m benchmarks.decode` and `python benchmarks/decode.py`
run one, with the same options except `--only`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import attrs

from benchmarks import charts, report
from benchmarks.core.bench import Bench
from benchmarks.core.compare import comparison
from benchmarks.core.machine import machine, versions
from benchmarks.core.results import Results, ResultsError, Subject
from benchmarks.core.shown import cell, targets, terminal
from benchmarks.suite import NAMES, SUBJECTS, module

RESULTS = Path(__file__).resolve().with_name("results.json")


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the argument parser; `only`: for a subject that runs by itself."""
    made = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{SUBJECTS[only]}" if only else "python -m benchmarks",
        description=module(only).__doc__ if only else "Measure halo-async beside others.",
    )
    if only:
        made.set_defaults(only=(only,))
    else:
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
        help="where to write the results" if only else _OUT,
    )
    made.add_argument(
        "--show",
        type=Path,
        metavar="FILE",
        help="measure nothing: show these results" if only else _SHOW,
    )
    return made


_OUT = "where to write the results; a whole run: benchmarks/results.json"
_SHOW = "measure nothing: make charts and page of these results, or compare"


def _names(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}: choose among {', '.join(NAMES)}")
    return tuple(name for name in NAMES if name in chosen)


def main(arguments: Sequence[str] | None = None, *, only: str | None = None) -> int:
    """Run the command, for all subjects or for `only` one, and return the exit code."""
    options = parser(only).parse_args(arguments)
    try:
        old = options.compare and Results.read(options.compare)
        results = taken(options)
    except ResultsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(targets(results))
    if old:
        print(f"\n{comparison(old, results)}")
    print(f"\n{verdict(results)}")
    return int(any(line.verdict == "missed" for line in results.lines))


def taken(options: argparse.Namespace) -> Results:
    """Read or measure what is requested, and save it.

    :raises ResultsError: the file to show cannot be read, or `--out` names the project's own results.
    """
    shown = options.show and read(options.show, options.only)
    command = shown.command if shown else called(options.only, quick=options.quick)
    whole = options.only == NAMES and is_whole(command)
    refuse(options.out, whole=whole)
    results: Results = shown or measured(options.only, options.quick, command)
    keep(results, options.out, whole=whole)
    return results


def read(path: Path, names: Sequence[str]) -> Results:
    """Read the results of some subjects from a file; with all names, whatever it contains.

    :raises ResultsError: the file cannot be read, or contains none of these subjects.
    """
    results = Results.read(path)
    if names == NAMES:
        return results
    subjects = {name: results.subjects[name] for name in names if name in results.subjects}
    if not subjects:
        raise ResultsError(f"{path} holds nothing of {', '.join(names)}")
    return attrs.evolve(results, subjects=subjects, command=called(names, quick="--quick" in results.command))


def called(names: Sequence[str], *, quick: bool) -> str:
    """Return the command that repeats this measurement, as results.json stores it."""
    given = [] if names == NAMES else ["--only", ",".join(names)]
    if quick:
        given.append("--quick")
    return " ".join(["nox -s bench", *(["--", *given] if given else [])])


def is_whole(command: str) -> bool:
    """Return whether everything was measured in full, judging by the command stored in the results."""
    return "--only" not in command and "--quick" not in command


def refuse(out: Path | None, *, whole: bool) -> None:
    """Refuse to replace the project's own results, before anything is measured.

    :raises ResultsError: less than a whole run would replace them.
    """
    if out is not None and not whole and out.resolve() == RESULTS:
        raise ResultsError(f"{out} holds a whole run: give --out another name for this one")


def measured(names: Sequence[str], quick: bool, command: str) -> Results:
    """Measure subjects one after the other."""
    began, where = time.monotonic(), machine()
    subjects = {}
    with tempfile.TemporaryDirectory(prefix="halo-bench-") as folder:
        bench = Bench(Path(folder), quick)
        for name in names:
            print(name, file=sys.stderr, flush=True)
            subjects[name] = _timed(name, bench)
            print(f"\n{_tables(subjects[name])}\n", flush=True)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Results(command, made, time.monotonic() - began, where, versions(), subjects)


def _timed(name: str, bench: Bench) -> Subject:
    began = time.monotonic()
    subject: Subject = module(name).measure(bench)
    return attrs.evolve(subject, seconds=time.monotonic() - began)


def _tables(subject: Subject) -> str:
    texts = []
    for table in subject.tables:
        rows = [(case, *map(cell, figures)) for case, figures in table.rows.items()]
        texts.append(f"{subject.title}: {table.title}\n{terminal(('', *table.columns), rows)}")
    return "\n\n".join(texts)


def keep(results: Results, out: Path | None, *, whole: bool) -> None:
    """Write the requested files. Only a whole run updates the project's own results, charts and page."""
    if out is not None:
        results.write(out)
    if whole:
        results.write(RESULTS)
        charts.write(results)
        report.write(results)


def verdict(results: Results) -> str:
    """Return one sentence with the number of lines per verdict."""
    counts = {"met": 0, "missed": 0, "unclear": 0, "not measured": 0}
    for line in results.lines:
        counts[line.verdict] += 1
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    again = "; unclear lines need a quieter machine: run them again" if counts["unclear"] else ""
    return f"{said} of {len(results.lines)} targets, in {results.seconds:.0f} s{again}"
