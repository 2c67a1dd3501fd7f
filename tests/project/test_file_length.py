"""One concern a file: hand-written files stay short, and an exception says its reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 300
"""Lines of a file of the product, the generator, the benchmarks and the website."""
LONGEST_OF_TESTS = 500
"""Lines of a file of tests: its cases are read one by one."""
GENERATED = ("halo_async/api/", "halo_async/models/", "halo_async/blocking/api/")
REASONS = {
    "halo_async/errors.py": "one hierarchy, read as one: its tree in the docstring, then each class with what it means",
    "tests/generator/test_any_document.py": "one reader of documents, with a case for each way in which one may be odd",
}


def lines_of_files() -> dict[str, int]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a checkout of git")
    found = [name for name in listed.stdout.splitlines() if not name.startswith(GENERATED)]
    return {
        name: len((ROOT / name).read_text("utf-8").splitlines()) for name in found if (ROOT / name).is_file()
    }


def test_files_are_short() -> None:
    lengths = lines_of_files()
    assert len(lengths) > 800
    assert {name: lines for name, lines in lengths.items() if lines > limit_of(name)}.keys() <= REASONS.keys()


def test_an_exception_is_needed() -> None:
    lengths = lines_of_files()
    assert [name for name in REASONS if lengths.get(name, 0) <= limit_of(name)] == []


def limit_of(name: str) -> int:
    return LONGEST_OF_TESTS if name.startswith("tests/") else LONGEST
