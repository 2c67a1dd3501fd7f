"""Tests on a full disk leave nothing that breaks those after them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.file_limit import limiting

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name == "nt", reason="Windows limits no files")
def test_a_process_with_a_limit_leaves_no_bytecode_that_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text("".join(f"def f{i}(a):\n    return a + {i}\n" for i in range(200)))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for before in (limiting(4000), ""):
        subprocess.run(
            [sys.executable, "-c", f"{before}import large"], cwd=tmp_path, env=environment, check=True
        )
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1


def test_every_limit_is_set_by_the_one_helper() -> None:
    setting = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if "setrlimit" in path.read_text("utf-8")
    }
    assert setting == {"tests/support/file_limit.py", "tests/project/test_file_limit.py"}
