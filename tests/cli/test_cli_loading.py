"""The command imports what it runs: `--help` no command, and a command no other one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from inspect import cleandoc

import pytest
import typer.main

from halo_async.cli.app import COMMANDS, app
from halo_async.cli.commands import Listed
from tests.support.cli_kit import environment

MOST = 12
"""Modules of the package that the help may load, with packages."""


def loaded_by(*arguments: str) -> set[str]:
    """The modules of the package that a command line leaves behind."""
    code = (
        "import json, sys; from halo_async.cli import main; main(sys.argv[1:]);"
        "print(json.dumps([name for name in sys.modules if name.split('.')[0] == 'halo_async']), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def modules() -> dict[str, str]:
    """The module of each command of the list, with its package."""
    return {name: f"halo_async.cli.{listed.place.partition(':')[0]}" for name, listed in COMMANDS.items()}


def test_the_help_loads_no_command_and_few_modules() -> None:
    loaded = loaded_by("--help")
    assert loaded & set(modules().values()) == set()
    assert len(loaded) <= MOST, sorted(loaded)


SHARED = {name: {"halo_async.cli.generate"} for name in ("diff", "drift")}
"""Commands that share code with another one."""


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_command_loads_no_other_command(name: str) -> None:
    own = modules()[name]
    others = {module for module in modules().values() if module != own}
    loaded = loaded_by(name, "--help")
    assert own in loaded
    assert loaded & others <= SHARED.get(name, set())


def listed() -> Iterator[tuple[Listed, object]]:
    """Every line of a list of commands, with the command that it leads to."""

    def walk(group: object) -> Iterator[tuple[Listed, object]]:
        for name, entry in getattr(group, "table", {}).items():
            command = group.commands[name]  # type: ignore[attr-defined]
            yield entry, command
            yield from walk(command)

    yield from walk(typer.main.get_command(app))


def test_every_line_of_a_list_is_the_first_one_of_its_command_s_help() -> None:
    found = [*listed()]
    assert len(found) > 25
    for entry, command in found:
        text = cleandoc(command.help or "")  # type: ignore[attr-defined]
        assert entry.summary == text.partition("\n\n")[0].replace("\n", " ").replace("\u2011", "-")
