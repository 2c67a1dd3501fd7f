"""Reads by `call_operation`: cut to the budget, continued by a cursor, and refused in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async import Halo
from halo_async._operations.resource import operations
from halo_async.cli.mcp_server.cursors import ResultCursor, read_cursor
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.emulator import Emulator
from tests.support.examples import examples
from tests.support.mcp_kit import Use, assistant

FIELDS = ["id", "summary"]


async def every_row(use: Use, **given) -> tuple[list, int]:
    used = await use("call_operation", **given)
    rows, results = used.data, 1
    while cursor := used.result.get("cursor"):
        used = await use("call_operation", **given, cursor=cursor)
        assert len(used.texts[0].encode()) <= 3 * given.get("max_tokens", 8000)
        rows, results = [*rows, *used.data], results + 1
    return rows, results


@pytest.mark.halo(tickets=230)
@pytest.mark.parametrize("size", [600, 2000, 8000])
async def test_a_long_list_comes_in_parts_with_every_row_once(halo: Halo, size: int) -> None:
    async with assistant(halo) as use:
        rows, results = await every_row(use, operation="tickets.list", fields=FIELDS, max_tokens=size)
    assert sorted(row["id"] for row in rows) == list(range(1, 231))
    assert all(list(row) == FIELDS for row in rows)
    assert (results > 1) == (size < 8000)


@pytest.mark.halo(tickets=230)
async def test_pages_shorter_than_asked_for_lose_no_row(halo: Halo, halo_emulator: Emulator) -> None:
    halo_emulator.page_caps = {"/Tickets": 17}
    async with assistant(halo) as use:
        rows, _ = await every_row(use, operation="tickets.list", fields=FIELDS, max_tokens=900)
    assert sorted(row["id"] for row in rows) == list(range(1, 231))


async def test_a_list_without_pages_is_continued_too(halo: Halo) -> None:
    whole = [status.id async for status in halo.status.list()]
    async with assistant(halo) as use:
        rows, results = await every_row(use, operation="status.list", fields=["id"], limit=2)
    assert [row["id"] for row in rows] == whole
    assert results > 1


async def test_the_limit_and_the_total_are_kept_apart(halo: Halo) -> None:
    async with assistant(halo) as use:
        used = await use("call_operation", operation="tickets.list", fields=FIELDS, limit=3)
    assert (len(used.data), used.result["rows"], used.result["total"]) == (3, 3, 1000)
    assert used.result["note"].startswith(
        "Rows 1 to 3 of 1,000. To continue, repeat the call with this `cursor`."
    )


@pytest.mark.parametrize("operation", ["tickets.list", "tickets.get"])
async def test_what_is_longer_than_a_result_is_refused_with_the_longest_fields(
    halo: Halo, operation: str
) -> None:
    given = {"arguments": {"id": 5, "includedetails": True}} if operation == "tickets.get" else {}
    async with assistant(halo) as use:
        used = await use("call_operation", operation=operation, max_tokens=500, **given)
    assert (
        "and a result holds 500. Repeat the call with `fields`, the names of those that you need."
        in used.refusal
    )
    assert all(isinstance(size, int) for size in used.result["data"]["longest_fields"].values())


async def test_arguments_reach_the_request_by_either_name(halo: Halo, halo_emulator: Emulator) -> None:
    async with assistant(halo) as use:
        await use(
            "call_operation",
            operation="tickets.list",
            arguments={"open_only": True, "agent": [1, 2], "startdate": "2024-01-31", "client_id": None},
            limit=1,
        )
    (request,) = halo_emulator.requests("GET /Tickets")
    asked = dict(request.query)
    assert (asked["open_only"], asked["agent"], asked["startdate"]) == ("true", "1,2", "2024-01-31T00:00:00Z")
    assert "client_id" not in asked


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"arguments": {"opn_only": True}},
            "tickets.list has no parameter 'opn_only'. Did you mean 'open_only'?",
        ),
        ({"arguments": {"agent_id": "Jane"}}, "agent_id of tickets.list must be an integer. Correct it."),
        ({"body": {"id": 1}}, "tickets.list takes no body. Leave it out."),
        ({"fields": ["nonsense"], "limit": 1}, "No row has the field 'nonsense'."),
        ({"cursor": ResultCursor("0" * 24, 5).text()}, "The cursor belongs to a call with other arguments."),
    ],
)
async def test_a_wrong_argument_is_refused_by_name(halo: Halo, given: dict, sentence: str) -> None:
    async with assistant(halo) as use:
        assert (await use("call_operation", operation="tickets.list", **given)).refusal.startswith(sentence)


async def test_fields_that_one_record_lacks_are_named(halo: Halo) -> None:
    async with assistant(halo) as use:
        found = await use(
            "call_operation", operation="tickets.get", arguments={"id": 1}, fields=["id", "nope"]
        )
    assert found.data == {"id": 1}
    assert "This record has no field 'nope'." in found.result["note"]


async def test_a_missing_argument_is_named(halo: Halo) -> None:
    async with assistant(halo) as use:
        used = await use("call_operation", operation="tickets.get")
    assert used.refusal == "tickets.get requires id in `arguments`. Add it."


async def test_an_error_of_the_instance_is_a_sentence_and_its_words_are_data(halo: Halo) -> None:
    async with assistant(halo) as use:
        used = await use("call_operation", operation="tickets.get", arguments={"id": 99999})
    assert used.refusal.startswith("Halo refused tickets.get with status 404.")
    assert "/Tickets/99999" in used.result["data"]["halo_says"]
    assert len(used.texts) == 2


@pytest.mark.halo(tickets=230)
async def test_a_list_that_moved_between_two_parts_is_told(halo: Halo) -> None:
    call = {"operation": "tickets.list", "fields": FIELDS, "limit": 60}
    async with assistant(halo) as use:
        first = await use("call_operation", **call)
        same = await use("call_operation", **call, cursor=first.result["cursor"])
        assert "The list moved" not in same.result["note"]
        await halo.tickets.create(summary="new")
        moved = await use("call_operation", **call, cursor=first.result["cursor"])
        ordered = {**call, "arguments": {"order": "id"}}
        first = await use("call_operation", **ordered)
        await halo.tickets.create(summary="new")
        stays = await use("call_operation", **ordered, cursor=first.result["cursor"])
    assert moved.result["note"].startswith("The list moved since the last part")
    assert stays.data[0]["id"] == 61
    assert "The list moved" not in stays.result["note"]


@given(st.text(max_size=60))
@settings(max_examples=examples(60))
def test_any_text_as_a_cursor_is_refused_and_never_an_error(text: str) -> None:
    if text:
        with pytest.raises(RefusedError):
            read_cursor(text, "call")


@given(st.integers(0, 10**11), st.integers(0, 10**6))
@settings(max_examples=examples(60))
def test_a_cursor_brings_back_its_place(skip: int, size: int) -> None:
    place = ResultCursor("0f" * 12, skip, size, "0f")
    assert read_cursor(place.text(), "0f" * 12) == place


async def test_each_operation_has_a_result_or_a_sentence(halo: Halo) -> None:
    async with assistant(halo, allow_writes=True) as use:
        for operation in list(operations())[::23]:
            needed = [item for item in operation.parameters if item.required and item.location != "body"]
            arguments = {item.python_name: 1 if "int" in item.type else "x" for item in needed}
            body = {} if operation.body_name is None else {"body": {"id": 1}}
            used = await use("call_operation", operation=operation.name, arguments=arguments, **body)
            assert len(used.texts[0].encode()) <= 3 * 8000
            assert "fault of this server" not in used.texts[0], operation.name
