"""A shell whose variables and folder outlive one block of a page, as in a terminal."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

SECONDS = 300
_INHERITED = ("PYTEST_", "COV_", "COVERAGE_")
"""Beginnings of variables of a test run, which programs on a page must not see."""


class Shell:
    """Bash in one folder; what it leaves in the background ends with `close`."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._state = Path(tempfile.mkdtemp()) / "state"
        self._environment = {
            name: value
            for name, value in (os.environ if environment is None else environment).items()
            if not name.startswith(_INHERITED)
        }
        self._groups: list[int] = []
        self._state.write_text(f"cd {shlex.quote(str(folder))}\n", "utf-8")

    def run(self, commands: str) -> str:
        """Run lines as they are typed, and return what they print.

        :raises AssertionError: one fails; with what it says.
        """
        state = shlex.quote(str(self._state))
        keep = f"{{ export -p; printf 'cd %q\\n' \"$PWD\"; }} > {state}.new && mv {state}.new {state}"
        lines = f". {state}\nset -e\n{commands}\nset +e\n{keep}\n"
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen(
                ["bash", "-c", lines], env=self._environment, stdout=out, stderr=err, start_new_session=True
            )
            self._groups.append(process.pid)
            code = process.wait(SECONDS)
            out.seek(0), err.seek(0)
            printed = out.read()
            assert code == 0, f"{commands}\n{printed}{err.read()}"
        return printed

    def close(self) -> None:
        """End what still runs in the background."""
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)
