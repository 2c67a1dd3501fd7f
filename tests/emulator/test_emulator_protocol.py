"""Errors, the limit, the document, the journal."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator, documents, serve
from halo_async.settings import RateLimit


async def test_the_301st_call_in_five_minutes_is_429_in_halos_words_without_retry_after(start):
    clock = VirtualClock()
    wire = await start(clock=clock, rate_limit=RateLimit(3, 300))
    statuses = [(await wire.get("/Status")).status for _ in range(3)]
    refused = await wire.get("/Status")
    assert statuses == [200, 200, 200]
    assert refused.status == 429
    assert refused.body == b"Rate Limit Reached - 3 Requests per rolling 5 minute window"
    assert "Retry-After" not in refused.headers


async def test_the_window_rolls(start):
    clock = VirtualClock()
    wire = await start(clock=clock, rate_limit=RateLimit(2, 300))
    await wire.get("/Status")
    clock.advance(200)
    await wire.get("/Status")
    clock.advance(99)
    assert (await wire.get("/Status")).status == 429
    clock.advance(1)
    assert (await wire.get("/Status")).status == 200
    assert (await wire.get("/Status")).status == 429


@pytest.mark.parametrize("path", ["/NoSuchThing", "/Tickets/999999"])
async def test_what_is_not_there_is_404_with_an_empty_body(wire, path):
    response = await wire.get(path)
    assert (response.status, response.body) == (404, b"")


async def test_an_id_that_is_no_number_is_400_with_model_state(wire):
    response = await wire.get("/Tickets/probe")
    assert (response.status, response.json()) == (400, {"id": ["The value 'probe' is not valid."]})


async def test_no_put_and_no_patch_exist(wire):
    assert (await wire.call("PUT", "/Tickets", json=[])).status == 405
    assert (await wire.call("PATCH", "/Tickets/5", json={})).status == 405


async def test_proxies_without_a_data_type_say_so_and_with_one_give_rows(wire):
    refused = await wire.get("/IntegrationData/Get/NinjaRMM")
    assert (refused.status, refused.json()) == (400, "Invalid Data Type")
    assert (await wire.get("/IntegrationData/Get/NinjaRMM", datatype="devices")).json()["data"]


async def test_a_token_proxy_goes_on_by_its_own_name_to_its_last_page(wire):
    seen, token = [], None
    for _ in range(3):
        query = {"datatype": "users", "doPaginate": "true"} | ({"nextLink": token} if token else {})
        response = (await wire.get("/IntegrationData/Get/Intune", **query)).json()
        seen += [row["id"] for row in response["data"]]
        token = response.get("nextLink")
    assert seen == list(range(1, 26))
    assert token is None


async def test_saml_metadata_is_xml_and_a_search_without_a_term_an_empty_json_string(wire):
    assert (await wire.get("/IntegrationData/SAML/SP/Metadata")).headers["Content-Type"] == "application/xml"
    assert (await wire.get("/IntegrationData/Search/Jira")).json() == ""


async def test_some_anonymous_routes_return_302(wire):
    assert (await wire.get("/IntegrationData/BigPanda/GetDeviceList")).status == 302


async def test_the_document_is_public_and_speaks_the_dialect_of_2024(start):
    wire = await start(as_of="2024-09")
    wire.token = None
    shown = (await wire.get("/swagger/v2/swagger.json")).json()
    tickets = shown["paths"]["/Tickets"]["get"]
    types = {parameter["schema"]["type"] for parameter in tickets["parameters"]}
    assert {"int", "bool", "double"} <= types
    assert tickets["responses"] == {"200": {"description": "Success"}}
    assert not {"operationId", "x-halo"} & tickets.keys()
    assert len(shown["paths"]["/Tickets"]["post"]["requestBody"]["content"]) == 4
    assert shown["servers"] == [{"url": "/api"}]


async def test_the_document_repeats_the_22_parameters_that_the_real_one_repeats(start):
    wire = await start(as_of="2024-09")
    shown = (await wire.get("/swagger/v2/swagger.json")).json()
    repeated = 0
    for item in shown["paths"].values():
        for operation in item.values():
            names = [(one["name"], one["in"]) for one in operation.get("parameters", ())]
            repeated += len(names) - len(set(names))
    assert repeated == 22


async def test_the_document_loses_no_operation_and_no_schema(wire):
    shown = (await wire.get("/swagger/v2/swagger.json")).json()
    whole = documents.load(None, "newest")
    methods = ("get", "post", "delete")
    assert {(path, method) for path, item in shown["paths"].items() for method in item} == {
        (path, method) for path, item in whole["paths"].items() for method in methods if method in item
    }
    assert shown["components"]["schemas"].keys() == whole["components"]["schemas"].keys()


async def test_the_journal_finds_calls_by_path_by_template_and_by_operation(wire):
    await wire.get("/Tickets/5", includedetails="true")
    await wire.post("/Tickets", [{"summary": "x"}])
    journal = wire.emulator.requests
    assert [entry.path for entry in journal("GET /Tickets/5")] == ["/Tickets/5"]
    assert journal("GET /Tickets/{id}")[0].query == (("includedetails", "true"),)
    assert journal("tickets.upsert")[0].json() == [{"summary": "x"}]
    assert journal("POST /auth/token")[0].status == 200
    assert len(journal) == len(journal()) == 3


async def test_starting_costs_less_than_50_ms_of_cpu_and_leaves_no_task_behind():
    before = asyncio.all_tasks()
    begin = time.process_time()
    async with Emulator() as emulator:
        cost = time.process_time() - begin
        assert emulator.url.startswith("http://127.0.0.1:")
    assert cost < 0.05
    assert asyncio.all_tasks() == before


def test_no_secret_is_in_the_repr():
    emulator = Emulator()
    assert emulator.client_secret not in repr(emulator)
    assert emulator.client_secret not in repr(vars(emulator))


async def test_serve_runs_until_it_is_cancelled_and_tells_when_it_listens():
    ready = asyncio.Event()
    emulator = Emulator(tickets=0)
    task = asyncio.create_task(serve(emulator, lambda _: ready.set()))
    await ready.wait()
    async with aiohttp.ClientSession() as session, session.get(f"{emulator.url}/api/authinfo") as response:
        assert response.status == 200
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_desk_without_tickets_is_empty_and_not_broken(start):
    wire = await start(tickets=0)
    assert (await wire.get("/Tickets", pageinate="true", page_no=1)).json()["tickets"] == []
    assert (await wire.get("/Tickets", open_only="true", order="summary")).json()["record_count"] == 0
    assert (await wire.get("/Actions")).json()["actions"] == []
    assert (await wire.post("/Tickets", [{"summary": "first"}])).json()["id"] == 1


async def test_instance_info_names_the_version_the_tenant_and_the_addresses(wire):
    info = (await wire.get("/InstanceInfo")).json()
    assert info["app_version"] == "2.236.133"
    assert info["tenant_id"] == wire.emulator.tenant
    assert info["auth_url"] == f"{wire.emulator.url}/auth"
