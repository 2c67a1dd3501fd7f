"""GitHub workflows, run here: each `run` step in bash, with the outputs and the conditions of the steps before it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.]+)\s*\}\}")
_CONDITION = re.compile(r"([\w.]+) (==|!=) '([^']*)'")


@attrs.frozen
class Ran:
    """The steps that ran, by name, with their exit codes; the output of all; the outputs by step and name."""

    codes: dict[str, int]
    text: str
    outputs: dict[str, str]

    @property
    def succeeded(self) -> bool:
        return not any(self.codes.values())


def run_workflow(path: Path, repository: Path, programs: Path, env: dict[str, str]) -> Ran:
    """Run the only job of a workflow in a repository; ``programs`` comes first on the path."""
    workflow = yaml.safe_load(path.read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    temp = programs.parent / "runner"
    temp.mkdir(exist_ok=True)
    whole = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("HALO_", "GIT_"))},
        **workflow.get("env", {}),
        "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "RUNNER_TEMP": str(temp),
        "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
        "GITHUB_REF_NAME": "main",
        **env,
    }
    known = {"github.token": "a-token"}
    codes: dict[str, int] = {}
    text = ""
    for step in job["steps"]:
        if "run" not in step or not _holds(step.get("if", ""), known):
            continue  # `uses`: the repository is checked out, and this Python is set up
        output = temp / "output"
        output.write_text("")
        given = {name: _filled(value, known) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=repository,
            env={**whole, **given, "GITHUB_OUTPUT": str(output)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        codes[step["name"]] = done.returncode
        text += done.stdout + done.stderr
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{name}"] = value
        if done.returncode:
            break
    return Ran(codes, text, known)


def _filled(value: Any, known: dict[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: known.get(found[1], ""), str(value))


def _holds(condition: str, known: dict[str, str]) -> bool:
    if not condition:
        return True
    found = _CONDITION.fullmatch(condition)
    assert found, f"{condition} is more than this runner understands"
    return (known.get(found[1], "") == found[3]) is (found[2] == "==")
