"""`halo-async doctor`: step by step, up to the first that fails, whose sentence and exit code it ends with."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.transport.decompression import decoders
from tests.support.cli_kit import Outcome

CERTIFICATE = Path(__file__).parents[1] / "transport" / "localhost.pem"
PATIENCE = 25.0
"""Seconds, of any machine, in which a short deadline is over; a step has 30 of its own without one."""
STEPS = ["name", "tls", "instance", "login", "call"]


def states(shown: Outcome) -> dict[str, str]:
    return {line.split()[0]: line.split()[1] for line in shown.out.splitlines()}


def test_a_good_connection_is_told_line_by_line(halo_async, halo_emulator: Emulator) -> None:
    shown = halo_async("doctor", HALO_SCOPE="read:tickets read:customers")
    assert (shown.code, shown.err) == (0, "")
    assert list(states(shown)) == STEPS
    assert set(states(shown).values()) == {"ok"}
    assert f"compressions read: gzip ({decoders()['gzip']}), deflate (" in shown.out
    assert "logged in with the scopes: read:customers read:tickets" in shown.out
    assert f"whose login is at {halo_emulator.url}/auth, tenant {halo_emulator.tenant}" in shown.out
    assert len(halo_emulator.requests("POST /auth/token")) == 1


def test_as_json_it_has_facts_for_programs(halo_async, halo_emulator: Emulator) -> None:
    shown = halo_async("doctor", "--json")
    found: dict[str, Any] = json.loads(shown.out)
    facts = {step["name"]: step["facts"] for step in found["steps"]}
    assert (shown.code, found["ok"], found["exit_code"], found["instance"]) == (0, True, 0, halo_emulator.url)
    assert facts["name"] == {"addresses": ["127.0.0.1"]}
    assert facts["instance"] == {"auth_url": f"{halo_emulator.url}/auth", "tenant": halo_emulator.tenant}
    assert facts["login"] == {"scopes": ["all"]}
    assert len(facts["call"]["milliseconds"]) == 3
    assert facts["call"]["decoders"] == dict(decoders())
    assert all(step["milliseconds"] >= 0 for step in found["steps"])


@pytest.mark.parametrize(
    ("env", "failed", "code", "words"),
    [
        ({"HALO_INSTANCE": "no-such-host.invalid"}, "name", 3, "Check its spelling, or the network"),
        ({"HALO_INSTANCE": "https://127.0.0.1:9"}, "tls", 3, "Connection refused: nothing listens at"),
        ({"HALO_INSTANCE": "http://127.0.0.1:9"}, "instance", 3, "Check the instance's address"),
        ({"HALO_CLIENT_SECRET": "wrong-canary"}, "login", 3, "Check the client id and the client secret"),
        ({"HALO_TENANT": "other"}, "login", 3, "wrong tenant. Check the tenant 'other'"),
        ({"HALO_SCOPE": "read:kb"}, "call", 4, "The login works. GET /Tickets: 401"),
    ],
    ids=["name", "tls", "instance", "secret", "tenant", "scope"],
)
def test_the_first_step_that_fails_is_said_in_words(halo_async, env, failed, code, words) -> None:
    shown = halo_async("doctor", **env)
    told = states(shown)
    assert shown.code == code
    assert list(told) == STEPS[: STEPS.index(failed) + 1]
    assert told.pop(failed) == "wrong"
    assert set(told.values()) <= {"ok"}
    assert words in shown.sentence
    assert "wrong-canary" not in shown.out + shown.err


def test_a_failure_as_json_is_whole_and_still_a_sentence(halo_async) -> None:
    shown = halo_async("doctor", "--json", HALO_CLIENT_SECRET="wrong")
    found = json.loads(shown.out)
    assert (shown.code, found["ok"], found["exit_code"]) == (3, False, 3)
    assert [step["ok"] for step in found["steps"]] == [True, True, True, False]
    assert found["steps"][-1]["said"] == shown.sentence


@pytest.mark.parametrize(("status", "code"), [("html", 3), ("throttled", 3)])
def test_a_login_service_that_is_out_of_order_is_the_login_s_fault(
    halo_async, halo_emulator: Emulator, no_waiting, status: str, code: int
) -> None:
    halo_emulator.faults.add([Fault("F19", "POST /auth/token", status)])
    shown = halo_async("doctor")
    assert (shown.code, states(shown)["login"]) == (code, "wrong")


@pytest.mark.parametrize("on", ["GET /api/authinfo", "POST /auth/token"])
def test_nobody_sits_before_a_service_that_says_nothing(
    halo_async, halo_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, on: str
) -> None:
    monkeypatch.setattr("halo_async.transport.diagnosis.PATIENCE", 1.5)
    halo_emulator.faults.add([Fault("F13", on, "silence")])
    shown = halo_async("doctor")
    assert shown.code == 3
    assert "within 1.5 s" in shown.sentence


@pytest.mark.parametrize("on", ["GET /api/authinfo", "POST /auth/token", "GET /Tickets"])
def test_all_steps_together_keep_the_deadline(halo_async, halo_emulator: Emulator, on: str) -> None:
    halo_emulator.faults.add([Fault("F13", on, "silence")])
    began = time.monotonic()
    shown = halo_async("doctor", "--deadline", "1.5")  # the steps before it are inside it
    assert time.monotonic() - began < PATIENCE
    assert shown.code == (4 if on == "GET /Tickets" else 3)


@pytest.mark.parametrize("deadline", ["0", "-1"])
def test_a_deadline_that_cannot_be_is_refused(halo_async, deadline: str) -> None:
    shown = halo_async("whoami", "--deadline", deadline)
    assert (shown.code, shown.sentence) == (
        2,
        f"deadline must be a number of seconds above 0, not {float(deadline)}.",
    )


def test_a_command_opens_within_its_deadline(halo_async, halo_emulator: Emulator) -> None:
    halo_emulator.faults.add([Fault("F13", "POST /auth/token", "silence")])
    began = time.monotonic()
    shown = halo_async("whoami", "--deadline", "0.5")
    assert time.monotonic() - began < PATIENCE
    assert "within 0.5 s" in shown.sentence


def test_an_instance_that_wants_to_be_left_alone_is_told_at_once(halo_async, halo_emulator: Emulator) -> None:
    halo_emulator.faults.add([Fault("F23", "GET /Tickets", times=1, options={"retry_after": 20})])
    shown = halo_async("doctor")
    assert (shown.code, states(shown)["call"]) == (4, "wrong")
    assert "429" in shown.sentence


def test_without_a_secret_it_looks_at_what_needs_none(run, halo_emulator: Emulator) -> None:
    shown = run("doctor", "--instance", halo_emulator.url, "--client-id", "any")
    assert (shown.code, states(shown)) == (2, dict.fromkeys(STEPS[:3], "ok"))
    assert "Set HALO_CLIENT_SECRET" in shown.sentence
    assert not halo_emulator.requests("POST /auth/token")


def test_without_an_instance_there_is_nothing_to_look_at(run) -> None:
    shown = run("doctor")
    assert (shown.code, shown.out) == (2, "")
    assert "Missing --instance (or HALO_INSTANCE)" in shown.sentence


@pytest.fixture
def secure() -> Iterator[str]:
    """The address of somebody who shakes hands over TLS and says no more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with closing(connection), suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

    thread = Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def test_a_private_authority_is_trusted_where_it_is_named(halo_async, secure: str) -> None:
    strange = halo_async("doctor", HALO_INSTANCE=secure)
    trusted = halo_async("doctor", HALO_INSTANCE=secure, SSL_CERT_FILE=str(CERTIFICATE))
    assert (strange.code, states(strange)["tls"]) == (3, "wrong")
    assert "TLS certificate of 127.0.0.1 is not valid" in strange.sentence
    assert "SSL_CERT_FILE for the command" in strange.sentence
    nowhere = halo_async("doctor", HALO_INSTANCE=secure, SSL_CERT_FILE="/nowhere.pem")
    assert nowhere.sentence.endswith("SSL_CERT_FILE names /nowhere.pem, which is not a file: correct it.")
    assert (trusted.code, states(trusted)) == (3, {"name": "ok", "tls": "ok", "instance": "wrong"})
    assert "the certificate is valid until 2126-10-29" in trusted.out
