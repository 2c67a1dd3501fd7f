"""Conversion of Halo's document to valid OpenAPI 3: one small named rule per defect, each repair counted.

A rule repairs a known defect and leaves everything else unchanged, so a document that is already valid is
not modified.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from halo_generator import plain, sanitize
from halo_generator.null_types import spell_null
from halo_generator.report import CanonicalReport, pointer
from halo_generator.sanitize import VALID_TYPES
from halo_generator.traversal import Json, Place, operations, schemas

# Equivalents of the .NET type names in the `type` of a schema.
NET_TYPES: dict[str, Json] = {
    "int": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "bool": {"type": "boolean"},
    "double": {"type": "number", "format": "double"},
    "decimal": {"type": "number", "format": "double"},
    "float": {"type": "number", "format": "float"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Guid": {"type": "string", "format": "uuid"},
    "obj": {},
}
_LIST_OF = re.compile(r"List<(\w+)>")


def _net_type(name: str) -> Json | None:
    if (of := _LIST_OF.fullmatch(name)) and of[1] in NET_TYPES:
        return {"type": "array", "items": dict(NET_TYPES[of[1]])}
    return dict(NET_TYPES[name]) if name in NET_TYPES else None


def parameter_types(document: Json) -> Iterator[Place]:
    """``int``, ``bool``, ``List<int>``: .NET type names instead of OpenAPI's."""
    for place, schema in schemas(document):
        known = _net_type(str(schema.get("type")))
        if known is not None and schema["type"] not in VALID_TYPES:
            del schema["type"]
            schema.update(known)
            yield place


def untyped_parameters(document: Json) -> Iterator[Place]:
    """Parameters without a schema, which OpenAPI requires."""
    for method, path, operation in operations(document):
        for index, parameter in enumerate(operation.get("parameters", [])):
            if "schema" not in parameter:
                parameter["schema"] = {}
                yield ("paths", path, method, "parameters", index)


def duplicate_parameters(document: Json) -> Iterator[Place]:
    """The same parameter twice in one operation: the first is kept."""
    for method, path, operation in operations(document):
        seen: set[tuple[str, str]] = set()
        kept = []
        for index, parameter in enumerate(operation.get("parameters", [])):
            key = (parameter.get("in", ""), parameter.get("name", ""))
            if "$ref" not in parameter and key in seen:
                yield ("paths", path, method, "parameters", index)
                continue
            seen.add(key)
            kept.append(parameter)
        if kept:
            operation["parameters"] = kept


def body_media_types(document: Json) -> Iterator[Place]:
    """One JSON body declared under several content types: ``application/json`` is kept."""
    for method, path, operation in operations(document):
        content = (operation.get("requestBody") or {}).get("content") or {}
        if len(content) > 1 and "application/json" in content:
            operation["requestBody"]["content"] = {"application/json": content["application/json"]}
            yield ("paths", path, method, "requestBody", "content")


RULES: dict[str, Callable[[Json], Iterator[Place]]] = {
    "parameter types": parameter_types,
    "parameters without a type": untyped_parameters,
    "duplicate parameters": duplicate_parameters,
    "repeated request bodies": body_media_types,
}


def repair(document: Json, report: CanonicalReport) -> Json:
    """Return a valid copy of ``document``; every repair is noted in ``report``.

    Anything not covered by a rule is left out or loosened, so that the rest stays usable, and listed under
    ``report.degraded``.
    """
    mended: Json = plain.copied(document, report)
    sanitize.sanitize_structure(mended, report)
    for name, rule in RULES.items():
        for place in rule(mended):
            report.note(name, pointer(*place))
    sanitize.loosen_unknown(mended, report)
    _unwrap_references(mended)
    spell_null(mended)
    return mended


def _unwrap_references(document: Json) -> None:
    """Replace alternatives or parts that are one reference by it: `items` of a body says what is sent either way."""
    for place, schema in schemas(document):
        if len(place) > 3 and "$ref" not in schema and schema.keys().isdisjoint(_SAYING):
            listed = [part for key in _COMPOSED for part in schema.get(key) or ()]
            told = [part for part in listed if not (isinstance(part, dict) and part.get("type") == "null")]
            if len(told) == 1 and isinstance(told[0], dict) and told[0].keys() == {"$ref"}:
                for key in _COMPOSED:
                    schema.pop(key, None)
                schema["$ref"] = told[0]["$ref"]


_COMPOSED = ("allOf", "anyOf", "oneOf")
_SAYING = ("type", "properties", "items", "additionalProperties", "enum")
