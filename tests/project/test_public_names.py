"""The boundary: which names are public, that they are written down, and that docs and examples use no others."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.public_names import FILE, PUBLIC, public_lines

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_module_says_what_is_public_in_it(name: str) -> None:
    module = import_module(name)
    assert module.__all__
    assert len(set(module.__all__)) == len(module.__all__)
    assert [each for each in module.__all__ if not hasattr(module, each)] == []


def test_every_public_name_and_signature_is_written_down() -> None:
    """After a deliberate change: `python -m tests.support.public_names`, and a line in the changelog."""
    assert public_lines() == FILE.read_text("utf-8").splitlines()


def _imports(code: str) -> list[tuple[str, str]]:
    """Module and name of each import from the package."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "halo_async":
            found += [(node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names if alias.name.split(".")[0] == "halo_async"]
    return found


def _is_public(module: str, name: str) -> bool:
    if f"{module}.{name}" in PUBLIC or (module in PUBLIC and not name):
        return True
    return module in PUBLIC and name in import_module(module).__all__


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_import_from_public_places_only(path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    assert [found for block in blocks for found in _imports(block) if not _is_public(*found)] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_import_from_public_places_only(path: Path) -> None:
    assert [found for found in _imports(path.read_text("utf-8")) if not _is_public(*found)] == []


def test_the_list_needs_no_heavy_import() -> None:
    """A name is described from its definition: pyarrow, duckdb and typer stay out."""
    code = (
        "import sys; from tests.support.public_names import public_lines; public_lines(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"pyarrow", "duckdb", "typer", "rich"} & set(done.stdout.split())


@pytest.mark.parametrize("member", ["Pages.to_pandas", "Pages.__iter__", "Halo.with_options"])
def test_members_that_come_from_an_internal_base_are_listed_too(member: str) -> None:
    assert any(line.startswith(f"halo_async.{member}: ") for line in public_lines())
