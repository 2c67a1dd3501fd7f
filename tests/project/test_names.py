"""A name means one thing: classes do not share one, and a private helper is named as a verb and its object."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ("halo_async/api/", "halo_async/models/")
FACADES = "halo_async/blocking/"
MOST = 3
"""In so many files a private helper of one word (`_text`, `_check`) may stand: a search for it leads somewhere."""


def _definitions() -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the file and the definition of each class, function and method that is written by hand."""
    for folder in ("halo_async", "generator/halo_generator"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            if not file.startswith(GENERATED):
                for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                        yield file, node


def test_no_two_classes_share_a_name() -> None:
    """One may be the facade without `await` of another."""
    places = defaultdict(list)
    for file, node in _definitions():
        if isinstance(node, ast.ClassDef):
            places[node.name].append(file)
    assert len(places) > 600
    own = {name: [each for each in found if not each.startswith(FACADES)] for name, found in places.items()}
    assert {name: found for name, found in own.items() if len(found) > 1} == {}
    facades = {name: [each for each in found if each.startswith(FACADES)] for name, found in places.items()}
    assert {name: found for name, found in facades.items() if len(found) > 1} == {}


def test_a_private_helper_is_named_as_a_verb_and_its_object() -> None:
    """`_text` in twenty files says nothing; `_decode_text` and `_quote_text` say what they do."""
    places = defaultdict(set)
    for file, node in _definitions():
        word = node.name.removeprefix("_")
        if node.name.startswith("_") and not isinstance(node, ast.ClassDef) and "_" not in word:
            places[node.name].add(file)
    assert len(places) > 300
    assert {name: sorted(files) for name, files in places.items() if len(files) > MOST} == {}
