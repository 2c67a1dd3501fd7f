"""Facts that a schema states, without its prose."""

from __future__ import annotations

from typing import Any

import attrs

from halo_generator.null_types import is_null
from halo_generator.report import CanonicalReport
from halo_generator.traversal import Json, ref_name, size

_SCHEMA_FACTS = (
    "$ref", "type", "format", "nullable", "readOnly", "writeOnly", "maxLength", "minLength", "minimum", "maximum",
    "uniqueItems", "default", "enum", "required",
)  # fmt: skip

LOCAL_DATE = "date-time-local"
"""A date and time without a zone, in the OpenAPI Initiative's registry of formats."""


# Keywords that determine a type.
_SAYING = {"$ref", "properties", "allOf", "anyOf", "oneOf", "items", "additionalProperties", "enum"}


@attrs.define
class Cleaner:
    """Keeps what a schema states as a fact; prose, examples and titles stay behind.

    What ``allOf`` repeats is counted: it stays in proportion to what the document writes. Inside of an object that was
    put together in its place, rather than under a name, nothing is put together again: it might be the same object.
    """

    known: Json
    report: CanonicalReport
    left: int = attrs.field(init=False)
    sizes: dict[int, int] = attrs.field(init=False, factory=dict)
    inside: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.left = 100_000 + 8 * size(self.known)

    def component(self, schema: Json, place: str) -> Json:
        """Return the facts of a named schema, with the fields of all its parts."""
        return self._clean(self._flat(schema, place, named=True), place)

    def schema(self, schema: Any, place: str) -> Json:
        """Return the facts of ``schema``, which is at the JSON pointer ``place``."""
        if not isinstance(schema, dict):
            return {}
        if self.inside or "allOf" not in schema:
            return self._clean(schema, place)
        self.inside += 1
        try:
            return self._clean(self._flat(schema, place), place)
        finally:
            self.inside -= 1

    def _clean(self, schema: Json, place: str) -> Json:
        name = ref_name(schema)
        if "$ref" in schema:
            if name in self.known:
                return {"$ref": schema["$ref"]}
            self.report.degraded[place] = "a reference to nothing"
            return {}
        clean = {key: schema[key] for key in _SCHEMA_FACTS if key in schema}
        _one_type(clean)
        if clean.get("format") == "date-time" and place.startswith("#/components/"):
            clean["format"] = LOCAL_DATE  # dates that instances send in records have no zone
        for key in ("items", "additionalProperties"):
            # `additionalProperties: false` is dropped: instances send fields newer than any document.
            if isinstance(schema.get(key), dict):
                clean[key] = self.schema(schema[key], f"{place}/{key}")
        if clean.get("type") == "array" and "items" not in clean:
            clean["items"] = {}
        for key in ("allOf", "anyOf", "oneOf"):
            if isinstance(schema.get(key), list):
                clean[key] = [self.schema(part, f"{place}/{key}/{i}") for i, part in enumerate(schema[key])]
                self._without_null(clean, key)
        if isinstance(schema.get("properties"), dict):
            fields = schema["properties"]
            clean["properties"] = {
                f: self.schema(fields[f], f"{place}/properties/{f}") for f in sorted(fields)
            }
        return clean

    def _without_null(self, clean: Json, key: str) -> None:
        """Remove ``null`` from the alternatives and mark the schema nullable."""
        rest = [part for part in clean[key] if not is_null(part, self.known)]
        if key != "allOf" and len(rest) < len(clean[key]):
            clean["nullable"] = True
            clean[key] = rest
            if not rest:
                del clean[key]

    def _flat(self, schema: Json, place: str, *, named: bool = False) -> Json:
        """Merge an object composed with ``allOf`` into one object with the fields of all its parts."""
        parts = schema.get("allOf")
        if not isinstance(parts, list):
            return schema
        saying = [part for part in parts if _says_a_type(part)]
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        alone = len(saying) == 1 and not schema.get("properties")
        if alone and not named:
            return (
                {**rest, "allOf": saying} if "$ref" in saying[0] else self._flat({**rest, **saying[0]}, place)
            )
        fields = self._collect_fields(schema, place)
        if fields:
            return {**rest, "type": "object", "properties": fields}
        return {**rest, **saying[0]} if alone and "allOf" not in saying[0] else schema

    def _collect_fields(self, schema: Json, place: str) -> Json:
        """Return the fields of a schema and of all its parts: later ones take precedence."""
        fields: Json = {}
        seen: set[str] = set()
        pending = [(schema, False)]
        while pending:
            node, own = pending.pop()
            name = ref_name(node)
            if own:
                properties = node.get("properties")
                if properties:
                    fields.update(properties)
                    self.left -= self._measure_properties(properties)
            elif name is None:
                parts = node.get("allOf") or ()
                pending += [(node, True), *((part, False) for part in reversed(parts))]
                self.left -= 1
            elif name not in seen:
                seen.add(name)
                pending.append((self.known.get(name, {}), False))
            if self.left < 0:
                told = "allOf repeats more fields than can be emitted: the rest of its fields is left out"
                self.report.degraded[place] = told
                break
        return fields

    def _measure_properties(self, properties: Json) -> int:
        if id(properties) not in self.sizes:
            self.sizes[id(properties)] = size(properties)
        return self.sizes[id(properties)]


def _says_a_type(part: Json) -> bool:
    return not _SAYING.isdisjoint(part) or part.get("type") not in (None, "object")


def _one_type(clean: Json) -> None:
    """Convert OpenAPI 3.1 lists of types to one type, nullable or not."""
    types = clean.get("type")
    if isinstance(types, list):
        rest = [name for name in types if name != "null"]
        if len(rest) != len(types):
            clean["nullable"] = True
        clean.pop("type")
        if len(rest) == 1:
            clean["type"] = rest[0]
