"""An older build beside this one: `python -m benchmarks.paired --against COMMIT`.

Both have the same tasks, server and installed packages; the older one is checked out into a folder of its own.
Both take turns in fresh processes; ratios are taken turn by turn. Nothing is judged or stored.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.core.children import ROOT, NotMeasured, Taken, environment, once
from benchmarks.core.figures import Figure, missing, of_runs, ratios
from benchmarks.core.instance import served
from benchmarks.core.shown import cell, terminal
from benchmarks.core.turns import Turns, interleaved

THEN, NOW = "then", "now"
COLUMNS = (
    "then, CPU",
    "now, CPU",
    "times as fast, CPU",
    "times as fast, wall",
    "then, memory",
    "now, memory",
)
PAGE = 100
Work = Callable[[str, int, Path], tuple[str, dict[str, Any]]]


def _walk(url: str, rows: int, out: Path) -> tuple[str, dict[str, Any]]:
    return "walks:ready", {"client": "halo_async", "url": url, "pages": -(-rows // PAGE), "width": 1}


def _export(tool: str) -> Work:
    def work(url: str, rows: int, out: Path) -> tuple[str, dict[str, Any]]:
        return "exports:ready", {"tool": tool, "url": url, "rows": rows, "out": str(out)}

    return work


WORKS: dict[str, Work] = {
    "walk": _walk,
    "jsonl": _export("halo_async, JSONL"),
    "parquet": _export("halo_async, Parquet"),
    "duckdb": _export("halo_async, DuckDB"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, and return the exit code: 0, or 2 where the older build cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paired", description=__doc__)
    parser.add_argument("--against", required=True, metavar="COMMIT", help="the older build, as git calls it")
    parser.add_argument(
        "--only", default=",".join(WORKS), metavar="NAME,…", help=f"some of {', '.join(WORKS)}"
    )
    parser.add_argument("--rows", type=int, default=100_000, help="a multiple of 100")
    parser.add_argument("--runs", type=int, default=5, help="turns that count; one more is run before")
    options = parser.parse_args(arguments)
    names = options.only.split(",")
    if not set(names) <= WORKS.keys() or options.rows % PAGE:
        parser.error(f"--only takes some of {', '.join(WORKS)}, and --rows a multiple of {PAGE}")
    with tempfile.TemporaryDirectory(prefix="halo-paired-") as folder:
        try:
            with tree_of(options.against, Path(folder) / "tree") as tree:
                found = measured(tree, names, options.rows, options.runs, Path(folder))
        except NotMeasured as why:
            print(f"error: {why}", file=sys.stderr)
            return 2
    rows = [(name, *map(cell, figures(turns))) for name, turns in found.items()]
    print(terminal(("", *COLUMNS), rows))
    return 0


@contextmanager
def tree_of(commit: str, folder: Path) -> Iterator[Path]:
    """Check out a commit into a folder of its own, for as long as it is measured.

    :raises NotMeasured: there is no such commit.
    """
    git = ["git", "-C", str(ROOT), "worktree"]
    made = subprocess.run(
        [*git, "add", "--detach", str(folder), commit], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise NotMeasured(made.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], capture_output=True, check=True)


def measured(tree: Path, names: Sequence[str], rows: int, runs: int, folder: Path) -> Mapping[str, Turns]:
    """Run each work by both builds, in turns.

    :raises NotMeasured: the package of `tree` would not be the one that is measured.
    """
    paths = paths_to(tree, folder)
    with served(rows) as instance:
        found = {}
        for name in names:
            print(f"{name}, {rows:,} rows", file=sys.stderr, flush=True)
            task, args = WORKS[name](instance.url, rows, folder / "out")
            cases: dict[str, Callable[[], Taken]] = {
                THEN: partial(once, task, args, paths=paths),
                NOW: partial(once, task, args),
            }
            found[name] = interleaved(cases, runs)
        return found


def paths_to(tree: Path, folder: Path) -> tuple[Path, ...]:
    """Return the paths by which a process has the package of another tree, and the tasks of this one.

    :raises NotMeasured: a process would have another package.
    """
    tasks = folder / "tasks"
    tasks.mkdir()
    (tasks / "benchmarks").symlink_to(ROOT / "benchmarks", target_is_directory=True)
    paths = (tasks, tree)
    script = "import halo_async, benchmarks; print(halo_async.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(*paths), capture_output=True, text=True, check=False
    )
    if Path(done.stdout.strip()) != tree / "halo_async" / "__init__.py":
        raise NotMeasured(f"{tree} has no package that can be imported. {done.stderr.strip()}".strip())
    return paths


def figures(turns: Turns) -> tuple[Figure, ...]:
    """Return a row of the table."""
    if turns.failed:
        return (missing("; ".join(f"{name}: {why}" for name, why in turns.failed.items())),) * len(COLUMNS)
    then, now = (turns.of(name, "cpu") for name in (THEN, NOW))
    walls = ratios(turns.of(THEN, "wall"), turns.of(NOW, "wall"))
    peaks = (of_runs(turns.of(name, "peak"), "MB", floor=10) for name in (THEN, NOW))
    return of_runs(then, "s"), of_runs(now, "s"), ratios(then, now), walls, *peaks


if __name__ == "__main__":
    sys.exit(main())
