"""The documentation of the command names what there is, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from halo_async.cli import fleet, profiles
from halo_async.cli.app import COMMANDS as LISTED

DOCS = Path(__file__).resolve().parents[2] / "docs"
GROUPS = {"fleet": fleet.COMMANDS, "profiles": profiles.COMMANDS}
COMMANDS = LISTED.keys()


def options_of(run, *names: str) -> set[str]:
    lines = [(name,) for name in names if name not in GROUPS]
    lines += [(name, own) for name in names for own in GROUPS.get(name, {})]
    return {option for line in lines for option in re.findall(r"--[a-z-]+", run(*line, "--help").out)}


def test_every_command_is_in_the_table() -> None:
    text = (DOCS / "cli.md").read_text()
    table = text.partition("| Command |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| ([^|]*)\|", table, re.MULTILINE)
    named = {word for cell in cells for word in re.findall(r"`(?:halo-async )?([a-z]+)", cell)}
    assert named == COMMANDS


def test_every_option_that_is_named_exists(run) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", (DOCS / "cli.md").read_text()))
    assert named - {"--help"} <= options_of(run, *COMMANDS)
    assert {"--store", "--client-secret-file", "--port", "--json"} <= named


def test_the_emulator_s_options_are_all_in_its_table(run) -> None:
    text = (DOCS / "emulator.md").read_text().partition("## The command")[2]
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    named = set(re.findall(r"--[a-z][a-z-]+", rows))
    assert named == options_of(run, "emulator") - {"--help", "--rotate-refresh-tokens"}


@pytest.mark.parametrize("page", ["cli.md", "emulator.md"])
def test_every_command_line_shown_is_one(page: str) -> None:
    shown = re.findall(r"(?<!install )\bhalo-async ([a-z]+)", (DOCS / page).read_text())
    assert shown
    assert set(shown) <= COMMANDS
