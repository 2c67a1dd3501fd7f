"""An instance as of a release: what it has, what it returns, and what it says of that."""

from __future__ import annotations

import asyncio

import pytest

from halo_async._utils.openapi_document import load_document
from halo_async._utils.openapi_releases import document_of_release
from halo_async.emulator import Emulator, Fault
from halo_async.emulator.config import EmulatorConfig
from halo_async.emulator.config_fields import ConfigError, read_object
from halo_async.emulator.documents import load
from halo_async.emulator.routes import Routes
from halo_async.emulator.schema import Schemas, stated_schema
from halo_async.errors import NotFoundError
from halo_async.settings import RateLimit
from tests.support.schema_fit import body_of, misfits, path_of

RELEASES = {"2024-09": 1216, "2025-03": 1331, "2026-09": 1455}
NAMES = "newest or one of 2024-09, 2025-03, 2026-09"
NEEDED = {"/Actions": {"ticket_id": 1}, "/Invoice/lines": {"client_id": 1}}


async def shown(wire):
    return (await wire.get("/swagger/v2/swagger.json")).json()


@pytest.mark.parametrize("release", RELEASES)
async def test_each_release_serves_its_document_and_returns_404_for_what_it_does_not_have(start, release):
    wire = await start(as_of=release)
    paths = (await shown(wire))["paths"]
    assert sum(len(item) for item in paths.values()) == RELEASES[release]
    routes = Routes(load(None, release))
    absent = [
        one
        for one in Routes(load_document()).operations()
        if one.method.lower() not in paths.get(one.path, {}) and not routes.find(path_of(one), one.method)
    ]
    assert len(absent) > 90

    async def status(operation):
        return (await wire.call(operation.method, path_of(operation))).status

    assert set(await asyncio.gather(*map(status, absent))) == {404}


async def test_the_newest_release_is_the_default_and_a_document_of_one_release_is_served_whole(start):
    assert (await shown(await start())) == await shown(await start(as_of="2026-09"))
    old = document_of_release(load_document(), "2024-09")
    assert (await shown(await start(document=old))) == await shown(await start(as_of="2024-09"))


async def test_every_response_that_2026_states_is_returned_so(start):
    wire = await start()
    document = load(None, "newest")
    schemas = Schemas(document)
    told = [(one, stated_schema(one.raw)) for one in Routes(document).operations()]
    stated = [(one, schema) for one, schema in told if schema is not None]
    assert len(stated) == 83  # and the bytes of GET /Attachment/{id}
    wrong, views = [], 0
    for operation, schema in stated:
        query = dict(NEEDED.get(operation.path, {}))
        path = path_of(operation)
        if operation.kind == "list":
            query |= {"pageinate": "true", "page_no": 1, "page_size": 5}
        elif operation.path == "/FieldInfo/{id}":
            path = f"/FieldInfo/{(await wire.get('/FieldInfo')).json()[0]['id']}"
        response = await wire.call(operation.method, path, params=query, **body_of(schemas, operation))
        assert str(response.status) == next(iter(operation.raw["responses"])), operation
        value = response.json()
        wrong += [f"{operation.path}{misfit}" for misfit in misfits(schemas, schema, value)]
        fields = schemas.properties(schema)
        if operation.kind == "list" and isinstance(value, dict):
            views += 1
            assert value.keys() <= fields.keys(), operation
            assert value[operation.hints["rows_key"]], operation
            assert ("columns" in value) is ("columns" in fields), operation
            for column in value.get("columns", ()):
                assert column.keys() <= schemas.properties(fields["columns"]["items"]).keys()
    assert wrong == []
    assert views == 23


async def test_what_a_request_does_is_as_the_release_has_it(start):
    old, new = await start(as_of="2025-03"), await start(as_of="2026-09")
    for path in ("/Tickets", "/HaloIntegration/CreateTicket"):
        body = {"summary": "One"}
        written = [await wire.post(path, [body] if path == "/Tickets" else body) for wire in (old, new)]
        expected = [200, 201] if path == "/Tickets" else [404, 201]
        assert [response.status for response in written] == expected
    paged = {"pageinate": "true", "page_no": 1}
    invoices = [(await wire.get("/Invoice", **paged)).json() for wire in (old, new)]
    assert ["columns" in each for each in invoices] == [False, True]
    dashboards = [(await wire.get("/DashboardLinks")).json() for wire in (old, new)]
    assert [type(each) for each in dashboards] == [dict, list]
    # a filter of 2026 does nothing before
    ignored = [(await wire.get("/Asset", client_ids="1,2", **paged)).json() for wire in (old, new)]
    assert ignored[0]["record_count"] > ignored[1]["record_count"]
    assert "client_ids" in old.emulator.requests("asset.list")[0].unknown


