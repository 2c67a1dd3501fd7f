"""No six equal lines are written twice by hand."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 5
"""Equal lines in a row that may stand twice."""
PLACES = ("halo_async", "generator", "benchmarks", "website", "tests", "examples")
GENERATED = ("halo_async/api/", "halo_async/models/", "halo_async/blocking/api/")

REASONS: dict[tuple[str, str], str] = {}


def hand_written() -> Iterator[Path]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(GENERATED):
                yield path


def lines_that_count(source: str) -> Iterator[str]:
    """Yield lines without imports, comments, blanks, lone brackets and heads of methods, which protocols prescribe."""
    skipped = set[int]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            skipped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = [each.arg for each in node.args.args[:1]]
            skipped.update(range(node.lineno, node.body[0].lineno) if first in (["self"], ["cls"]) else ())
    for number, line in enumerate(source.splitlines(), 1):
        text = line.strip()
        if number not in skipped and any(letter.isalnum() for letter in text) and not text.startswith("#"):
            yield text


def test_no_six_equal_lines_stand_twice() -> None:
    places = defaultdict(list)
    count = 0
    for path in hand_written():
        count += 1
        lines = list(lines_that_count(path.read_text("utf-8")))
        for start in range(len(lines) - LONGEST):
            places["\n".join(lines[start : start + LONGEST + 1])].append(path.relative_to(ROOT).as_posix())
    assert count > 800
    twice = {
        text: found
        for text, found in places.items()
        if len(found) > 1 and tuple(sorted(found)) not in REASONS
    }
    shown = "\n\n".join(f"{' and '.join(found)}:\n{text}" for text, found in list(twice.items())[:3])
    assert not twice, f"Write it once:\n{shown}"
