"""References among schemas: each leads to a named schema, or is left out with a note of why."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from itertools import count

from halo_generator.references import ELSEWHERE, NOWHERE, References, pointer_parts
from halo_generator.report import CanonicalReport, pointer
from halo_generator.traversal import Json, Place, inside, ref_name, ref_to, schemas

_HOLD_SCHEMAS = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
_ARE_SCHEMAS = {
    "items",
    "additionalProperties",
    "not",
    "schema",
    "itemSchema",
    "contains",
    "if",
    "then",
    "else",
}
_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_FOUND_LATER = ("$dynamicRef", "$recursiveRef")


def settle_references(document: Json, references: References, report: CanonicalReport) -> None:
    """Make every reference of a schema one to a named schema.

    A schema inside of another one, or of a parameter, body or response, gets a name of its own, once however often it
    is referred to. What leads nowhere allows anything.
    """
    known = document["components"]["schemas"]
    settler = _Settler(known, references, report)
    combines = _combines(document)
    pending = list(schemas(document))
    while pending:
        place, schema = pending.pop()
        if combines:
            _combine(schema)
        pending += settler.settle(schema, place)


def _combines(document: Json) -> bool:
    """Return whether what stands beside a reference belongs to it: in OpenAPI 3.0 it is ignored."""
    version = re.match(r"3\.(\d+)", str(document.get("openapi")))
    return version is not None and int(version[1]) > 0


def _combine(schema: Json) -> None:
    if isinstance(schema.get("$ref"), str) and isinstance(schema.get("properties"), dict):
        parts = schema.get("allOf")
        schema["allOf"] = [{"$ref": schema.pop("$ref")}, *(parts if isinstance(parts, list) else [])]


class _Settler:
    def __init__(self, known: Json, references: References, report: CanonicalReport) -> None:
        self._known = known
        self._references = references
        self._report = report
        self._names: dict[str, str | None] = {}
        """Name of the schema that each reference leads to; None for nothing."""
        self._numbers = count(2)

    def settle(self, schema: Json, place: Place) -> Iterator[tuple[Place, Json]]:
        """Yield the schemas that were named for the reference of a schema, whose own references come next."""
        reference = schema.get("$ref")
        if reference is None:
            for word in _FOUND_LATER:
                if word in schema:
                    told = f"{word} is not followed: it allows anything"
                    self._report.degraded.setdefault(pointer(*place), told)
            return
        if not isinstance(reference, str) or ref_name(schema) in self._known:
            return
        where = pointer(*place)
        if reference not in self._names:
            self._names[reference] = name = self._name_of(reference)
            if name is not None and name not in self._known:
                found = self._references.target(reference, where)
                if isinstance(found, dict):
                    self._known[name] = copy.deepcopy(found)
                    yield from list(inside(self._known[name], ("components", "schemas", name)))
                else:
                    self._names[reference] = None
        name = self._names[reference]
        if name is not None:
            schema["$ref"] = ref_to(name)["$ref"]
            return
        del schema["$ref"]
        self._report.degraded.setdefault(where, self._why(reference))

    def _name_of(self, reference: str) -> str | None:
        """Return the name of the schema that a reference leads to: a new one if it has none; None if it is none."""
        parts = pointer_parts(reference) if reference.startswith("#") else None
        if not parts:
            return None
        if parts[:2] == ["components", "schemas"] and len(parts) == 3:
            return parts[2] if parts[2] in self._known else None
        if not _is_schema(parts):
            return None
        words = [part for part in parts if part not in {"components", "schemas", *_HOLD_SCHEMAS}]
        name = base = re.sub(r"\W+", "_", "_".join(words), flags=re.ASCII).strip("_") or "Schema"
        while name in self._known:
            name = f"{base}_{next(self._numbers)}"
        return name

    def _why(self, reference: str) -> str:
        if not reference.startswith("#"):
            return ELSEWHERE
        return (
            "a reference to what is not a schema" if self._references.leads_somewhere(reference) else NOWHERE
        )


def _is_schema(parts: list[str]) -> bool:
    """Return whether a schema stands at a place: pointers may lead to anything."""
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if before in _LISTS:
        return last.isdigit()
    return before in _HOLD_SCHEMAS or last in _ARE_SCHEMAS
