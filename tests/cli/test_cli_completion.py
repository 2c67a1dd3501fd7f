"""Completion in shells: from an index that is current, in the shells themselves, and without loading the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from halo_async.cli.completion import INDEX, candidates, print_candidates
from halo_async.cli.completion_scripts import SCRIPTS
from tests.support.cli_kit import environment
from tests.support.completion_index import text

PROFILES = """
[instances.acme]
instance = "acme.halopsa.com"
groups = ["north", "all"]
[instances.globex]
instance = "globex.haloitsm.com"
groups = ["all"]
"""


def values(*words: str) -> list[str]:
    return [value for value, _ in candidates(words)]


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "halo-async" / "profiles.toml"
    file.parent.mkdir()
    file.write_text(PROFILES)
    monkeypatch.setenv("XDG_CONFIG_HOME" if os.name != "nt" else "APPDATA", str(tmp_path))
    monkeypatch.delenv("HALO_FLEET", raising=False)
    return file


def test_the_index_is_that_of_the_commands_and_operations() -> None:
    """After a deliberate change: `python -m tests.support.completion_index`."""
    assert json.loads(INDEX.read_text("utf-8")) == json.loads(text())


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (["who"], ["whoami"]),
        (["profiles", ""], ["list", "show", "add", "remove", "default"]),
        (["fleet", "ex"], ["export"]),
        (["call", "ticke"], ["ticket_approval.", "tickets."]),
        (["call", "tickets.li"], ["tickets.list"]),
        (["call", "tickets.list", "open_o"], ["open_only="]),
        (["call", "tickets.list", "open_only=t"], ["open_only=true"]),
        (["call", "--json", "--limit", "5", "tickets.list", "open_o"], ["open_only="]),
        (["call", "tickets.list", "--outp"], ["--output"]),
        (["call", "tickets.list", "--output", "js"], ["json", "jsonl"]),
        (["call", "tickets.list", "--output=cs"], ["--output=csv"]),
        (["fleet", "call", "client.ge"], ["client.get"]),
        (["export", "tick"], ["tickets"]),
        (["export", "tickets", "--format", "par"], ["parquet"]),
        (["export", "tickets", "cli"], ["client"]),
        (["watch", "ti"], ["tickets"]),
        (["watch", "tickets", "open_o"], ["open_only="]),
        (["mcp", "--resources", "actions,tick"], ["actions,tickets"]),
        (["--log", "json", "call", "tickets.li"], ["tickets.list"]),
        (["completion", "po"], ["powershell"]),
        (["whoami", "--profile", ""], ["acme", "globex"]),
        (["profiles", "remove", "g"], ["globex"]),
        (["fleet", "whoami", "--group", ""], ["north", "all"]),
        (["fleet", "whoami", "--only", "acme,g"], ["acme,globex"]),
        (["generate", ""], []),
        (["call", "nothing.known", ""], []),
        (["call", "tickets.list", "--limit", ""], []),
    ],
)
def test_what_can_follow_is_offered(words: list[str], some: list[str], profiles: Path) -> None:
    found = values(*words)
    assert set(some) <= set(found)
    assert all(value.startswith(words[-1]) for value in found)
    if not some:
        assert found == []


def test_an_option_that_is_given_is_not_offered_again() -> None:
    assert "--limit" not in values("call", "tickets.list", "--limit", "5", "--")
    assert "open_only=" not in values("call", "tickets.list", "open_only=true", "")
    assert "--where" in values("export", "tickets", "--where", "tickets.open_only=true", "--")


def test_the_fleet_s_own_file_names_its_instances(profiles: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(PROFILES.replace("acme", "initech"))
    assert values("fleet", "whoami", "--file", str(other), "--only", "i") == ["initech"]
    other.write_text("not [ toml")
    assert values("fleet", "whoami", "--file", str(other), "--only", "") == []


def test_completing_loads_neither_typer_nor_the_operations() -> None:
    code = (
        "import sys; from halo_async.cli import main; assert main(['call', 'tickets.li']) == 0;"
        "heavy = {'typer', 'rich', 'asyncio', 'attrs', 'msgspec', 'halo_async.api', 'halo_async.cli.app', 'shlex'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(_HALO_ASYNC_COMPLETE="zsh"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "tickets.list\tGET /Tickets\n", "")


@pytest.fixture
def shell_env(tmp_path: Path, profiles: Path) -> dict[str, str]:
    """An environment in which the command is in reach by its name."""
    program = tmp_path / "bin" / "halo-async"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m halo_async.cli "$@"\n')
    program.chmod(0o755)
    for name, script in SCRIPTS.items():
        (tmp_path / f"{name}.script").write_text(script)
    return environment(
        PATH=f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        XDG_CONFIG_HOME=str(tmp_path),
        HOME=str(tmp_path),
    )


def shown(program: str, code: str, env: dict[str, str], folder: Path, *options: str) -> list[str]:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [path, *options, "-c", code],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("halo-async call tickets.li", ["tickets.list"]),
        ("halo-async call tickets.list open_only=t", ["true"]),
        ("halo-async whoami --profile g", ["globex"]),
        ("halo-async call 'tickets.li", ["tickets.list"]),
        ("halo-async profiles re", ["remove"]),
    ],
)
def test_bash_completes(line: str, found: list[str], shell_env: dict[str, str], tmp_path: Path) -> None:
    code = (
        'source bash.script; compopt() { :; }; COMP_LINE="$LINE" COMP_POINT=${#LINE};'
        " _halo_async halo-async; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    assert shown("bash", code, {**shell_env, "LINE": line}, tmp_path) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("halo-async call tickets.li", ["tickets.list\tGET /Tickets"]),
        ("halo-async call tickets.list open_on", ["open_only=\tbool"]),
        ("halo-async whoami --profile g", ["globex\tglobex.haloitsm.com"]),
    ],
)
def test_fish_completes(line: str, found: list[str], shell_env: dict[str, str], tmp_path: Path) -> None:
    code = 'source fish.script; complete -C "$LINE"'
    assert shown("fish", code, {**shell_env, "LINE": line}, tmp_path) == found


def test_zsh_takes_the_script_and_its_words(shell_env: dict[str, str], tmp_path: Path) -> None:
    code = (
        "autoload -Uz compinit; compinit -u -d $HOME/dump; source ./zsh.script; print ${_comps[halo-async]};"
        'compadd() { print -r -- "${@[-1]}"; }; words=(halo-async call tickets.li); CURRENT=3; _halo_async'
    )
    assert shown("zsh", code, shell_env, tmp_path, "-f") == ["_halo_async", "tickets.list"]


@pytest.mark.parametrize(("words", "said"), [(["call", "=tickets.li"], "tickets.list"), (["="], "call")])
def test_the_last_word_of_powershell_is_marked_since_it_leaves_out_empty_ones(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_HALO_ASYNC_COMPLETE", "powershell")
    assert print_candidates(words) == 0
    assert said in [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()]


def test_powershell_completes(shell_env: dict[str, str], tmp_path: Path) -> None:
    code = (
        ". ./powershell.ps1; $line = 'halo-async call tickets.li';"
        "[System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)"
        ".CompletionMatches | ForEach-Object { $_.CompletionText }"
    )
    (tmp_path / "powershell.ps1").write_text(SCRIPTS["powershell"])
    assert shown("pwsh", code, shell_env, tmp_path, "-NoProfile") == ["tickets.list"]


def test_the_command_prints_the_script_of_a_shell(run) -> None:  # type: ignore[no-untyped-def]
    for name, script in SCRIPTS.items():
        assert run("completion", name).out == script
    assert run("completion", SHELL="/usr/bin/fish").out == SCRIPTS["fish"]
    told = run("completion", "tcsh")
    assert (told.code, told.sentence) == (
        2,
        "tcsh is not supported. Name one of bash, zsh, fish, powershell.",
    )
