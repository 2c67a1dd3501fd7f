"""What a schema states as a fact, without its prose."""

from __future__ import annotations

from typing import Any

import attrs

from halo_generator.report import Report
from halo_generator.walk import Json, ref_name

_SCHEMA_FACTS = (
    "$ref", "type", "format", "nullable", "readOnly", "writeOnly", "maxLength", "minLength", "minimum", "maximum",
    "uniqueItems", "default", "enum", "required", "x-halo-record",
)  # fmt: skip

LOCAL_DATE = "date-time-local"
"""A moment without a zone, in the OpenAPI Initiative's registry of formats."""


@attrs.frozen
class Cleaner:
    """Keeps what a schema states as a fact; prose, examples and titles stay behind."""

    known: Json
    report: Report

    def schema(self, schema: Any, place: str) -> Json:
        """The facts of ``schema``, which stands at the JSON pointer ``place``."""
        if not isinstance(schema, dict):
            return {}
        schema = self._flat(schema, 0)
        name = ref_name(schema)
        if "$ref" in schema:
            if name in self.known:
                return {"$ref": schema["$ref"]}
            self.report.degraded[place] = "a reference to nothing"
            return {}
        clean = {key: schema[key] for key in _SCHEMA_FACTS if key in schema}
        _one_type(clean)
        if clean.get("format") == "date-time" and place.startswith("#/components/"):
            clean["format"] = LOCAL_DATE  # what instances send in records has no zone
        for key in ("items", "additionalProperties"):
            # `additionalProperties: false` is not kept: instances send fields newer than any document.
            if isinstance(schema.get(key), dict):
                clean[key] = self.schema(schema[key], f"{place}/{key}")
        if clean.get("type") == "array" and "items" not in clean:
            clean["items"] = {}
        for key in ("allOf", "anyOf", "oneOf"):
            if isinstance(schema.get(key), list):
                clean[key] = [self.schema(part, f"{place}/{key}/{i}") for i, part in enumerate(schema[key])]
        if isinstance(schema.get("properties"), dict):
            fields = schema["properties"]
            clean["properties"] = {
                f: self.schema(fields[f], f"{place}/properties/{f}") for f in sorted(fields)
            }
        return clean

    def _flat(self, schema: Json, depth: int) -> Json:
        """An object put together with ``allOf`` as one object with the fields of all its parts."""
        parts = schema.get("allOf")
        if not isinstance(parts, list) or (len(parts) == 1 and "properties" not in schema) or depth > 20:
            return schema
        fields: Json = {}
        for part in [*parts, {"properties": schema.get("properties") or {}}]:
            whole = self.known.get(ref_name(part) or "", part)
            fields.update(
                self._flat(whole, depth + 1).get("properties") or {} if isinstance(whole, dict) else {}
            )
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        return {**rest, "type": "object", "properties": fields} if fields else schema


def _one_type(clean: Json) -> None:
    """OpenAPI 3.1 lists of types -> one type, nullable or not."""
    types = clean.get("type")
    if isinstance(types, list):
        rest = [name for name in types if name != "null"]
        if len(rest) != len(types):
            clean["nullable"] = True
        clean.pop("type")
        if len(rest) == 1:
            clean["type"] = rest[0]
