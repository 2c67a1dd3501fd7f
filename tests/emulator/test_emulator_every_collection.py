"""Every operation of the document responds, and what it returns fits the schema."""

from __future__ import annotations

import pytest

from halo_async.emulator.documents import load
from halo_async.emulator.routes import Routes
from halo_async.emulator.schema import Schemas, body_schema, response_schema
from tests.support.schema_fit import body_of, misfits, path_of

# Ids within a parent, bytes for an object, writes that are queries: each has tests of its own.
APART = {"/Actions", "/Lookup", "/Attachment", "/Report"}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("release", ["2024-09", "2025-03", "newest"])
async def test_every_operation_responds_and_fits_its_schema(start, method, release):
    wire = await start(as_of=release)
    schemas = Schemas(load(None, release))
    operations = [one for one in Routes(load(None, release)).operations() if one.method == method]
    assert len(operations) > 150
    failed, wrong = [], []
    for operation in operations:
        response = await wire.call(method, path_of(operation), **body_of(schemas, operation))
        if response.status >= 500 or response.status in (401, 405):
            failed.append((operation.path, response.status))
        schema = response_schema(operation.raw)
        bare = "unpaged" in operation.hints
        if (
            schema
            and response.status in (200, 201)
            and response.headers["Content-Type"].startswith("application/json")
        ):
            value = {"record_count": 0} if bare else response.json()
            wrong += [f"{operation.path}{misfit}" for misfit in misfits(schemas, schema, value)]
    assert failed == []
    assert wrong == []


async def test_every_writable_collection_creates_reads_updates_and_deletes(wire):
    routes = Routes(load(None, "newest"))
    schemas = Schemas(load(None, "newest"))
    tried, wrong = 0, []
    for operation in routes.operations():
        single = routes.find(f"{operation.path}/1", "GET")
        if operation.kind != "upsert" or single is None or operation.path in APART:
            continue
        get = single.operation("GET")
        properties = schemas.properties(schemas.row(body_schema(operation.raw)) or {})
        if get is None or get.kind != "get" or properties.get("id", {}).get("type") != "integer":
            continue
        tried += 1
        made = await wire.post(operation.path, [{}])
        id = made.json()["id"]
        steps = [
            made.status,
            (await wire.get(f"{operation.path}/{id}")).status,
            (await wire.post(operation.path, [{"id": id}])).status,
        ]
        if single.operation("DELETE"):
            steps += [
                (await wire.delete(f"{operation.path}/{id}")).status,
                (await wire.get(f"{operation.path}/{id}")).status,
            ]
        if steps not in ([201, 200, 201], [201, 200, 201, 200, 404]):
            wrong.append((operation.path, steps))
    assert tried > 100
    assert wrong == []
