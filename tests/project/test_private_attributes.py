"""Nobody reaches into another object's underscore attribute: an object offers what others need of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import halo_async

PACKAGE = Path(halo_async.__file__).parent
ROOT = Path(__file__).resolve().parents[2]
OTHERS = {"aiohttp.client._RequestContextManager", "sys._getframe", "zlib._Decompress", "page._repr_html_"}
"""Names of other packages that have no public one, and what notebooks call."""
SWITCHES = {("transport/session.py", name) for name in ("_retry_connection", "_close", "_cookie_jar")}
"""What aiohttp offers in no other way; tests fail if it is removed."""
NAMED_TUPLES = {"_asdict", "_fields", "_make", "_replace"}


def reached(path: str, text: str) -> Iterator[str]:
    """The underscore attributes of objects other than the own, unless a class of the same module has them."""
    tree = ast.parse(text)
    own = set(owned(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_") or node.attr.endswith("__"):
            continue
        shown = ast.unparse(node)
        if shown.startswith(("self._", "cls._", "super()._")) and shown.count(".") == 1:
            continue
        if {node.attr} & (own | NAMED_TUPLES) or shown in OTHERS or (path, node.attr) in SWITCHES:
            continue
        yield f"{path}:{node.lineno}: {shown}"


def owned(tree: ast.Module) -> Iterator[str]:
    """The attributes and methods that the classes of a module define."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield inner.name
                elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                    yield inner.target.id
                elif isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                    if ast.unparse(inner.value) in ("self", "cls"):
                        yield inner.attr
                elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    yield inner.value  # of __slots__


def test_no_module_reaches_into_another_object() -> None:
    modules = [
        path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ("api", "models")
    ]
    assert len(modules) > 200
    found = [
        each
        for path in modules
        for each in reached(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", ["generator", "examples", "website"])
def test_no_code_beside_the_package_reaches_in_either(folder: str) -> None:
    modules = sorted((ROOT / folder).rglob("*.py"))
    assert modules
    assert [each for path in modules for each in reached(path.name, path.read_text("utf-8"))] == []


def test_no_page_shows_how_to_reach_in() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found, count = list[str](), 0
    for page in pages:
        for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            with suppress(SyntaxError):  # a part of a program
                found += reached(page.name, block)
                count += 1
    assert count > 100
    assert found == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("session._timeouts.read", ["m.py:1: session._timeouts"]),
        ("self._session._ssl", ["m.py:1: self._session._ssl"]),
        ("self._ssl", []),
        ("row._replace(a=1)", []),
        ("row.__dict__", []),
        ("import sys; sys._getframe(1)", []),
    ],
)
def test_what_counts_as_reaching_in(line: str, expected: list[str]) -> None:
    assert list(reached("m.py", line)) == expected
