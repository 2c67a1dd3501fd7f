"""Conversion of values for storage: the binder accepts ``"5"`` for an integer, and 5 is stored."""

from __future__ import annotations

from typing import Any

from halo_async.emulator.schema import Schema, Schemas


def coerced(schemas: Schemas, schema: Schema, value: Any) -> Any:
    """Return a bound body with its scalars converted to the schema's types; nested values are unchanged."""
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
