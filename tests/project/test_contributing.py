"""CONTRIBUTING.md is true: its commands exist, and its worked example has the effect that the page shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from halo_generator import overlay, pipeline
from halo_generator.surface_text import surface_lines

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SURFACE = (ROOT / "spec" / "surface.txt").read_text("utf-8").splitlines()


def _block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


def _sessions() -> set[str]:
    """Names of the sessions in noxfile.py."""
    found = set()
    for node in ast.parse((ROOT / "noxfile.py").read_text("utf-8")).body:
        for decorator in getattr(node, "decorator_list", ()):
            call = decorator.keywords if isinstance(decorator, ast.Call) else []
            given = [
                key.value.value for key in call if key.arg == "name" and isinstance(key.value, ast.Constant)
            ]
            found.add(str(given[0] if given else node.name))  # type: ignore[attr-defined]
    return found


def test_every_session_of_nox_is_named_and_every_named_one_exists() -> None:
    assert set(re.findall(r"nox -s ([\w-]+)", GUIDE)) == _sessions()


def test_the_overlay_fix_of_the_example_changes_the_lines_that_the_page_shows(tmp_path: Path) -> None:
    committed = (ROOT / "spec" / "overlay.toml").read_text("utf-8")
    fact, shown = _block("toml"), _block("diff").splitlines()
    if fact in committed:  # somebody follows the page: the lines are committed
        assert shown[1][1:] in SURFACE
        assert shown[0][1:] not in SURFACE
        return
    after = _surface_with(committed.replace("[results]\n", f"[results]\n{fact}", 1), tmp_path)
    assert [f"-{line}" for line in sorted(set(SURFACE) - set(after))] == shown[:1]
    assert [f"+{line}" for line in sorted(set(after) - set(SURFACE))] == shown[1:]


def _surface_with(facts: str, folder: Path) -> list[str]:
    changed = folder / "overlay.toml"
    changed.write_text(facts, "utf-8")
    run = pipeline.read(str(ROOT / "spec" / pipeline.DOCUMENT_NAME), facts=overlay.read(changed))
    return list(surface_lines(run.surface))
