"""Every operation of the document answers, and what it answers fits the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from halo_async._utils import openapi_document as document
from halo_async.emulator.routes import EmulatedOperation, Routes
from halo_async.emulator.schema import Schemas, answer_schema, body_schema

# Ids within a parent, bytes for an object, writes that are queries: each has tests of its own.
APART = {"/Actions", "/Lookup", "/Attachment", "/Report"}
TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def misfits(schemas: Schemas, schema: Any, value: Any, where: str = "") -> Iterator[str]:
    """Where a value is not of its schema's type; dates are Halo's, without a zone."""
    schema = schemas.resolve(schema)
    if "anyOf" in schema:
        parts = [list(misfits(schemas, part, value, where)) for part in schema["anyOf"]]
        yield from () if any(not part for part in parts) else parts[0]
        return
    expected = TYPES.get(schema.get("type", ""), object)
    if not isinstance(value, expected) or (expected is not bool and expected is not object and value is True):
        yield f"{where}: {value!r:.60} is no {schema.get('type')}"
    elif isinstance(value, list):
        for item in value[:2]:
            yield from misfits(schemas, schema.get("items", {}), item, f"{where}[]")
    elif isinstance(value, dict):
        for name in value.keys() & schema.get("properties", {}).keys():
            yield from misfits(schemas, schema["properties"][name], value[name], f"{where}.{name}")


def path_of(operation: EmulatedOperation) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            uuid = parameter["schema"].get("format") == "uuid"
            path = path.replace(
                f"{{{parameter['name']}}}", "00000000-0000-4000-a000-000000000001" if uuid else "1"
            )
    return path


def body_of(schemas: Schemas, operation: EmulatedOperation) -> dict[str, Any]:
    schema = body_schema(operation.raw)
    if schema is None:
        return {}
    kind = schemas.resolve(schema).get("type")
    element = {"ticket_id": 1} if operation.path == "/Actions" else {}
    objects = kind == "array" and schemas.properties(schemas.resolve(schema)["items"])
    return {"json": {"array": [element] if objects else [], "object": {}, "string": "x"}.get(str(kind), {})}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_every_operation_answers_and_fits_its_schema(wire, method):
    schemas = Schemas(document.load_document())
    operations = [one for one in Routes(document.load_document()).operations() if one.method == method]
    assert len(operations) > 150
    failed, wrong = [], []
    for operation in operations:
        answer = await wire.call(method, path_of(operation), **body_of(schemas, operation))
        if answer.status >= 500 or answer.status in (401, 405):
            failed.append((operation.path, answer.status))
        schema = answer_schema(operation.raw)
        bare = "unpaged" in operation.hints
        if (
            schema
            and answer.status in (200, 201)
            and answer.headers["Content-Type"].startswith("application/json")
        ):
            value = {"record_count": 0} if bare else answer.json()
            wrong += [f"{operation.path}{misfit}" for misfit in misfits(schemas, schema, value)]
    assert failed == []
    assert wrong == []


async def test_every_writable_collection_creates_reads_updates_and_deletes(wire):
    routes = Routes(document.load_document())
    schemas = Schemas(document.load_document())
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
