"""What a command waits for is shown while it waits, and the time to go is that of the quota."""

from __future__ import annotations

import json
import re
import time

import pytest

from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import finish, login, start

USED_UP = re.compile(
    r"waiting \d+ (min|s).*, until \d\d:\d\d:\d\d: the quota of 2 requests in 300 s is used up"
)


@pytest.fixture
def slow(halo_async, no_waiting):
    """The command at an instance whose quota is nearly used up by every command, on the virtual clock."""
    return lambda *arguments, **env: halo_async(*arguments, HALO_RATE_LIMIT="2/300", **env)


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "tickets", "client", "site", "--dry-run"),
        ("call", "tickets.list", "page_size=1", "--limit", "5"),
        ("call", "tickets.list", "page_size=1", "--limit", "5", "--json"),
        ("export", "tickets", "--out", "x"),
        ("export", "tickets", "--out", "-"),
        ("export", "tickets", "--out", "y", "--progress", "plain"),
        ("whoami",),
    ],
    ids=["dry run", "call", "call --json", "export", "export to stdout", "plain", "whoami"],
)
def test_a_wait_for_the_quota_is_shown_by_every_command(slow, arguments) -> None:
    shown = slow(*arguments)
    assert shown.code == 0, shown
    waits = [line for line in shown.err.splitlines() if line.startswith("waiting")]
    assert waits
    assert all(USED_UP.fullmatch(line) for line in waits)
    assert "waiting" not in shown.out


@pytest.mark.halo(faults=[Fault("F23", "GET /Tickets", times=1, options={"retry_after": 3})])
def test_a_wait_is_shown_while_it_lasts_where_the_output_goes_into_a_pipe(halo_emulator: Emulator) -> None:
    running = start("call", "tickets.list", "--limit", "1", "--json", env=login(halo_emulator))
    assert running.stderr is not None
    line = running.stderr.readline()
    has_ended = running.poll() is not None
    shown = finish(running)
    assert re.match(r"waiting 3 s.*: the instance asks for it \(429 with Retry-After\)", line)
    assert (has_ended, shown.code, shown.err) == (False, 0, "")
    assert len(json.loads(shown.out)) == 1


def test_each_wait_is_shown_once_however_many_commands_ran_before(slow) -> None:
    arguments = ("call", "tickets.list", "page_size=1", "--limit", "2")
    first, second = slow(*arguments), slow(*arguments)
    assert first.err.count("waiting") == second.err.count("waiting") == 1


@pytest.mark.halo(faults=[Fault("F23", "GET /Tickets", times=1, options={"retry_after": 5})])
def test_a_pause_that_the_instance_asks_for_is_shown_by_the_doctor(halo_async, no_waiting) -> None:
    shown = halo_async("doctor")
    assert shown.code == 0, shown
    assert ": the instance asks for it (429 with Retry-After)" in shown.err


def test_progress_for_machines_has_waits_as_objects_too(slow) -> None:
    shown = slow("export", "tickets", "--out", "x", "--progress", "json")
    told = [json.loads(line) for line in shown.err.splitlines()]
    waits = [item for item in told if "waiting" in item]
    assert waits
    assert waits[0]["waiting"] == "the quota of 2 requests in 300 s is used up"
    assert 0 < waits[0]["seconds"] <= 300


def test_whoever_asks_for_no_progress_gets_none(slow) -> None:
    assert slow("export", "tickets", "--out", "x", "--progress", "none").err == ""


def seconds_of(note: str) -> float:
    """`15 min`, `12 min 5 s` in seconds."""
    units = {"h": 3600, "min": 60, "s": 1}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+) (h|min|s)", note))


@pytest.mark.parametrize("limit", ["2/300", "3/60", "300/300", "none"])
def test_the_dry_run_and_the_running_export_reckon_alike(
    halo_async, no_waiting, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    dry = halo_async("export", "tickets", "--dry-run", HALO_RATE_LIMIT=limit)
    last = dry.out.splitlines()[-1]
    told = seconds_of(last.partition("take")[2])
    shown = halo_async("export", "tickets", "--out", "x", "--progress", "json", HALO_RATE_LIMIT=limit)
    steps = [item for item in map(json.loads, shown.err.splitlines()) if "state" in item]
    first = next(step for step in steps if step["total"] is not None)
    # The dry run counts the requests with which the export finds out how to read: 3 beyond those for rows.
    window = float(limit.partition("/")[2] or 0)
    assert abs(first["quota_seconds"] - told) <= 2 * window
    assert (first["quota_seconds"] > 0) == (told > 0)
    assert steps[-1]["quota_seconds"] == 0
    assert steps[-1]["requests_left"] == 0


def test_time_is_told_by_the_zone_of_the_machine(slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        (line,) = slow("call", "tickets.list", "page_size=1", "--limit", "2").err.splitlines()[:1]
        there = time.strftime("%H", time.localtime(1_700_000_000 + 300))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert f"until {there}:" in line
