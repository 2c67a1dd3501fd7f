"""An older build beside this one: which package is measured, and by which figures they are compared."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.core.children import ROOT, NotMeasured, Taken
from benchmarks.core.turns import Turns
from benchmarks.paired import COLUMNS, NOW, THEN, figures, main, measured, paths_to, tree_of

MARKED = """
import sys
from pathlib import Path
__path__ = [str(Path({root!r}) / "halo_async")]
(Path({folder!r}) / "imported").touch()
exec((Path(__path__[0]) / "__init__.py").read_text(), globals())
"""


def older(folder: Path) -> Path:
    """A tree whose package is this one, and leaves a mark where it is imported."""
    package = folder / "older" / "halo_async"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(MARKED.format(root=str(ROOT), folder=str(folder)))
    return package.parent


def test_both_builds_are_measured_by_the_tasks_of_this_tree(tmp_path: Path) -> None:
    found = measured(older(tmp_path), ["walk", "jsonl"], 200, 1, tmp_path)
    assert (tmp_path / "imported").exists()
    for turns in found.values():
        assert turns.failed == {}
        assert {name: len(taken) for name, taken in turns.taken.items()} == {THEN: 1, NOW: 1}


def test_a_tree_without_the_package_is_not_measured_as_this_one(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotMeasured, match="empty has no package that can be imported"):
        paths_to(tmp_path / "empty", tmp_path)


def test_a_commit_is_checked_out_for_as_long_as_it_is_measured(tmp_path: Path) -> None:
    listed = ["git", "-C", str(ROOT), "worktree", "list"]
    if subprocess.run(listed, capture_output=True, check=False).returncode:
        pytest.skip("needs the repository")
    with tree_of("HEAD", tmp_path / "tree") as tree:
        assert (tree / "halo_async" / "__init__.py").exists()
        assert str(tree) in subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    assert not tree.exists()
    assert str(tree) not in subprocess.run(listed, capture_output=True, text=True, check=True).stdout


def test_a_commit_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--against", "no-such-commit"]) == 2
    assert "no-such-commit" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--only", "csv"], ["--rows", "150"]])
def test_what_cannot_be_measured_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--against", "HEAD", *wrong])
    assert raised.value.code == 2


def test_ratios_are_taken_turn_by_turn() -> None:
    """A machine that is slow for one turn is slow for both."""
    then = [Taken(4, 2, 100, 0), Taken(40, 20, 100, 0), Taken(4, 2, 100, 0)]
    now = [Taken(2, 1, 50, 0), Taken(20, 10, 50, 0), Taken(2, 1, 50, 0)]
    found = dict(zip(COLUMNS, figures(Turns({THEN: then, NOW: now})), strict=True))
    ratio = found["times as fast, CPU"]
    assert (ratio.median, ratio.low, ratio.high, ratio.runs) == (2, 2, 2, 3)
    assert found["times as fast, wall"].median == 2
    assert (found["then, memory"].text, found["now, memory"].text) == ("100 MB", "50 MB")
    assert found["now, CPU"].median is None  # spread too wide for a number


def test_a_build_that_fails_is_told_with_its_reason() -> None:
    (first, *rest) = figures(Turns({NOW: [Taken(1, 1, 1, 1)]}, {THEN: "not measured: no such task"}))
    assert first.text == "then: not measured: no such task"
    assert len(rest) == len(COLUMNS) - 1
