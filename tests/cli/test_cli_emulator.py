"""`halo-async emulator`, `whoami` and `generate`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli_kit import command, finish, start


def started(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    process = start("emulator", "--port", "0", *arguments, env={})
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(3)]
    return process, dict(line.split("=", 1) for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_the_emulator_prints_its_login_serves_and_ends_cleanly(number: signal.Signals) -> None:
    process, env = started("--seed", "3", "--tickets", "7")
    try:
        assert list(env) == ["HALO_INSTANCE", "HALO_CLIENT_ID", "HALO_CLIENT_SECRET"]
        shown = command("call", "tickets.list", "--json", env=env)
        process.send_signal(number)
    finally:
        ended = finish(process)
    assert (shown.code, len(json.loads(shown.out))) == (0, 7)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_port_that_is_taken_is_one_sentence(run, halo_emulator) -> None:
    shown = run("emulator", "--port", halo_emulator.url.rpartition(":")[2])
    assert (shown.code, shown.out) == (2, "")
    assert "Use --port 0" in shown.sentence


def test_whoami_shows_the_login(halo_async, halo_emulator) -> None:
    shown = halo_async("whoami", HALO_SCOPE="all")
    facts = dict(line.split(None, 1) for line in shown.out.splitlines())
    assert shown.code == 0
    assert facts["instance"] == halo_emulator.url
    assert facts["tenant"] == halo_emulator.tenant
    assert facts["scope"] == "all"
    assert facts["version"].count(".") == 2
    assert "@" in facts["agent"]


def test_whoami_says_what_a_login_may_not_see(halo_async, halo_emulator) -> None:
    from halo_async.emulator import Fault

    halo_emulator.faults.add([Fault("F18", "GET /Agent/me"), Fault("F18", "GET /InstanceInfo")])
    shown = halo_async("whoami")
    facts = dict(line.split(None, 1) for line in shown.out.splitlines())
    assert (shown.code, facts["agent"], facts["version"]) == (0, *["not shown to this login"] * 2)


def test_options_win_over_the_environment(halo_async, halo_emulator, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{halo_emulator.client_secret}\n")
    shown = halo_async(
        *("whoami", "--instance", f"{halo_emulator.url}/api/", "--client-id", halo_emulator.client_id),
        *("--client-secret-file", "secret", "--tenant", str(halo_emulator.tenant), "--rate-limit", "10/1"),
        HALO_INSTANCE="http://127.0.0.1:9",
        HALO_CLIENT_ID="other",
        HALO_CLIENT_SECRET="other",
        HALO_TENANT="other",
    )
    assert (shown.code, shown.err) == (0, "")


def test_the_secret_is_asked_for_on_a_terminal(run, halo_emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def type_secret(prompt: str) -> str:
        asked.append(prompt)
        return halo_emulator.client_secret

    monkeypatch.setattr("getpass.getpass", type_secret)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    shown = run("whoami", "--instance", halo_emulator.url, "--client-id", halo_emulator.client_id)
    assert (shown.code, asked) == (0, ["Client secret: "])


TINY = {
    "openapi": "3.0.1",
    "info": {"title": "t", "version": "v2"},
    "paths": {
        "/Team": {
            "get": {
                "tags": ["Team"],
                "parameters": [{"name": "newest", "in": "query", "schema": {"type": "int"}}],
                "responses": {"200": {"description": "Success"}},
            }
        }
    },
    "components": {"schemas": {}},
}


def test_generate_runs_the_generator(halo_async, tmp_path: Path) -> None:
    pytest.importorskip("halo_generator")
    (tmp_path / "document.json").write_text(json.dumps(TINY))
    shown = halo_async("generate", "document.json", "--out", "tiny_halo", "--report", "report.json")
    assert (shown.code, shown.err) == (0, "")
    assert "newest: int" in (tmp_path / "tiny_halo" / "api" / "team.py").read_text()
    assert json.loads((tmp_path / "report.json").read_text())
    assert os.listdir(tmp_path / "tiny_halo" / "spec") == ["halo.openapi.json"]
