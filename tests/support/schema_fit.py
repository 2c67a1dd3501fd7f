"""Requests of operations by their document alone, and whether a value fits its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from halo_async.emulator.routes import EmulatedOperation
from halo_async.emulator.schema import Schemas, body_schema

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
