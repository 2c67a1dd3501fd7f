"""Plant each fault in a copy of the project, one after another, and run the tests that have to see it.

`python -m tests.mutations [PART OF A NAME ...]` prints a line for each; the exit code is 1 if one of them survived.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.mutations.planted import ROOT, Mutation, mutations

PARTS = ("halo_async", "generator", "tests", "spec", "docs", "examples", "benchmarks", "pyproject.toml")
SECONDS = 300.0
"""Time for the tests of one fault; a fault that lets them hang is seen."""
_FAILED, _NO_TESTS = 1, 5
_PYTEST = ("-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly", "--hypothesis-seed=0")
"""Always the same order and examples: a fault is seen each time, or never."""


def _copy(target: Path) -> None:
    names = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=names)
        else:
            shutil.copy(source, target / part)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, target / page.name)
    # Compiled once; a file with a fault does not have the hash that its compiled file names, so it is compiled anew.
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(target / "halo_async", quiet=2, invalidation_mode=mode)
    compileall.compile_dir(target / "generator", quiet=2, invalidation_mode=mode)


def _run(copy: Path, tests: Iterable[str], *options: str) -> tuple[int, str]:
    """Return pytest's exit code and output; the code of a failure where the time is over."""
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(copy), str(copy / "generator")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "pytest", *_PYTEST, *options, *tests]
    process = subprocess.Popen(  # a group of its own: emulators and exports that it started end with it
        command,
        cwd=copy,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
        return _FAILED, f"No end within {SECONDS:.0f} s."
    return process.returncode, output


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, 9)
        else:
            process.kill()
    process.communicate()


def _imports(copy: Path) -> bool:
    """Return whether tests in the copy import the copy, not an installed package."""
    code = "import halo_async, halo_generator; print(halo_async.__file__); print(halo_generator.__file__)"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy), str(copy / "generator")])}
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=environ, capture_output=True, text=True, check=True
    ).stdout
    return all(Path(line).is_relative_to(copy) for line in output.splitlines())


def _try(copy: Path, mutation: Mutation) -> tuple[str, str]:
    """Return `caught`, `survived` or `stale`, and what tells."""
    problems = mutation.problems()
    if problems:
        return "stale", " ".join(problems)
    before = [(copy / change.file, change.plant(copy)) for change in mutation.changes]
    try:
        code, output = _run(copy, mutation.tests, "-x")
    finally:
        for path, text in reversed(before):
            path.write_text(text, encoding="utf-8")
    if code == _FAILED:
        return "caught", next(
            (line for line in output.splitlines() if line.startswith(("FAILED", "ERROR", "No end"))), ""
        )
    if code == 0:
        return "survived", mutation.breaks
    return "stale", "The tests do not run: " + " ".join(output.splitlines()[-3:])


def main(wanted: Sequence[str]) -> int:
    """Return the exit code: 0 if each planted fault was caught."""
    chosen = [each for each in mutations() if not wanted or any(part in each.name for part in wanted)]
    with tempfile.TemporaryDirectory(prefix="halo-mutations-") as folder:
        copy = Path(folder).resolve()
        _copy(copy)
        if not _imports(copy):
            print(
                "The tests would run on an installed package. Install this project editable, or not at all."
            )
            return 2
        tests = sorted({test for each in chosen for test in each.tests})
        code, output = (
            _run(copy, tests, "-n", "2") if tests else (_NO_TESTS, "No planted fault has this name.")
        )
        if code:
            print(output, "The tests have to pass before a fault is planted.", sep="\n")
            return 2
        counts = dict.fromkeys(("caught", "survived", "stale"), 0)
        for mutation in chosen:
            began = time.monotonic()
            result, about = _try(copy, mutation)
            counts[result] += 1
            print(f"{result:8} {mutation.name} ({time.monotonic() - began:.0f} s) {about}", flush=True)
    print(", ".join(f"{count} {result}" for result, count in counts.items()))
    return 1 if counts["survived"] or counts["stale"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
