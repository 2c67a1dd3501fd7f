"""A name means one thing: no two classes share one, except where one is the other's facade without `await`."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ("halo_async/api/", "halo_async/models/")
FACADES = "halo_async/blocking/"


def test_no_two_classes_share_a_name() -> None:
    places = defaultdict(list)
    for folder in ("halo_async", "generator/halo_generator"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(GENERATED):
                for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                    if isinstance(node, ast.ClassDef):
                        places[node.name].append(name)
    assert len(places) > 600
    own = {name: [each for each in found if not each.startswith(FACADES)] for name, found in places.items()}
    assert {name: found for name, found in own.items() if len(found) > 1} == {}
    facades = {name: [each for each in found if each.startswith(FACADES)] for name, found in places.items()}
    assert {name: found for name, found in facades.items() if len(found) > 1} == {}
