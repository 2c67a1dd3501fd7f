"""An option that would change nothing is refused in one sentence, before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_async.emulator import Emulator

A_FILE = "attachment.get returns a file, written to standard output as it is. Leave {} out."


def write_fleet(folder: Path, emulator: Emulator) -> None:
    known = f'instance = "{emulator.url}"\nclient_id = "{emulator.client_id}"\n'
    (folder / "fleet.toml").write_text(f"[instances.acme]\n{known}")


LOGIN = ["whoami", "--client-secret-file", "secret", "--store", "login.json"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["doctor", "--requests", "50"], "--requests needs --probe."),
        (["doctor", "--needs", ""], "--needs is empty. Give a name, or leave it out for all."),
        (
            ["doctor", "--probe", "--overlay", "measured.json"],
            "--probe measures anew. Leave --overlay out.",
        ),
        (
            ["call", "tickets.list", "--fields", "id", "--select", "summary"],
            "--fields is the earlier name of --select. Give one of them.",
        ),
        (
            ["call", "tickets.list", "--select", " "],
            "--select is empty. Give a name, or leave it out for all.",
        ),
        (
            ["call", "tickets.list", "--output", ""],
            "--output '' is not supported. Use one of table, json, jsonl, csv.",
        ),
        (["call", "attachment.get", "id=1", "--json"], A_FILE.format("--json")),
        (["call", "attachment.get", "id=1", "--output", "csv"], A_FILE.format("--output")),
        (["call", "attachment.get", "id=1", "--select", "id"], A_FILE.format("--select")),
        (["call", "attachment.get", "id=1", "--limit", "1"], A_FILE.format("--limit")),
        (["watch", "tickets", "--once", "--every", "1m"], "--once looks once. Leave --every out."),
        (["mcp", "--http", "--port", "99999"], "--port must be an integer from 0 to 65535, not 99999."),
        (["mcp", "--http", "--port", "-1"], "--port must be an integer from 0 to 65535, not -1."),
        (LOGIN, "--client-secret-file and --store exclude each other. Give one of them."),
        (["call", "tickets.list", *LOGIN[1:]], "--client-secret-file and --store exclude each other."),
    ],
)
def test_what_would_change_nothing_is_refused(
    halo_async, halo_emulator: Emulator, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "secret").write_text(halo_emulator.client_secret)
    shown = halo_async(*arguments)
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence.startswith(sentence)
    assert not list(halo_emulator.requests)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tickets.list", "--select", ""], "--select is empty."),
        (["tickets.list", "--select", "id", "--fields", "id"], "--fields is the earlier name of --select."),
        (["attachment.get", "id=1"], "attachment.get returns a file. Call it for one instance"),
    ],
)
def test_a_fleet_refuses_it_for_all_at_once(
    run, halo_emulator: Emulator, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    write_fleet(tmp_path, halo_emulator)
    shown = run("fleet", "call", *arguments, "--file", "fleet.toml")
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence.startswith(sentence)
    assert not list(halo_emulator.requests)


def test_a_table_of_a_fleet_says_which_instance_each_row_is_of(
    run, halo_emulator: Emulator, tmp_path: Path
) -> None:
    write_fleet(tmp_path, halo_emulator)
    secret = {"HALO_ACME_CLIENT_SECRET": halo_emulator.client_secret}
    shown = run("fleet", "call", "tickets.list", "--limit", "1", "--file", "fleet.toml", **secret)
    assert shown.code == 0
    assert [line.split()[0] for line in shown.out.splitlines()] == ["instance", "acme"]


def test_the_doctor_acts_on_measurements_as_every_command_does(halo_async) -> None:
    shown = halo_async("doctor", "--overlay", "nowhere.json")
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence.startswith("nowhere.json")
