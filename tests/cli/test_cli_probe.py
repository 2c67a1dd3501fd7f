"""`halo-async doctor --probe`: table, file, budget, and nothing of the instance in what is printed."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from halo_async import RateLimit
from halo_async.emulator import Behaviour, Churn, Emulator
from halo_async.emulator.service import EmulatorService
from halo_async.emulator.thread import in_thread
from halo_async.measurements import Measurements
from tests.support.cli_kit import login
from tests.support.probed_instance import QUESTIONS, disable_some, planted

CANARY = "CanaryOfAText"
OTHERS = {
    "tenant": "canary-tenant",
    "client_id": "canary-client-id",
    "client_secret": "canary-secret-of-an-app",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT").match


def _with_canaries(value: Any) -> Any:
    """Put the canary into every text, except dates, which have no room for one."""
    if isinstance(value, dict):
        own = {"id": value["id"]} if "id" in value else {}
        return {**{name: _with_canaries(item) for name, item in value.items()}, **own, "a_field": CANARY}
    if isinstance(value, list):
        return [_with_canaries(item) for item in value]
    return f"{CANARY} {value}" if isinstance(value, str) and not _DATE(value) else value


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every response of the API, errors too, has a canary in every text and in a header."""
    real = EmulatorService.respond

    def respond(self, entry, match, origin):
        reply = real(self, entry, match, origin)
        if match is None:
            return reply
        headers = {**reply.headers, "X-Note": CANARY, "Server": CANARY}
        if "json" not in reply.content_type or not reply.body:
            return attrs.evolve(reply, headers=headers)
        body = json.dumps(_with_canaries(json.loads(reply.body))).encode()
        return attrs.evolve(reply, body=body, headers=headers)

    monkeypatch.setattr(EmulatorService, "respond", respond)


