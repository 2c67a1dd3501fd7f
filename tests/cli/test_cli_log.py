"""`--log json`: standard error is JSON lines alone, and has no secret."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import login


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("place", ["before", "after"])
def test_requests_and_remarks_are_json_lines_without_secrets(
    halo_async: Any, halo_emulator: Emulator, place: str
) -> None:
    call = ("call", "tickets.list", "--limit", "2")
    log = ("--log", "json")
    shown = halo_async(*log, *call) if place == "before" else halo_async(*call, *log)
    found = lines(shown.err)
    assert shown.code == 0
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in found)
    assert all(datetime.fromisoformat(line["time"]).tzinfo is not None for line in found)
    assert any(
        "GET /Tickets" in line["message"] for line in found if line["logger"] == "halo_async.transport"
    )
    assert any("the first 2; --limit N shows more" in line["message"] for line in found)
    assert halo_emulator.client_secret not in shown.err
    assert "Bearer" not in shown.err
    assert shown.out.splitlines()[0].split()[0] == "id"


def test_an_error_is_a_line_too_and_the_next_command_is_as_ever(halo_async: Any) -> None:
    shown = halo_async("call", "tickets.lst", "--log=json")
    (line,) = lines(shown.err)
    assert (shown.code, line["level"]) == (2, "error")
    assert "Did you mean 'tickets.list'" in line["message"]
    assert halo_async("call", "tickets.lst").err.startswith("error: ")


def test_a_retry_is_logged_with_its_reason(
    halo_async: Any, halo_emulator: Emulator, no_waiting: None
) -> None:
    halo_emulator.faults.add([Fault("F27", "GET /Tickets", "503", times=1)])
    shown = halo_async("call", "tickets.list", "--limit", "1", "--log", "json")
    assert shown.code == 0
    assert any("retried" in line["message"] for line in lines(shown.err))


def test_a_fleet_logs_too(run: Any, halo_emulator: Emulator, tmp_path: Any) -> None:
    known = f'instance = "{halo_emulator.url}"\nclient_id = "{halo_emulator.client_id}"'
    (tmp_path / "fleet.toml").write_text(f"[instances.acme]\n{known}\n")
    env = {"HALO_ACME_CLIENT_SECRET": halo_emulator.client_secret}
    shown = run("fleet", "whoami", "--file", "fleet.toml", "--log", "json", **env)
    assert shown.code == 0
    assert lines(shown.err)[-1]["message"] == "1 of 1 instances done"


def test_another_form_is_refused(halo_async: Any, halo_emulator: Emulator) -> None:
    shown = halo_async("whoami", "--log", "xml")
    assert (shown.code, "Use json." in shown.sentence) == (2, True)
    assert login(halo_emulator)["HALO_CLIENT_SECRET"] not in shown.err
