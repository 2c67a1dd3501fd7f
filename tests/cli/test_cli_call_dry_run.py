"""`halo-async call --dry-run`: a write is shown, and not sent."""

from __future__ import annotations

import json

from halo_async.emulator import Emulator

BODY = '[{"id": 5, "summary": "Grüße"}]'


def test_a_write_is_shown_as_it_would_be_sent(halo_async, halo_emulator: Emulator) -> None:
    shown = halo_async("call", "tickets.upsert", "--body", BODY, "--dry-run")
    first, *lines = shown.out.splitlines()
    assert (shown.code, shown.err) == (0, "dry run: nothing was sent\n")
    assert first == f"POST {halo_emulator.url}/api/Tickets"
    assert {"Authorization: ***", "Content-Type: application/json"} <= set(lines)
    assert json.loads(shown.out.partition("\n\n")[2]) == json.loads(BODY)
    assert halo_emulator.requests("POST /Tickets") == []


def test_json_has_the_request_as_an_object(halo_async, halo_emulator: Emulator) -> None:
    shown = halo_async("call", "tickets.delete", "id=7", "reason=x", "--dry-run", "--json")
    said = json.loads(shown.out)
    assert (said["method"], said["body"]) == ("DELETE", None)
    assert said["url"] == f"{halo_emulator.url}/api/Tickets/7?reason=x"
    assert said["headers"]["Authorization"] == "***"
    assert halo_emulator.requests("DELETE /Tickets/{id}") == []


def test_what_only_reads_is_done_as_always(halo_async, halo_emulator: Emulator) -> None:
    shown = halo_async("call", "tickets.get", "id=5", "--json", "--dry-run")
    assert json.loads(shown.out)["id"] == 5
    assert len(halo_emulator.requests("GET /Tickets/{id}")) == 1


def test_a_row_that_lost_its_id_is_refused_in_one_sentence(halo_async, halo_emulator: Emulator) -> None:
    shown = halo_async("call", "tickets.upsert", "--body", '[{"id": 0, "summary": "x"}]')
    assert shown.code == 2
    assert shown.sentence == "Row 0: 0 is not an id. Leave it out to create a record."
    assert halo_emulator.requests("POST /Tickets") == []


def test_strict_refuses_what_the_document_does_not_have(halo_async, halo_emulator: Emulator) -> None:
    shown = halo_async("call", "tickets.upsert", "--strict", "--body", '[{"id": 5, "table": 999999}]')
    assert shown.code == 2
    assert shown.sentence.startswith("tickets.upsert(): $.table must be one of 0, 1, 2")
    assert halo_emulator.requests("POST /Tickets") == []


def test_options_for_the_response_are_said_to_shape_no_request(halo_async) -> None:
    call = ("call", "tickets.upsert", "--body", BODY, "--dry-run")
    plain = halo_async(*call)
    for options, named in (
        (("--output", "csv"), "--output csv shapes"),
        (("--select", "id"), "--select shapes"),
        (("--select", "id", "--limit", "0", "-o", "csv"), "--output csv, --select and --limit shape"),
    ):
        shown = halo_async(*call, *options)
        assert (shown.code, shown.out) == (0, plain.out)
        assert shown.err == f"dry run: nothing was sent. {named} the response alone.\n"
    assert halo_async(*call, "--json").err == plain.err
