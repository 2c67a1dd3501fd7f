"""Search for operations, and the description of one."""

from __future__ import annotations

import json

import pytest

from halo_async import Halo
from halo_async._operations.resource import operations
from halo_async.cli.mcp_server.options import server_options
from halo_async.errors import SettingsError
from tests.support.mcp_kit import assistant


async def test_every_operation_is_found_once_by_following_the_cursor(halo: Halo) -> None:
    async with assistant(halo) as use:
        found = (await use("search_operations", text="", limit=100)).result
        names = [item["name"] for item in found["operations"]]
        while "cursor" in found:
            found = (await use("search_operations", text="", limit=100, cursor=found["cursor"])).result
            names += [item["name"] for item in found["operations"]]
    assert sorted(names) == sorted(operation.name for operation in operations())
    assert found["total"] == len(names)


@pytest.mark.parametrize(
    ("words", "first"),
    [("ticket list", "tickets.list"), ("clients list", "client.list"), ("delete agent", "agent.delete")],
)
async def test_the_operation_named_by_the_words_comes_first(halo: Halo, words: str, first: str) -> None:
    async with assistant(halo) as use:
        found = (await use("search_operations", text=words)).result
    assert found["operations"][0]["name"] == first


async def test_an_empty_search_says_what_to_try(halo: Halo) -> None:
    async with assistant(halo) as use:
        found = (await use("search_operations", text="xylophone")).result
    assert (found["operations"], found["total"]) == ([], 0)
    assert "Try fewer or other words" in found["note"]


async def test_a_description_has_parameters_and_fields_of_the_result(halo: Halo) -> None:
    async with assistant(halo) as use:
        found = (await use("describe_operation", operation="ticket.list", matching="open_only")).result
    assert (found["method"], found["path"], found["python_name"]) == ("GET", "/Tickets", "tickets.list")
    assert [item["python_name"] for item in found["parameters"]] == ["open_only"]
    assert found["changes_data"] is False


async def test_a_description_that_is_cut_says_how_to_see_the_rest(halo: Halo) -> None:
    async with assistant(halo) as use:
        found = await use("describe_operation", operation="tickets.upsert", max_tokens=1000)
    assert len(found.texts[0].encode()) < 3 * 1000
    assert "are left out. Name some by `matching`." in found.result["note"]
    assert found.result["parameters"][0]["in"] == "body"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tickets.gte", "There is no operation 'tickets.gte'. Did you mean tickets.get?"),
        ("xyz", "There is no operation 'xyz'. Find one with search_operations."),
        ("tickets.update", "There is no operation 'tickets.update'. Did you mean tickets.upsert?"),
        ("GET /Tickets", "There is no operation 'GET /Tickets'. Did you mean tickets.list?"),
        ("get /api/tickets/{id}", "There is no operation 'get /api/tickets/{id}'. Did you mean tickets.get?"),
        ("tickets", "There is no operation 'tickets'. Did you mean tickets.list or"),
    ],
)
async def test_an_unknown_operation_is_refused_with_near_names(halo: Halo, name: str, sentence: str) -> None:
    async with assistant(halo) as use:
        for tool in ("describe_operation", "call_operation"):
            assert (await use(tool, operation=name)).refusal.startswith(sentence)


async def test_resources_narrow_everything(halo: Halo) -> None:
    async with assistant(halo, resources=["clients", "integration_data.ninja_rmm"]) as use:
        found = (await use("search_operations", text="", limit=100)).result
        assert {item["name"].rpartition(".")[0] for item in found["operations"]} == {
            "client",
            "integration_data.ninja_rmm",
        }
        refused = (await use("call_operation", operation="tickets.list")).refusal
    assert "started with: client, integration_data.ninja_rmm" in refused


def test_an_unknown_resource_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match=r"There is no resource 'tikets'\. Did you mean 'tickets'\?"):
        server_options(resources=["tikets"])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": "a", "size": 3}, "search_operations has no input 'size'. It takes text, limit"),
        ({}, "search_operations requires `text`. Add it."),
        ({"text": 3}, "`text` must be a string. Correct it."),
        ({"text": "a", "limit": 0}, "`limit` must be at least 1 and at most 100. Correct it."),
        ({"text": "a", "cursor": "abc"}, "The cursor is not one of this server."),
    ],
)
async def test_input_that_does_not_fit_is_refused_by_name(halo: Halo, given: dict, sentence: str) -> None:
    async with assistant(halo) as use:
        assert (await use("search_operations", **given)).refusal.startswith(sentence)


async def test_descriptions_of_all_operations_keep_to_the_budget(halo: Halo) -> None:
    async with assistant(halo, budget=1500) as use:
        for operation in list(operations())[::40]:
            found = (await use("describe_operation", operation=operation.name)).result
            assert len(json.dumps(found, separators=(",", ":")).encode()) <= 3 * 1500, operation.name
