"""Null in a schema: OpenAPI 3.1 spells it in several ways, which become the two of 3.0 and `type: "null"`."""

from __future__ import annotations

from halo_generator.traversal import Json, ref_name, schemas


def spell_null(document: Json) -> None:
    """Replace lists of types and enumerations with null by `nullable` beside what else they say, or by its type."""
    for _, schema in schemas(document):
        types, values = schema.get("type"), schema.get("enum")
        if types == ["null"] or (types is None and _allows_null_alone(schema)):
            schema["type"] = "null"
        elif isinstance(types, list) and len(types) == 2 and "null" in types:
            schema["type"] = next((name for name in types if name != "null"), "null")
            schema["nullable"] = True
        elif types is None and isinstance(values, list) and None in values:
            schema["nullable"] = True


def is_null(schema: object, known: Json) -> bool:
    """Return whether nothing but null fits a schema; `known`: the named ones."""
    if not isinstance(schema, dict):
        return False
    name = ref_name(schema)
    found = schema if name is None else known.get(name)
    return isinstance(found, dict) and found.get("type") in ("null", ["null"])


def _allows_null_alone(schema: Json) -> bool:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return isinstance(values, list) and bool(values) and all(value is None for value in values)
