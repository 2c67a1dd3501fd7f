"""Values as they are stored: the binder takes ``"5"`` for an integer, and then it is 5."""

from __future__ import annotations

from typing import Any

from halo_async.emulator.schema import Schema, Schemas


def coerced(schemas: Schemas, schema: Schema, value: Any) -> Any:
    """A bound body with its scalars in the types of the schema; what is nested deeper stays as it came."""
    schema = schemas.resolve(schema)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [coerced(schemas, items, item) for item in value]
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {
            name: _scalar(schemas.resolve(properties.get(name, {})), held) for name, held in value.items()
        }
    return _scalar(schema, value)


def _scalar(schema: Schema, value: Any) -> Any:
    match schema.get("type"), value:
        case (("integer" | "number" | "boolean"), ""):
            return None
        case "integer", str():
            return int(value) if value.strip() else None
        case "number", str():
            return float(value)
        case "boolean", str() | int():
            return str(value).lower() in {"true", "1"}
        case "string", int() | float():
            return str(value).lower() if isinstance(value, bool) else str(value)
        case _:
            return value