@pytest.fixture
def different(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An instance that differs in all points, on a loop of its own; a test may choose its seed."""
    seed = getattr(request, "param", 5)
    options = {**OTHERS, **planted(QUESTIONS, seed), "churn": Churn(update=1.0)}
    with in_thread(seed=seed, tickets=230, rate_limit=RateLimit(1000, 300), **options) as emulator:
        disable_some(emulator)
        yield emulator


def test_a_table_and_the_file_say_what_differs(run, different: Emulator, tmp_path) -> None:
    shown = run(
        "doctor", "--probe", "--out", "measurements.json", **login(different), HALO_TENANT=OTHERS["tenant"]
    )
    assert (shown.code, shown.err) == (0, "")
    differing = {line.split()[0] for line in shown.out.splitlines() if line.endswith(" yes")}
    assert differing == set(QUESTIONS)
    assert f"differs: {', '.join(sorted(QUESTIONS))}" in shown.out
    path = tmp_path / "measurements.json"
    assert path.read_text() == shown.out[shown.out.index("{\n") :]
    assert path.stat().st_mode & 0o077 == 0
    assert Measurements.read(path).repeats("tickets") in (True, False)


@pytest.mark.parametrize("different", range(1, 21), indirect=True)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
def test_nothing_of_the_instance_is_printed_written_or_logged(
    run, different: Emulator, canaries, caplog: pytest.LogCaptureFixture, tmp_path, form
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = run(
        "doctor", "--probe", *form, "--out", "p.json", **login(different), HALO_TENANT=OTHERS["tenant"]
    )
    assert (shown.code, shown.err) == (0, "")
    probed = (
        json.dumps(json.loads(shown.out)["probe"]) if form else shown.out[shown.out.index("\nquestion") :]
    )
    written = (tmp_path / "p.json").read_text()
    assert set(json.loads(written)["measured"]) == set(QUESTIONS)
    host, port = different.url.removeprefix("http://").split(":")
    for text in (probed, written):
        assert not [word for word in (CANARY, host, port, *OTHERS.values()) if word in text]
    everything = shown.out + written + caplog.text
    assert not [word for word in (CANARY, OTHERS["client_secret"]) if word in everything]


def test_all_requests_of_the_command_keep_the_number(run, different: Emulator) -> None:
    shown = run("doctor", "--probe", "--requests", "25", **login(different), HALO_TENANT=OTHERS["tenant"])
    assert shown.code == 0
    assert "left out: no requests left" in shown.out
    assert len(different.requests) == 25
    assert {entry.method for entry in different.requests if entry.api} == {"GET"}


def test_as_json_the_findings_are_for_programs(run, different: Emulator) -> None:
    shown = run("doctor", "--probe", "--json", **login(different), HALO_TENANT=OTHERS["tenant"])
    found = json.loads(shown.out)["probe"]
    assert {item["question"] for item in found["findings"] if item["differs"]} == set(QUESTIONS)
    assert found["measurements"]["measured"]["rate_limit_headers"] == [
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
    ]
    assert found["requests"] <= 74


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--probe", "--requests", "9"], "--requests must be a number from 10 up."),
        (["--probe", "--out", "there.json"], "exists already. Name a new file, or delete it."),
        (["--out", "new.json"], "--out needs --probe."),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_sent(
    halo_async, halo_emulator: Emulator, tmp_path, options, words
) -> None:
    (tmp_path / "there.json").write_text("mine")
    shown = halo_async("doctor", *options)
    assert (shown.code, words in shown.sentence) == (2, True)
    assert not list(halo_emulator.requests)
    assert (tmp_path / "there.json").read_text() == "mine"


def test_a_connection_that_fails_is_not_probed(halo_async, tmp_path) -> None:
    shown = halo_async("doctor", "--probe", "--out", "new.json", HALO_CLIENT_SECRET="wrong")
    assert shown.code == 3
    assert "question" not in shown.out
    assert not (tmp_path / "new.json").exists()


@pytest.fixture
def repeating() -> Iterator[Emulator]:
    """An instance that does not understand commas."""
    with in_thread(tickets=100, rate_limit=None, behaviour=Behaviour(several_ids="repeats")) as emulator:
        yield emulator


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_command_acts_on_the_measurements(run, repeating: Emulator, by: str) -> None:
    env = login(repeating)
    assert run("doctor", "--probe", "--out", "measurements.json", **env).code == 0
    call = ["call", "tickets.list", "client_ids=1,2", "--json"]
    assert json.loads(run(*call, **env).out) == []
    if by == "option":
        shown = run(*call, "--overlay", "measurements.json", **env)
    else:
        shown = run(*call, **env, HALO_OVERLAY="measurements.json")
    assert {row["client_id"] for row in json.loads(shown.out)} == {1, 2}


def test_a_probe_does_not_act_on_measurements(run, repeating: Emulator, tmp_path) -> None:
    (tmp_path / "old.json").write_text(
        '{"halo_measurements": 1, "measured": {"id_lists": {"tickets": "repeats"}}}'
    )
    shown = run("doctor", "--probe", "--json", **{**login(repeating), "HALO_OVERLAY": "old.json"})
    assert json.loads(shown.out)["probe"]["measurements"]["measured"]["id_lists"]["tickets"] == "repeats"
    sent = [pair for entry in repeating.requests("GET /Tickets") for pair in entry.query]
    assert any(name == "client_ids" and "," in value for name, value in sent)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), ("{}", "file of measurements of version 1"), ("x", "is not JSON")],
)
def test_an_overlay_without_measurements_is_one_sentence(
    halo_async, halo_emulator: Emulator, tmp_path, content, words
) -> None:
    if content is not None:
        (tmp_path / "other.json").write_text(content)
    shown = halo_async("whoami", "--overlay", "other.json")
    assert (shown.code, words in shown.sentence) == (2, True)
    assert not list(halo_emulator.requests)


def test_generate_says_where_a_profile_belongs(run, tmp_path) -> None:
    (tmp_path / "measurements.json").write_text('{"halo_measurements": 1, "measured": {}}')
    shown = run("generate", "none.json", "--out", "made", "--overlay", "measurements.json")
    assert shown.code == 2
    assert "Set HALO_OVERLAY, or pass measurements= to the client" in shown.sentence
