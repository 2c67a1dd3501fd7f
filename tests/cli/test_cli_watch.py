"""`halo-async watch`: one line per change, and an end that loses none."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from tests.support.cli_kit import TIMEOUT, finish, login, start, stopped

posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent otherwise there")


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def write(halo_async, **fields: object) -> dict:
    done = halo_async("call", "tickets.upsert", "--body", json.dumps([fields]), "--json")
    (row,) = json.loads(done.out)
    return row


def test_changes_are_lines_of_json_and_told_once_over_runs(halo_async, tmp_path: Path) -> None:
    state = str(tmp_path / "tickets.state")
    first = halo_async("watch", "ticket", "--once", "--state", state)
    assert (first.code, first.out) == (0, "")
    write(halo_async, id=5, summary="Grüße")
    new = write(halo_async, summary="new")
    told = halo_async("watch", "tickets", "--limit", "1", "--every", "0.1s", "--state", state)
    rest = halo_async("watch", "tickets", "--once", "--state", state)
    (one,), (other,) = lines(told.out), lines(rest.out)
    assert (one["resource"], one["id"], one["kind"], one["row"]["summary"]) == (
        "tickets",
        5,
        "updated",
        "Grüße",
    )
    assert (other["id"], other["kind"]) == (new["id"], "created")
    assert one["changed_at"].endswith("Z")
    assert halo_async("watch", "tickets", "--once", "--state", state).out == ""


def test_filters_and_a_beginning_narrow_it(halo_async) -> None:
    rows = [write(halo_async, id=id, summary="changed") for id in (4, 5)]
    client = rows[1]["client_id"]
    told = halo_async("watch", "tickets", f"client_id={client}", "--since", "1h", "--once")
    assert [line["id"] for line in lines(told.out)] == [
        row["id"] for row in rows if row["client_id"] == client
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that a process can handle")
async def test_an_interrupted_watch_continues_behind_what_it_showed(
    halo_emulator: Emulator, halo: Halo, tmp_path: Path
) -> None:
    options = ["watch", "tickets", "--every", "0.1s", "--state", str(tmp_path / "state")]
    process = start(*options, "--since", "1h", env=login(halo_emulator))
    try:
        await halo.tickets.update(5, summary="first")
        assert process.stdout
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
    finally:
        outcome = finish(process)
    assert outcome.code == 143
    await halo.tickets.update(6, summary="second")
    again = finish(start(*options, "--limit", "1", env=login(halo_emulator)))
    assert (first["id"], [line["id"] for line in lines(again.out)]) == (5, [6])


@posix
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--state", "state"], "Run the same command again: it continues from state."),
        ([], "With --state FILE a later run continues where this one ended."),
    ],
)
def test_an_interrupted_watch_says_how_to_go_on(
    halo_emulator: Emulator, tmp_path: Path, options: list[str], said: str
) -> None:
    process = start("watch", "tickets", *options, env=login(halo_emulator), cwd=tmp_path)
    outcome = stopped(process, signal.SIGINT, lambda: halo_emulator.requests("GET /Tickets"))
    assert (outcome.code, outcome.err.splitlines()) == (130, [said, "error: interrupted"])


def test_a_watch_that_is_refused_says_how_to_go_on(halo_async) -> None:
    outcome = halo_async("watch", "tickets", "--once", "--state", "state", HALO_SCOPE="read:customers")
    assert outcome.code == 4
    assert outcome.sentence.endswith("Run the same command again: it continues from state.")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems tell it with the next write")
async def test_a_watch_ends_quietly_with_its_reader_and_not_with_the_next_change(
    halo_emulator: Emulator, halo: Halo
) -> None:
    await halo.tickets.update(5, summary="first")
    process = start("watch", "tickets", "--every", "1h", "--since", "1h", env=login(halo_emulator))
    assert process.stdout
    assert process.stderr
    try:
        assert json.loads(process.stdout.readline())["id"] == 5
        process.stdout.close()
        assert process.wait(TIMEOUT) == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["agent"],
            "'agent' cannot be watched. Name one of asset, client, email_address_book, opportunities,",
        ),
        (["tickets", "--every", "soon"], "--every soon is not a span of time. Write 30s, 5m or 1h."),
        (["tickets", "--every", "0s"], "--every 0s is not a span of time. Write 30s, 5m or 1h."),
        (["tickets", "--limit", "0"], "--limit must be 1 or more. Leave it out for no limit."),
        (["tickets", "--since", "last"], "A watch has no last run."),
        (["tickets", "count=1"], "count is set by the watch and cannot be a filter."),
        (
            ["tickets", "lastupdatefromdate=2026-01-01"],
            "lastupdatefromdate is set by the watch and cannot be",
        ),
        (["tickets", "opn_only=true"], "tickets.list has no parameter 'opn_only'. Did you mean 'open_only'?"),
    ],
)
def test_a_wrong_argument_is_one_sentence(halo_async, arguments: list[str], sentence: str) -> None:
    outcome = halo_async("watch", *arguments)
    assert outcome.code == 2
    assert outcome.sentence.startswith(sentence)