async def test_another_instance_creates_tickets_and_actions_here(wire):
    ticket = (await wire.post("/HaloIntegration/CreateTicket", {"summary": "From there"})).json()
    assert (await wire.get(f"/Tickets/{ticket['id']}")).json()["summary"] == "From there"
    sent = {"ticket_id": ticket["id"], "note": "Seen"}
    action = (await wire.post("/HaloIntegration/CreateAction", sent)).json()
    listed = (await wire.get("/Actions", ticket_id=ticket["id"])).json()["actions"]
    assert [(row["id"], row["note"]) for row in listed] == [(action["id"], "Seen")]
    assert (await wire.post("/HaloIntegration/CreateAction", {"note": "Where?"})).status == 400


@pytest.mark.parametrize("path", ["/IncomingWebhook", "/IntegrationCursor", "/HistoricalTicketVolumes"])
async def test_what_is_new_in_2026_is_created_listed_and_deleted(wire, path):
    made = await wire.post(path, [{}])
    assert made.status == 201
    id = made.json()["id"]
    ids = [
        row["id"] for value in (await wire.get(path)).json().values() if isinstance(value, list)
        for row in value
    ]  # fmt: skip
    assert id in ids
    assert [(await wire.delete(f"{path}/{id}")).status for _ in range(2)] == [200, 404]


async def test_the_errors_that_2026_declares_are_those_that_come(start):
    wire = await start(rate_limit=RateLimit(2, 300))
    declared = (await shown(wire))["paths"]["/Tickets"]["get"]["responses"]
    token, wire.token = wire.token, None
    statuses = [(await wire.get("/Tickets")).status]
    wire.token = token
    statuses += [(await wire.get("/Tickets", client_id="x")).status]
    statuses += [(await wire.get("/Tickets")).status for _ in range(2)]
    assert statuses == [401, 400, 200, 429]
    assert {str(status) for status in statuses} == declared.keys()


async def test_a_reset_makes_it_another_release_and_an_unknown_one_is_refused_everywhere(start):
    wire = await start(as_of="2024-09")
    assert (await wire.get("/IncomingWebhook")).status == 404

    async def reset(body):
        async with wire.session.post(f"{wire.emulator.url}/_emulator/reset", json=body) as response:
            return response.status, await response.json()

    assert (await reset({"as_of": "2026-09"}))[0] == 200
    assert (await wire.get("/IncomingWebhook")).status == 200
    assert (await reset({"tickets": 5}))[0] == 200
    assert (await wire.get("/IncomingWebhook")).status == 200
    status, refused = await reset({"as_of": "2023-01"})
    assert (status, refused) == (400, {"error": f"as_of must be {NAMES}, not '2023-01'."})
    for make in (
        lambda: Emulator(as_of="2023-01"),
        lambda: read_object(EmulatorConfig, {"as-of": "2023-01"}).checked(load_document()),
    ):
        with pytest.raises(ConfigError, match=f"as_of must be {NAMES}, not '2023-01'"):
            make()
    with pytest.raises(ConfigError, match="this document names no releases"):
        Emulator(as_of="2024-09", document=load(None, "2024-09"))


async def test_a_fault_on_what_the_release_does_not_have_is_refused(start):
    fault = {"number": "F05", "on": "GET /IncomingWebhook"}
    config = {"as_of": "2024-09", "faults": [fault]}
    with pytest.raises(ConfigError, match="path of the document, not '/IncomingWebhook'"):
        read_object(EmulatorConfig, config).checked(load_document())
    assert read_object(EmulatorConfig, {"faults": [fault]}).checked(load_document()).faults == (
        Fault("F05", "GET /IncomingWebhook"),
    )
    wire = await start(as_of="2024-09")
    async with wire.session.post(
        f"{wire.emulator.url}/_emulator/faults", json={"faults": [fault]}
    ) as response:
        assert response.status == 400


@pytest.mark.halo(as_of="2024-09", tickets=5)
async def test_the_mark_makes_it_another_release(halo):
    with pytest.raises(NotFoundError):
        await halo.request("GET", "/IncomingWebhook")
