"""The files around the code agree with it and with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECTS = [ROOT / "pyproject.toml", ROOT / "generator" / "pyproject.toml"]


def test_there_are_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_hash_and_names_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    assert used
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_needs_a_secret_or_may_write_to_the_repository(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert "contents: write" not in text
    assert re.search(r"^permissions:\n  contents: read\n", text, re.MULTILINE)


@pytest.mark.parametrize("program", ["redis-server", "zsh", "fish", "@modelcontextprotocol/inspector@"])
def test_the_tests_of_every_push_have_the_programs_without_which_some_are_skipped(program: str) -> None:
    tests, _, _ = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8").partition("\n  checks:\n")
    assert re.search(rf"run: .*install .*{re.escape(program)}", tests)


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_the_version_stands_in_one_place(path: Path) -> None:
    settings = tomllib.loads(path.read_text("utf-8"))
    assert "version" not in settings["project"]
    source = path.parent / settings["tool"]["hatch"]["version"]["path"]
    assert source.resolve() == ROOT / "generator" / "halo_generator" / "__init__.py"
    assert re.search(r'^__version__ = "\d+\.\d+\.\d+"$', source.read_text("utf-8"), re.MULTILINE)


def test_the_classifiers_name_the_pythons_that_are_tested() -> None:
    classifiers = tomllib.loads(PROJECTS[0].read_text("utf-8"))["project"]["classifiers"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(classifiers))
    tested = re.search(r"VERSIONS = \((.+)\)", (ROOT / "noxfile.py").read_text("utf-8"))
    in_ci = re.search(r"python: \[(.+)\]", WORKFLOWS[0].read_text("utf-8"))
    assert tested is not None
    assert in_ci is not None
    assert named == re.findall(r"3\.\d+", tested[1]) == re.findall(r"3\.\d+", in_ci[1])
