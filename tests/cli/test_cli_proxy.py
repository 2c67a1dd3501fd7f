"""The environment's proxy: every command goes through it, except to this machine and where `NO_PROXY` says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_async.emulator import Emulator

NOBODY = "http://user:canary-proxy@127.0.0.1:1"
"""A proxy that is not there: who goes through it says so."""
ELSEWHERE = "https://127.0.0.1:9"
THE_PROXY = "The proxy cannot be reached (127.0.0.1:9). Check the proxy's address, user name and password."
FLEET = f"""
[instances.acme]
instance = "{ELSEWHERE}"
client_id = "client"
"""


@pytest.fixture(autouse=True)
def proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "http_proxy", "no_proxy", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", NOBODY)
    monkeypatch.setenv("HTTP_PROXY", NOBODY)


@pytest.mark.parametrize(
    "command",
    [
        ["call", "tickets.list"],
        ["whoami"],
        ["doctor"],
        ["export", "tickets", "--out", "out"],
        ["login", "--wait", "1"],
    ],
    ids=lambda command: command[0],
)
def test_a_command_goes_through_the_proxy_of_the_environment(
    halo_async, no_waiting, command: list[str]
) -> None:
    shown = halo_async(*command, HALO_INSTANCE=ELSEWHERE)
    assert shown.code != 0
    assert THE_PROXY in shown.out + shown.err
    assert "canary-proxy" not in shown.out + shown.err


def test_a_fleet_goes_through_it(halo_async, no_waiting, tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET)
    shown = halo_async(
        "fleet", "call", "tickets.list", "--file", "fleet.toml", HALO_ACME_CLIENT_SECRET="secret"
    )
    assert THE_PROXY in shown.out + shown.err


def test_no_proxy_names_instances_that_are_reached_directly(halo_async, no_waiting) -> None:
    shown = halo_async("whoami", HALO_INSTANCE=ELSEWHERE, NO_PROXY="127.0.0.1")
    assert "Check the instance's address." in shown.err
    assert "roxy" not in shown.err


def test_an_instance_on_this_machine_needs_no_proxy(halo_async, halo_emulator: Emulator) -> None:
    assert halo_async("call", "tickets.list", "--limit", "1").code == 0
    assert halo_emulator.requests("GET /Tickets")


def test_a_proxy_that_is_none_is_told(halo_async) -> None:
    shown = halo_async(
        "whoami", HALO_INSTANCE=ELSEWHERE, HTTPS_PROXY="socks5://user:canary-proxy@proxy.example"
    )
    assert shown.code == 2
    assert "HTTPS_PROXY in the environment is not a URL such as http://proxy.example:8080." in shown.err
    assert "canary-proxy" not in shown.err


def test_a_name_that_only_the_proxy_knows_does_not_stop_the_doctor(halo_async, no_waiting) -> None:
    shown = halo_async("doctor", HALO_INSTANCE="https://halo.no-such-host.invalid")
    lines = [line.split(maxsplit=2)[:2] for line in shown.out.splitlines()]
    assert lines == [["name", "ok"], ["tls", "ok"], ["instance", "wrong"]]
    assert "halo.no-such-host.invalid is not known here: the proxy looks it up" in shown.out
