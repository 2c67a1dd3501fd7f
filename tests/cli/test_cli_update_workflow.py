"""The workflow that users copy: its steps are run here, against an emulated instance and a local repository."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from halo_async.emulator import Emulator
from tests.support.respelling import desk
from tests.support.workflow import Ran, run_workflow

pytest.importorskip("halo_generator", reason="the generator is not installed")
from halo_generator.__main__ import main as generate

WORKFLOW = Path(__file__).parents[2] / "examples" / "halo-update.yml"
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$GH_LOG"
while [ $# -gt 0 ]; do
  [ "$1" = --body-file ] && cp "$2" "$GH_LOG.body"
  shift
done
case "$(tail -n 1 "$GH_LOG")" in "pr list"*) cat "$GH_LOG.open" 2>/dev/null || true ;; esac
"""
CODE = """\
from acme_halo import models


def price(widget: models.Widget) -> float:
    return widget.price
"""
TEST = """\
import sys

sys.path.insert(0, "src")
from acme_halo import models


def test_price():
    assert models.Widget(id=1, price=2.0).price == 2.0
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    (folder / "desk.json").write_text(json.dumps(desk()))
    assert generate([str(folder / "desk.json"), "--out", str(folder / "acme_halo")]) == 0
    return folder / "acme_halo"


@pytest.fixture
def repository(tmp_path: Path, package: Path) -> Path:
    """A repository with code, a test and a package generated from `desk`, and its bare origin beside it."""
    root, programs = tmp_path / "repository", tmp_path / "programs"
    (root / "src").mkdir(parents=True)
    programs.mkdir()
    for name, text in (("gh", GH), ("pip", '#!/bin/sh\necho "$*" >> "$PIP_LOG"\n')):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (root / "src" / "app.py").write_text(CODE)
    (root / "test_app.py").write_text(TEST)
    shutil.copytree(package, root / "src" / "acme_halo")
    git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "First")
    git(root, "push", "--quiet", "origin", "main")
    return root


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def update(repository: Path, served: dict[str, object]) -> Ran:
    """Run the workflow against an instance that serves a document."""

    async def against() -> Ran:
        async with Emulator(tickets=1, document=served) as emulator:
            env = {
                "HALO_INSTANCE": emulator.url,
                "GH_LOG": str(repository.parent / "gh.log"),
                "PIP_LOG": str(repository.parent / "pip.log"),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            }
            return await asyncio.to_thread(
                run_workflow, WORKFLOW, repository, repository.parent / "programs", env
            )

    return asyncio.run(against())


def calls(repository: Path) -> list[str]:
    log = repository.parent / "gh.log"
    return log.read_text().splitlines() if log.exists() else []


def test_without_a_change_nothing_is_opened(repository: Path) -> None:
    ran = update(repository, desk())
    assert ran.succeeded, ran.text
    assert list(ran.codes) == ["Install", "Compare"]
    assert ran.outputs["steps.compare.outputs.result"] == "none"
    assert calls(repository) == []
    assert git(repository, "branch", "--remotes").split() == ["origin/main"]


def test_a_harmless_change_opens_a_pull_request_with_the_new_package(repository: Path) -> None:
    served = desk()
    served["components"]["schemas"]["Widget"]["properties"]["weight"] = {"type": "number"}
    ran = update(repository, served)
    assert ran.succeeded, ran.text
    assert ran.outputs["steps.compare.outputs.result"] == "compatible"
    listed, created = calls(repository)
    assert listed.startswith("pr list --head halo-update --state open")
    assert created.startswith(
        "pr create --base main --head halo-update --title Halo API: compatible changes, tests passed"
    )
    body = (repository.parent / "gh.log.body").read_text()
    assert "Your tests have passed." in body
    assert "**1 change: 0 break your code, 0 break other things, 1 compatible**" in body
    assert "- `Widget.weight`: new: float" in body
    changed = git(repository, "diff", "--name-only", "origin/main", "origin/halo-update").split()
    assert "src/acme_halo/models/widget.py" in changed
    assert all(path.startswith("src/acme_halo/") for path in changed)
    pulled = git(repository, "show", "origin/halo-update:src/acme_halo/models/widget.py")
    assert "weight: float" in pulled


def test_a_breaking_change_names_the_line_and_updates_the_open_pull_request(repository: Path) -> None:
    (repository.parent / "gh.log.open").write_text("7\n")
    served = copy.deepcopy(desk())
    del served["components"]["schemas"]["Widget"]["properties"]["price"]
    ran = update(repository, served)
    assert ran.outputs["steps.compare.outputs.result"] == "breaking"
    assert ran.codes["Open the pull request"] == 0, ran.text
    assert ran.codes["Fail if the tests failed"] == 1
    _, edited = calls(repository)
    assert edited.startswith("pr edit 7 --title Halo API: breaking changes, tests failed")
    body = (repository.parent / "gh.log.body").read_text()
    assert "**1 change: 1 break your code" in body
    assert "- `Widget.price`: gone, was float\n  - src/app.py:5" in body
    assert "price" not in git(repository, "show", "origin/halo-update:src/acme_halo/models/widget.py")


def test_an_instance_that_is_not_reached_fails_the_job_and_opens_nothing(repository: Path) -> None:
    env = {"HALO_INSTANCE": "http://127.0.0.1:9", "PIP_LOG": str(repository.parent / "pip.log")}
    ran = run_workflow(WORKFLOW, repository, repository.parent / "programs", env)
    assert ran.codes == {"Install": 0, "Compare": 2}
    assert "cannot be reached" in ran.text
    assert calls(repository) == []


def test_its_actions_are_pinned_and_its_commands_hold_no_expressions() -> None:
    text = WORKFLOW.read_text("utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert len(used) == 2
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line) for line in used)
    ours = (WORKFLOW.parents[1] / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    assert all(line in ours for line in used)
    (job,) = yaml.safe_load(text)["jobs"].values()
    assert not any("${{" in step.get("run", "") for step in job["steps"])
