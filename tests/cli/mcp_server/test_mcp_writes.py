"""Writes: refused, or shown and then sent once."""

from __future__ import annotations

import base64

import pytest

from halo_async import Halo
from halo_async._operations.resource import operations
from halo_async._utils.clock import VirtualClock
from halo_async.cli.mcp_server.confirmation import LIFETIME, PendingWrites
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.emulator import Emulator
from halo_async.transport.prepared_request import PreparedRequest
from tests.support.mcp_kit import assistant

CHANGE = {"operation": "tickets.upsert", "body": [{"id": 5, "summary": "Changed"}]}


async def test_every_operation_that_is_not_a_get_is_refused_and_nothing_sent(
    halo: Halo, halo_emulator: Emulator
) -> None:
    async with assistant(halo) as use:
        before = len(halo_emulator.requests())
        for operation in list(operations())[::7]:
            if operation.method != "GET":
                refused = (await use("call_operation", operation=operation.name)).refusal
                assert refused.startswith(f"{operation.name} changes data ({operation.method} ")
                assert "Tell the user that `halo-async mcp --allow-writes` permits it" in refused
    assert len(halo_emulator.requests()) == before


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("lap_safe.fetch_cancel", {}),
        ("notify.fetch_connectwise_rmm", {}),
        ("notifications.list", {"update_shown": True}),
        ("feedback.get", {"id": 1, "clearcomment": True}),
    ],
)
async def test_a_get_that_does_more_than_read_is_a_write(halo: Halo, operation: str, arguments: dict) -> None:
    async with assistant(halo) as use:
        refused = (await use("call_operation", operation=operation, arguments=arguments)).refusal
    assert refused.startswith(f"{operation} changes data (GET ")


async def test_a_write_is_shown_as_it_would_be_sent_and_then_sent_once(
    halo: Halo, halo_emulator: Emulator
) -> None:
    async with assistant(halo, allow_writes=True) as use:
        shown = (await use("call_operation", **CHANGE)).result
        assert shown["status"] == "confirmation_required"
        assert shown["request"]["method"] == "POST"
        assert shown["request"]["url"] == f"{halo_emulator.url}/api/Tickets"
        assert shown["request"]["body"] == CHANGE["body"]
        assert shown["request"]["headers"]["Authorization"] == "***"
        assert halo_emulator.requests("POST /Tickets") == []

        done = await use("call_operation", **CHANGE, confirm=shown["confirm"], fields=["id", "summary"])
        assert done.data == [{"id": 5, "summary": "Changed"}]
        assert done.result["note"].startswith("The write is done.")
        again = await use("call_operation", **CHANGE, confirm=shown["confirm"])
    assert again.refusal.startswith("`confirm` is not known, or was used before. Nothing was sent.")
    assert len(halo_emulator.requests("POST /Tickets")) == 1


async def test_a_confirmation_is_good_for_the_shown_request_alone(
    halo: Halo, halo_emulator: Emulator
) -> None:
    others = (
        {**CHANGE, "body": [{"id": 5, "summary": "Other"}]},
        {**CHANGE, "arguments": {}, "body": [{"id": 6, "summary": "Changed"}]},
        {"operation": "tickets.delete", "arguments": {"id": 5}},
    )
    async with assistant(halo, allow_writes=True) as use:
        for other in others:
            token = (await use("call_operation", **CHANGE)).result["confirm"]
            refused = (await use("call_operation", **other, confirm=token)).refusal
            assert refused.startswith("`confirm` was given for another request. Nothing was sent.")
            assert (await use("call_operation", **CHANGE, confirm=token)).refused
    assert halo_emulator.requests("POST /Tickets") == []
    assert halo_emulator.requests("DELETE /Tickets/{id}") == []


async def test_a_get_with_a_side_effect_is_shown_and_sent_on_confirmation(
    halo: Halo, halo_emulator: Emulator
) -> None:
    call = {"operation": "notifications.list", "arguments": {"update_shown": True}}
    async with assistant(halo, allow_writes=True) as use:
        shown = (await use("call_operation", **call)).result
        assert shown["request"]["url"].endswith("/api/Notifications?update_shown=true")
        assert halo_emulator.requests("GET /Notifications") == []
        await use("call_operation", **call, confirm=shown["confirm"])
    assert len(halo_emulator.requests("GET /Notifications")) >= 1


async def test_a_form_with_a_file_is_confirmed_though_its_boundary_is_random(halo: Halo) -> None:
    content = base64.b64encode(b"\x00\xffbinary").decode()
    upload = {
        "operation": "attachment.upload_document",
        "body": {"file": {"filename": "a.bin", "base64": content}},
    }
    names = [item.name for item in operations() if item.body == "multipart"]
    upload["operation"] = names[0]
    async with assistant(halo, allow_writes=True) as use:
        shown = await use("call_operation", **upload)
        assert "bytes with binary content" in shown.result["request"]["body"]
        done = await use("call_operation", **upload, confirm=shown.result["confirm"])
    assert "`confirm`" not in done.texts[0]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"body": []}, "The body of tickets.upsert has no rows, so nothing would be sent. Add one."),
        ({"body": "text"}, "The body of tickets.upsert must be an object or a list of objects. Correct it."),
        ({}, "tickets.upsert requires a `body`. describe_operation has its fields."),
        ({"body": {"id": 0, "summary": "x"}}, "Row 0: 0 is not an id. Leave it out to create a record."),
    ],
)
async def test_a_body_that_cannot_be_sent_is_refused(halo: Halo, given: dict, sentence: str) -> None:
    async with assistant(halo, allow_writes=True) as use:
        assert (await use("call_operation", operation="tickets.upsert", **given)).refusal == sentence


async def test_a_write_too_long_to_be_shown_is_refused(halo: Halo) -> None:
    rows = [{"id": number, "summary": "x" * 50} for number in range(1, 200)]
    async with assistant(halo, allow_writes=True) as use:
        used = await use("call_operation", operation="tickets.upsert", body=rows, max_tokens=1000)
    assert used.refusal.endswith("can be shown for confirmation. Send fewer rows or fields per call.")


def test_a_confirmation_expires_and_few_wait_at_once() -> None:
    clock = VirtualClock()
    pending = PendingWrites(clock)
    request = PreparedRequest("DELETE", "https://acme.halopsa.com/api/Tickets/1", (), None)
    early = pending.show("tickets.delete", {"id": 1}, request)
    clock.advance(LIFETIME + 1)
    with pytest.raises(RefusedError, match=r"expired after 300 seconds\. Nothing was sent\."):
        pending.confirm(early, "tickets.delete", {"id": 1}, request)
    first = pending.show("tickets.delete", {"id": 1}, request)
    later = [pending.show("tickets.delete", {"id": 1}, request) for _ in range(64)]
    with pytest.raises(RefusedError, match="not known"):
        pending.confirm(first, "tickets.delete", {"id": 1}, request)
    pending.confirm(later[0], "tickets.delete", {"id": 1}, request)
