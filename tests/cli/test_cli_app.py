"""The command before any subcommand: help, version, what it loads, what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.cli_kit import command, environment

COMMANDS = (
    "demo",
    "operations",
    "call",
    "export",
    "schema",
    "whoami",
    "login",
    "logout",
    "doctor",
    "generate",
    "diff",
    "drift",
    "emulator",
)


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_that_fits_80_columns(run, name: str) -> None:
    shown = run(name, "--help")
    assert shown.code == 0
    assert f"halo-async {name}" in shown.out.partition("Example")[2]
    assert max(len(line) for line in shown.out.splitlines()) <= 84


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_help_fits_and_breaks_no_name_of_the_command(run, name: str, columns: int) -> None:
    lines = run(*name.split(), "--help", COLUMNS=str(columns)).out.splitlines()
    assert [line for line in lines if line.endswith("halo-")] == []
    assert all(line.isascii() or "…" in line for line in lines)
    examples = [line for line in lines if line.startswith("    halo-async")]
    assert len(examples) >= (1 if name else 0)
    assert max(len(line) for line in lines if line not in examples) <= min(columns, 100)


def test_the_help_names_every_command_and_cuts_none_short(run) -> None:
    shown = run("--help")
    assert shown.code == 0
    assert all(f"\n  {name} " in shown.out for name in COMMANDS)
    assert "..." not in shown.out.partition("Commands:")[2]


def test_help_loads_neither_aiohttp_nor_the_client_nor_rich() -> None:
    code = (
        "import sys; from halo_async.cli import main; assert main(['--help']) == 0;"
        "heavy = {'aiohttp', 'halo_async.client', 'halo_async.api', 'rich.console', 'msgspec', 'attrs'}"
        " | {'asyncio', 'json', 'secrets'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = python(code)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_one_sentence_says_how_to_install_it(missing: str) -> None:
    done = python(
        f"import sys; sys.modules[{missing!r}] = None; from halo_async.cli import main;"
        "sys.exit(main(['operations', 'feedback']))"
    )
    assert done.returncode == 2
    assert done.stderr == 'error: the command needs more packages: pip install "halo-async[cli]"\n'
    assert done.stdout == ""


def test_the_version_is_told() -> None:
    done = command("--version", env={})
    assert done.code == 0
    assert done.out.startswith("halo-async")


def test_no_command_at_all_shows_the_help_and_is_wrong_usage(run) -> None:
    shown = run()
    assert shown.code == 2
    assert "Commands:" in shown.err


def test_a_fault_of_our_own_is_one_sentence_without_a_traceback(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("halo_async._operations.search.find", broken)
    shown = run("operations")
    assert shown.code == 1
    assert shown.sentence == "this is a fault of halo-async, please report it: ZeroDivisionError: oh"


def test_a_reader_that_goes_away_is_no_failure() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "halo_async.cli", "operations"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), b"Traceback" in err, b"BrokenPipe" in err) == (0, False, False)


def test_ctrl_c_while_the_command_loads_is_no_traceback() -> None:
    done = python(
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'halo_async.cli.app': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from halo_async.cli import main; sys.exit(main(['whoami']))"
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: interrupted\n")
