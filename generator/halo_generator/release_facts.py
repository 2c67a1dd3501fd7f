"""Facts of one document by themselves: what it states, without our overlay and without anything inferred.

They are kept as plain objects, so that two releases can be told apart by a merge patch:
``{"paths": {path: {method: {"tag", "parameters": {"query count": {…}}, "body", "responses"}}}, "schemas": {…}}``.
"""

from __future__ import annotations

from typing import Any

from halo_generator import canonical
from halo_generator.arguments import CHOICES, MANY
from halo_generator.merge_patch import without_nulls
from halo_generator.overlay import Overlay
from halo_generator.report import CanonicalReport
from halo_generator.traversal import Json, ref_name

_REFINING = (
    "format",
    "maxLength",
    "minLength",
    "minimum",
    "maximum",
    "uniqueItems",
    "default",
    "enum",
    "required",
)
"""Keywords that a document may leave out about a type without saying anything else."""
_USUAL = {"integer": "int32", "number": "double"}
"""Formats of the numbers in parameters, all of which have them where a document states any."""
_WIDEST = ("int64", "double")
"""Formats that stay where a newer document has a narrower one: what was sent once is read for ever."""


def facts_of(document: Json) -> Json:
    """Return the facts of a repaired document."""
    form = canonical.canonicalise(document, Overlay(), CanonicalReport()).document
    shared = form["components"]["parameters"]
    paths = {
        path: {method: _strip_operation(operation, shared) for method, operation in item.items()}
        for path, item in form["paths"].items()
    }
    schemas = {
        name: {key: value for key, value in schema.items() if key != "x-halo-record"}
        for name, schema in form["components"]["schemas"].items()
    }
    facts: Json = without_nulls({"paths": paths, "schemas": schemas})
    return facts


def _strip_operation(operation: Json, shared: Json) -> Json:
    facts: Json = {}
    if operation.get("tags"):
        facts["tag"] = operation["tags"][0]
    listed = operation.get("parameters", [])
    parameters = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in listed]
    if parameters:
        facts["parameters"] = {parameter_key(p): _remove_keys(p, "name", "in") for p in parameters}
    if "requestBody" in operation:
        facts["body"] = operation["requestBody"]["content"]
    stated = {
        status: response.get("content", {})
        for status, response in operation["responses"].items()
        if status != "default" and "x-halo-inferred" not in response
    }
    return {**facts, "responses": stated} if stated else facts


def parameter_key(parameter: Json) -> str:
    """Return what tells a parameter from the others of its operation."""
    return f"{parameter['in']} {parameter['name']}"


def _remove_keys(node: Json, *keys: str) -> Json:
    return {key: value for key, value in node.items() if key not in keys}


def document_of(facts: Json) -> Json:
    """Return facts as an OpenAPI document again."""
    return {
        "openapi": "3.0.3",
        "info": {"title": canonical.TITLE, "version": "v2"},
        "paths": {
            path: {method: _stated(operation) for method, operation in item.items()}
            for path, item in facts["paths"].items()
        },
        "components": {"schemas": {name: dict(schema) for name, schema in facts["schemas"].items()}},
    }


def _stated(facts: Json) -> Json:
    operation: Json = {"responses": {}}
    if "tag" in facts:
        operation["tags"] = [facts["tag"]]
    if "parameters" in facts:
        operation["parameters"] = [
            _expand_parameter(key, value) for key, value in facts["parameters"].items()
        ]
    if "body" in facts:
        operation["requestBody"] = {"content": facts["body"]}
    for status, content in facts.get("responses", {}).items():
        operation["responses"][status] = {"description": "OK", "content": content}
    return operation


def _expand_parameter(key: str, facts: Json) -> Json:
    where, _, name = key.partition(" ")
    return {"name": name, "in": where, **facts}


# -- what a newer document leaves out -------------------------------------------------------------------------------


def refined(old: Json, new: Json, known: Json | None = None) -> Json:
    """Return the facts of a newer document with what it leaves out, rather than says otherwise, from an older one.

    A number without its format, a map without its values, an untyped value, a text of which only prose told that it
    takes several values: such a difference is one of spelling. Nothing refers to a schema that ``known``, the
    newer document's own by default, does not have.
    """
    names = new["schemas"] if known is None else known
    schemas = {
        name: _compare_schemas(old["schemas"].get(name, {}), schema, names)
        for name, schema in new["schemas"].items()
    }
    paths = {
        path: {
            method: _refined_operation(old["paths"].get(path, {}).get(method, {}), operation, names)
            for method, operation in item.items()
        }
        for path, item in new["paths"].items()
    }
    return {"paths": paths, "schemas": schemas}


def _refined_operation(old: Json, new: Json, names: Json) -> Json:
    made = dict(new)
    if old.get("tag") in names and new.get("tag") not in names:
        made["tag"] = old["tag"]  # older documents name the schema there, which says what is returned
    if "parameters" in new:
        before = old.get("parameters", {})
        made["parameters"] = {
            key: _refined_parameter(before.get(key, {}), value, names)
            for key, value in new["parameters"].items()
        }
    if "body" in new:
        before = old.get("body", {})
        made["body"] = {
            media: {
                "schema": _compare_schemas(
                    before.get(media, {}).get("schema", {}), value.get("schema", {}), names
                )
            }
            for media, value in new["body"].items()
        }
    return made


def _refined_parameter(old: Json, new: Json, names: Json) -> Json:
    schema = _compare_schemas(old.get("schema", {}), new["schema"], names)
    if "format" not in schema and schema.get("type") in _USUAL:
        schema = {**schema, "format": _USUAL[schema["type"]]}
    kept = {key: old[key] for key in (MANY, CHOICES, "style", "explode") if key in old and key not in new}
    same = old.get("schema", {}).get("type") == schema.get("type")
    return {**new, **(kept if same else {}), "schema": schema}


def _compare_schemas(old: Json, new: Json, names: Json) -> Json:
    if not old or old == new:
        return new
    if not _remove_keys(new, "nullable", "readOnly"):
        return {**new, **old} if _is_known(old, names) else new
    if "$ref" in old or "$ref" in new or old.get("type") != new.get("type"):
        return new
    made = {**{key: old[key] for key in _REFINING if key in old}, **new}
    if old.get("format") in _WIDEST:
        made["format"] = old["format"]
    for key in ("items", "additionalProperties"):
        if isinstance(old.get(key), dict) and (key in new or "properties" not in new):
            inner = _compare_schemas(old[key], new.get(key, {}), names)
            if inner or key in new:
                made[key] = inner
    if "properties" in new:
        before = old.get("properties", {})
        made["properties"] = {
            name: _compare_schemas(before.get(name, {}), value, names)
            for name, value in new["properties"].items()
        }
        if "required" in made and "required" not in new:
            made["required"] = [name for name in made["required"] if name in new["properties"]]
    return made


def _is_known(node: Any, names: Json) -> bool:
    """Return whether every schema that a schema refers to is known."""
    pending = [node]
    while pending:
        at = pending.pop()
        name = ref_name(at)
        if name is not None and name not in names:
            return False
        if isinstance(at, dict | list):
            pending += at.values() if isinstance(at, dict) else at
    return True
