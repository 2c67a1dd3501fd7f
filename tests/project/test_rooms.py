"""The drawing of imports: few rooms on few floors, and no import that runs back up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS, FLOORS = 30, 15
"""Of the package; the website stands above it, on floor 16."""


@cache
def modules() -> dict[str, Path]:
    """Return the modules of the package, by name."""
    found = {}
    for path in sorted((ROOT / "halo_async").rglob("*.py*")):
        if path.suffix in (".py", ".pyi") and "__pycache__" not in path.parts:
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.setdefault(name, path)
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports, also in functions and for typing, and modules that it names to `import_module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            yield from (str(given.value) for given in node.args if isinstance(given, ast.Constant))


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


@cache
def arrows() -> dict[str, frozenset[str]]:
    """Return the rooms that each room imports from."""
    found: dict[str, set[str]] = {room_of(name): set() for name in modules()}
    for name, path in modules().items():
        for target in imported(ast.parse(path.read_text("utf-8"))):
            known = target
            while known and known not in modules():
                known = known.rpartition(".")[0]
            if known and room_of(known) != room_of(name):
                found[room_of(name)].add(room_of(known))
    return {room: frozenset(targets) for room, targets in found.items()}


def floor_of(room: str, arrows: dict[str, frozenset[str]], path: tuple[str, ...] = ()) -> int:
    assert room not in path, f"rooms in a circle: {' -> '.join([*path, room])}"
    return 1 + max((floor_of(target, arrows, (*path, room)) for target in arrows[room]), default=0)


def test_there_are_few_rooms_on_few_floors() -> None:
    downward = dict(arrows())
    assert "api" in downward["_operations"]
    downward["_operations"] -= {"api"}  # `operations()` looks the built-in resources up by name
    assert len(downward) <= ROOMS
    assert max(floor_of(room, downward) for room in downward) <= FLOORS


def test_few_files_and_folders_lie_at_the_top() -> None:
    top = [path for path in (ROOT / "halo_async").iterdir() if path.name != "__pycache__"]
    assert len([path for path in top if path.suffix == ".py"]) <= 8
    assert len([path for path in top if path.is_dir()]) <= 20


def test_modules_import_one_another_in_no_circle() -> None:
    """When they are loaded, that is: imports inside functions and for typing may lead back within a room."""
    above: dict[str, set[str]] = {name: set() for name in modules()}
    for name, path in modules().items():
        top = ast.Module([each for each in ast.parse(path.read_text("utf-8")).body if _is_import(each)], [])
        for target in imported(top):
            known = target if target in modules() else target.rpartition(".")[0]
            if known != name and known in modules():
                above[name].add(known)
    assert sum(map(len, above.values())) > 2000
    tuple(TopologicalSorter(above).static_order())  # raises a CycleError that names the modules


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)
