"""The Dockerfile builds from what its context has, and runs the command as a user without rights."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
CONTEXT = [
    line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
]


def test_the_image_runs_the_command_as_a_user_without_rights() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert 'ENTRYPOINT ["halo-async"]' in last
    assert re.search(r"^USER [1-9]\d*$", last, re.MULTILINE)
    assert "pip install" not in last


def test_the_context_has_all_that_the_wheel_is_built_from() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [*wheel["packages"], *wheel["force-include"], settings["tool"]["hatch"]["version"]["path"]]
    needed += [*settings["project"]["license-files"], "README.md", "hatch_build.py", "pyproject.toml"]
    pictures = re.findall(
        r"^!\[[^\]]*\]\((.+)\.svg\)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(pictures) == 2
    needed += [f"{picture}.txt" for picture in pictures]  # stand in the description of the wheel
    assert [
        name for name in needed if not any(name == kept or name.startswith(f"{kept}/") for kept in CONTEXT)
    ] == []
    assert [kept for kept in CONTEXT if not (ROOT / kept).exists()] == []


def test_the_extras_of_the_image_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (named,) = re.findall(r"\.whl\)\[([\w,]+)\]", DOCKERFILE)
    assert set(named.split(",")) <= set(extras)
