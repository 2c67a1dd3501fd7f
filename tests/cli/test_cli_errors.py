"""Wrong input: one clear sentence on stderr, nothing on stdout, and the exit code that says whose fault it is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from halo_async.cli.app import app
from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import command, environment, login


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nosuch"], "No such command 'nosuch'"),
        (["whoami", "extra"], "unexpected extra argument"),
        (["whoami", "--nosuch"], "No such option"),
        (["export", "tickets"], "Missing option '--out'"),
        (["export", "--out", "x"], "Missing argument"),
        (["export", "tickts", "--out", "x"], "Did you mean 'tickets'?"),
        (["export", "tickets", "--out", "full"], "full is not empty. Name a new or empty folder"),
        (["demo", "--out", "full"], "full is not empty. Name a new or empty folder"),
        (["export", "tickets", "--out", "full/a"], "full/a is a file"),
        (["export", "tickets", "--out", "full/a/b"], "full/a/b cannot be"),
        (["call", "tickets.create"], "no operation 'tickets.create'. Did you mean 'tickets.upsert'?"),
        (["call", "tickets.edit"], "no operation 'tickets.edit'. Did you mean 'tickets.upsert'?"),
        (["call", "ticket.remove"], "no operation 'tickets.remove'. Did you mean 'tickets.delete'?"),
        (["call", "tickets.lst"], "no operation 'tickets.lst'. Did you mean 'tickets.list'?"),
        (["call", "tickets"], "Name one of tickets.list, tickets.get"),
        (["call", "tickets.list", "open_onl=1"], "no parameter 'open_onl'. Did you mean 'open_only'?"),
        (["call", "tickets.list", "agent_id=x"], "agent_id must be an integer, not 'x'"),
        (["call", "tickets.list", "client_id=12.0"], "client_id must be an integer, not '12.0'"),
        (["call", "tickets.list", "client_ids=1,x"], "client_ids must be an integer, not 'x'"),
        (
            ["call", "tickets.list", "client_ids=[]"],
            "client_ids is empty, and would filter nothing. Leave it out",
        ),
        (["call", "tickets.list", "startdate=last monday"], "startdate must be a date such as 2026-05-31"),
        (["call", "tickets.get", "id=95.0"], "id must be an integer, not '95.0'"),
        (
            ["call", "tickets.upsert", "--body", '{"sumary": "x"}'],
            "no field 'sumary'. Did you mean 'summary'?",
        ),
        (
            ["call", "tickets.upsert", "--body", '{"client_id": 95.0}'],
            "client_id takes an int, not a float 95.0. Give 95",
        ),
        (["call", "tickets.upsert", "--body", '{"summary": 7}', "--dry-run"], "Give '7'."),
        (
            ["export", "tickets", "--out", "x", "--filter", "tickets.client_id=x"],
            "client_id must be an integer",
        ),
        (["export", "tickets", "--out", "x", "--filter", "tickets.client_ids=[]"], "client_ids is empty"),
        (["call", "tickets.list", "open_only=maybe"], "open_only must be true or false, not 'maybe'"),
        (["call", "tickets.list", "agent_id=1", "agent_id=2"], "agent_id is given 2 times"),
        (["call", "tickets.list", "5"], "'5' is not NAME=VALUE"),
        (["call", "tickets.list", "open_only"], "Write open_only=VALUE."),
        (["call", "tickets.get"], "tickets.get needs id=VALUE"),
        (["call", "tickets.get", "id=.."], "an integer"),
        (["call", "tickets.list", "--body", "{}"], "takes no body"),
        (["call", "tickets.upsert"], "tickets.upsert needs a body"),
        (["call", "tickets.upsert", "--body", "{x"], "--body is not valid JSON"),
        (["call", "tickets.upsert", "--body", "5"], "a JSON object or a list of them"),
        (["call", "tickets.upsert", "--body", "@nofile"], "nofile cannot be read (no such file"),
        (["whoami", "--rate-limit", "5"], "Write REQUESTS/SECONDS, for example 300/300, or none"),
        (["whoami", "--rate-limit", "0/5"], "Write REQUESTS/SECONDS, for example 300/300, or none"),
        (["whoami", "--instance", "http://acme.example"], "Use https://"),
        (
            ["whoami", "--instance", "ht!tp://acme.example"],
            "The instance is not a valid address. Use its host",
        ),
        (["whoami", "--instance", ""], "Missing --instance (or HALO_INSTANCE)"),
        (["whoami", "--client-secret-file", "nofile"], "The secret in nofile cannot be read"),
        (["whoami", "--client-secret-file", "full/empty"], "must contain only the secret"),
        (["generate", "full/a", "--out", "x"], "not an OpenAPI document"),
        (["generate", "nofile.json", "--out", "x"], "nofile.json does not exist. Give the path"),
        (["emulator", "--port", "70000"], "--port must be an integer from 0 to 65535, not 70000"),
        (["emulator", "--rate-limit", "soon"], "Write REQUESTS/SECONDS"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2(halo_async, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("text")
    (tmp_path / "full" / "empty").write_text("\n")
    shown = halo_async(*arguments)
    assert (shown.code, shown.out) == (2, "")
    assert sentence in shown.sentence
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]


def _choosy() -> Iterator[tuple[str, str]]:
    """Every command with each of its options that takes a number or one of some words."""
    for name, found in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for parameter in found.params:
            if re.search("Int|Float|Choice", type(parameter.type).__name__):
                yield name, parameter.opts[-1]


@pytest.mark.parametrize(("name", "option"), [*_choosy()])
def test_a_value_that_an_option_does_not_take_is_one_sentence_with_those_it_takes(
    run, name: str, option: str
) -> None:
    shown = run(name, option, "excel")
    assert shown.code == 2
    kinds = r"an integer( from -?\d+ to \d+| of \d+ or more)?|a number|[\w, ]+ or \w+"
    assert re.fullmatch(
        rf"{option} must be ({kinds}), not 'excel'\. `halo-async {name} --help` shows how\.", shown.sentence
    )


@pytest.mark.parametrize(
    "given", [["--client-secret", "canary"], ["--client-secret=canary"]], ids=["apart", "joined"]
)
def test_a_secret_as_an_argument_is_refused_and_not_repeated(run, given: list[str]) -> None:
    shown = run("whoami", *given)
    assert shown.code == 2
    assert "A secret is never an argument" in shown.sentence
    assert "canary" not in shown.sentence


def test_a_missing_secret_is_named_where_nobody_can_be_asked(halo_emulator: Emulator) -> None:
    env = {**login(halo_emulator), "HALO_CLIENT_SECRET": ""}
    shown = command("whoami", env=env)
    assert shown.code == 2
    assert shown.sentence == (
        "No client secret was given. Set HALO_CLIENT_SECRET, give --client-secret-file FILE, or run `halo-async login`."
    )


def test_without_the_generator_one_sentence_says_how_to_install_it(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.cli.generate.GENERATOR", "halo_generator_that_is_not_there")
    shown = run("generate", "acme.halopsa.com", "--out", "x")
    assert shown.code == 2
    assert "pip install halo-async-generator" in shown.sentence


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"HALO_CLIENT_SECRET": "wrong-canary"}, "Check the client id and the client secret"),
        ({"HALO_TENANT": "other"}, "wrong tenant"),
        ({"HALO_INSTANCE": "no-such-host.invalid"}, "No such host name"),
        ({"HALO_INSTANCE": "http://127.0.0.1:9"}, "Connection refused"),
    ],
    ids=["secret", "tenant", "host", "port"],
)
@pytest.mark.parametrize(
    "arguments", [("whoami",), ("export", "client", "--out", "x"), ("call", "team.list")]
)
def test_a_login_that_fails_is_exit_3(halo_async, tmp_path: Path, arguments, env, sentence) -> None:
    shown = halo_async(*arguments, **env)
    assert (shown.code, shown.out) == (3, "")
    assert sentence in shown.sentence
    assert "wrong-canary" not in shown.sentence
    assert not any(tmp_path.iterdir())


def test_no_such_record_is_exit_4(halo_async) -> None:
    shown = halo_async("call", "tickets.get", "id=99999999")
    assert (shown.code, shown.out) == (4, "")
    assert shown.sentence.startswith("GET /Tickets/99999999: 404")


@pytest.mark.halo(faults=[Fault("F18", "GET /Invoice")])
def test_a_refused_export_is_exit_4(halo_async) -> None:
    shown = halo_async("export", "invoice", "--out", "x")
    assert shown.code == 4
    assert "error: invoice is missing:" in shown.err


@pytest.mark.halo(faults=[Fault("F18", "GET /Invoice")])
def test_an_export_of_which_one_resource_is_refused_is_exit_5(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "invoice", "client", "--out", "x")
    assert shown.code == 5
    assert "error: invoice is missing:" in shown.err
    assert (tmp_path / "x" / "client.jsonl").is_file()


@pytest.mark.halo(faults=[Fault("F36", "GET /Tickets")])
def test_an_incomplete_list_is_exit_5(halo_async) -> None:
    shown = halo_async("call", "tickets.list", "--json")
    assert shown.code == 5
    assert "tickets.list: Page 2 is the same as page 1" in shown.err


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX closes the output")
def test_a_closed_output_is_told_and_a_closed_stderr_does_not_mix_errors_into_results() -> None:
    def closed(stream: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = shlex.join([sys.executable, "-m", "halo_async.cli", *arguments])
        return subprocess.run(
            ["sh", "-c", f"{line} {stream}>&-"],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    shown = closed("1", "operations", "tickets.get")
    assert (shown.returncode, shown.stderr) == (
        2,
        "error: Standard output is closed. Leave it open, or send it to a file or to /dev/null.\n",
    )
    shown = closed("2", "call", "tickets.lst")
    assert (shown.returncode, shown.stdout) == (2, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_an_output_that_cannot_be_written_is_told_with_the_way_out() -> None:
    line = shlex.join([sys.executable, "-m", "halo_async.cli", "operations"])
    shown = subprocess.run(
        ["sh", "-c", f"{line} > /dev/full"], env=environment(), capture_output=True, text=True, check=False
    )
    assert (shown.returncode, shown.stderr) == (
        2,
        "error: The output cannot be written (no space left on device). Free some space, or send it elsewhere.\n",
    )


def test_a_path_that_cannot_be_used_is_told_with_the_way_out(halo_async) -> None:
    shown = halo_async("watch", "tickets", "--state", "nodir/state", "--once")
    assert shown.code == 2
    assert shown.sentence == "nodir/state: no such file or directory. Check the path and its permissions."
