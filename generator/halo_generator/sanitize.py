"""Removal or loosening of parts that are not valid OpenAPI and have no rule, with a note for each."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from halo_generator import plain
from halo_generator import value_kinds as kinds
from halo_generator.references import References
from halo_generator.report import CanonicalReport, pointer
from halo_generator.schema_references import settle_references
from halo_generator.traversal import METHODS, Json, Place, operations, ref_name, schemas
from halo_generator.value_kinds import is_kind, keep_kinds, only_of_kind

VALID_TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}
PLACE = re.compile(r"\{([^{}]*)\}")
"""A parameter's placeholder in a path."""
_METHODS = tuple(method for method in METHODS if method != "trace")
_UNSENDABLE = re.compile(r"[^!-~]|[?#\\]")


def sanitize_structure(document: Json, report: CanonicalReport) -> None:
    """Keep only paths, operations and parameters of the shape that OpenAPI requires."""
    # As it was: what has been replaced already may hold what it stands in.
    references = References(plain.copied(document, CanonicalReport()), report)
    keep_kinds(document, kinds.DOCUMENT, (), report)
    keep_kinds(document.get("info") or {}, kinds.INFO, ("info",), report)
    items = {path: _clean_item(path, item, references, report) for path, item in document["paths"].items()}
    _components(document, report)
    for path, item in items.items():
        for method in _METHODS:
            if item is not None and method in item:
                _clean_operation(item[method], item.get("parameters"), (path, method), references, report)
    document["paths"] = {
        path: {method: item[method] for method in _METHODS if method in item}
        for path, item in items.items()
        if item is not None
    }
    settle_references(document, references, report)
    for where, schema in schemas(document):
        _schema_shape(schema, where, report)
    _break_circles(document["components"]["schemas"], report)


def _clean_item(path: str, item: Any, references: References, report: CanonicalReport) -> Json | None:
    """Return a path's item, copied if it is a reference; None if it cannot be used."""
    report.at = place = pointer("paths", path)
    literals = PLACE.sub("", path)
    if not path.startswith("/") or not isinstance(item, dict):
        report.degraded[place] = "left out: a path begins with a slash and holds an object"
        return None
    if _UNSENDABLE.search(literals) or path.startswith("//") or {".", ".."} & set(path.split("/")):
        report.degraded[place] = (
            "left out: a path holds no query, no character that must be quoted, no `.` and no `..`"
        )
        return None
    if "$ref" in item:
        found = references.resolved({"$ref": item["$ref"]}, place)
        if not isinstance(found, dict):
            report.degraded.setdefault(place, "left out: a path refers to what is not an object")
            return None
        item = {**copy.deepcopy(found), **{key: value for key, value in item.items() if key != "$ref"}}
    for method in [m for m in METHODS if m in item]:
        if method == "trace" or not isinstance(item[method], dict):
            why = "TRACE is not sent" if method == "trace" else "an operation is an object"
            report.degraded[pointer("paths", path, method)] = f"left out: {why}"
            del item[method]
    _name_new_methods(path, item, report)
    usable: Json = item
    keep_kinds(usable, kinds.PATH, ("paths", path), report)
    return usable


def _name_new_methods(path: str, item: Json, report: CanonicalReport) -> None:
    """Name the operations that OpenAPI 3.2 has by methods which are not sent."""
    more = item.get("additionalOperations")
    listed: list[tuple[str, ...]] = [("query",)] if "query" in item else []
    listed += [("additionalOperations", name) for name in (more if isinstance(more, dict) else ())]
    for place in listed:
        told = f"left out: {place[-1].upper()} is not sent"
        report.degraded[pointer("paths", path, *place)] = told


def _clean_operation(
    operation: Json, shared: Any, at: tuple[str, str], references: References, report: CanonicalReport
) -> None:
    place = ("paths", *at)
    report.at = pointer(*place)
    _operation_shape(operation, place, report)
    own = _resolve_parameters(operation.get("parameters"), (*place, "parameters"), references, report)
    # Parameters declared for a whole path belong to each of its operations, whose own take precedence.
    for_all = _resolve_parameters(shared, ("paths", at[0], "parameters"), references, report)
    taken = {(parameter["in"], parameter["name"]) for parameter in own}
    found = own + [p for p in for_all if (p["in"], p["name"]) not in taken]
    operation.pop("parameters", None)
    if found:
        operation["parameters"] = found
    body = references.resolved(operation.pop("requestBody", None), pointer(*place, "requestBody"))
    if is_kind(body, dict, (*place, "requestBody"), report):
        operation["requestBody"] = dict(body)
        keep_kinds(operation["requestBody"], kinds.BODY, (*place, "requestBody"), report)
        _content_shape(operation["requestBody"], (*place, "requestBody"), report)
    for status, response in operation["responses"].items():
        where = (*place, "responses", status)
        resolved = references.resolved(response, pointer(*where))
        operation["responses"][status] = made = (
            dict(resolved) if is_kind(resolved, dict, where, report) else {}
        )
        keep_kinds(made, kinds.RESPONSE, where, report)
        _content_shape(made, where, report)


def _resolve_parameters(
    listed: Any, place: Place, references: References, report: CanonicalReport
) -> list[Json]:
    """Return parameters with references resolved: the canonical document factors shared ones out again."""
    kept = []
    for index, parameter in enumerate(listed if is_kind(listed, list, place, report) else ()):
        where = pointer(*place, index)
        found = references.resolved(parameter, where)
        if (
            isinstance(found, dict)
            and isinstance(found.get("name"), str)
            and isinstance(found.get("in"), str)
        ):
            kept.append(_parameter_shape(found, (*place, index), report))
        else:
            report.degraded.setdefault(where, "left out: a parameter needs a `name` and an `in`")
    return kept


def _parameter_shape(parameter: Json, place: Place, report: CanonicalReport) -> Json:
    parameter = dict(parameter)
    keep_kinds(parameter, kinds.PARAMETER, place, report)
    if "schema" in parameter and not is_kind(parameter["schema"], dict, (*place, "schema"), report):
        del parameter["schema"]
    if "content" in parameter:
        _content_shape(parameter, place, report)
        for value in parameter.pop("content").values():
            parameter.setdefault("schema", value.get("schema", {}))
    return parameter


def _break_circles(known: Json, report: CanonicalReport) -> None:
    """Replace a component that is a reference, in the end to itself, by a schema that allows anything."""
    endless: dict[str, bool] = {}
    for name in known:
        way: dict[str, None] = {}
        at: str | None = name
        while at is not None and at not in way and at not in endless:
            way[at] = None
            at = ref_name(known.get(at))
        endless |= dict.fromkeys(way, at is not None and (at in way or endless.get(at, False)))
    for name in [name for name in known if endless[name]]:
        report.degraded[pointer("components", "schemas", name)] = "a reference that leads to itself"
        known[name] = {}


def _operation_shape(operation: Json, place: Place, report: CanonicalReport) -> None:
    keep_kinds(operation, kinds.OPERATION, place, report)
    tags, where = operation.get("tags"), (*place, "tags")
    operation["tags"] = only_of_kind(str, tags, where, report) if is_kind(tags, list, where, report) else []
    if not is_kind(operation.get("responses"), dict, (*place, "responses"), report):
        operation["responses"] = {}


def _content_shape(holder: Json, place: Place, report: CanonicalReport) -> None:
    content, where = holder.get("content"), (*place, "content")
    media = content.items() if is_kind(content, dict, where, report) else ()
    holder["content"] = {name: value for name, value in media if is_kind(value, dict, (*where, name), report)}
    for name, value in holder["content"].items():
        if "schema" in value and not is_kind(value["schema"], dict, (*where, name, "schema"), report):
            del value["schema"]


_KEYWORDS: dict[str, type | tuple[type, ...]] = {
    "$ref": str, "type": (str, list), "format": str, "nullable": bool, "readOnly": bool, "writeOnly": bool,
    "properties": dict, "items": dict, "additionalProperties": (dict, bool), "required": list, "enum": list,
    "allOf": list, "anyOf": list, "oneOf": list, "not": dict, "maxLength": int, "minLength": int,
    "minimum": (int, float), "maximum": (int, float), "uniqueItems": bool,
}  # fmt: skip


def _schema_shape(schema: Json, place: Place, report: CanonicalReport) -> None:
    """Drop keywords whose value has the wrong type; called top-down, so the traversal never meets them."""
    for key in ("items", "additionalProperties", "not"):
        if schema.get(key) is True:
            schema[key] = {}  # OpenAPI 3.1: allows anything
    keep_kinds(schema, kinds.SCHEMA, place, report)
    for key, kind in _KEYWORDS.items():
        if key in schema and not isinstance(schema[key], kind):
            report.degraded[pointer(*place)] = f"left out: {key!r} is not what OpenAPI has there"
            del schema[key]
    for key in ("type", "required"):
        if isinstance(schema.get(key), list):
            schema[key] = only_of_kind(str, schema[key], (*place, key), report)
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            schema[key] = only_of_kind(dict, schema[key], (*place, key), report)
            if not schema[key]:
                del schema[key]
    if "properties" in schema:
        schema["properties"] = {
            name: value if is_kind(value, dict, (*place, "properties", name), report) else {}
            for name, value in schema["properties"].items()
        }


def _components(document: Json, report: CanonicalReport) -> None:
    components = document.get("components")
    document["components"] = components if is_kind(components, dict, ("components",), report) else {}
    keep_kinds(document["components"], kinds.COMPONENTS, ("components",), report)
    document["components"]["schemas"] = known = document["components"].get("schemas") or {}
    for name in [name for name, schema in known.items() if not isinstance(schema, dict)]:
        report.degraded[pointer("components", "schemas", name)] = "left out: a schema is an object"
        del known[name]


def loosen_unknown(document: Json, report: CanonicalReport) -> None:
    """Allow anything for unknown types, and make paths and their parameters consistent."""
    for place, schema in schemas(document):
        kind = schema.get("type")
        if isinstance(kind, (str, type(None))) and (kind in VALID_TYPES or kind is None):
            continue
        if isinstance(kind, list) and all(name in VALID_TYPES for name in kind):
            continue
        report.degraded[pointer(*place)] = f"the type {str(kind)[:60]!r} is not known"
        del schema["type"]
    for method, path, operation in operations(document):
        _agree(path, operation, pointer("paths", path, method), report)


def _agree(path: str, operation: Json, place: str, report: CanonicalReport) -> None:
    listed = operation.get("parameters", [])
    declared = {p["name"] for p in listed if p["in"] == "path"}
    templated = dict.fromkeys(PLACE.findall(path))
    added = [name for name in templated if name not in declared]
    homeless = sorted(declared - templated.keys())
    if added:
        report.degraded[place] = (
            f"the path's {_few(f'{{{name}}}' for name in added)} is not declared: taken as text"
        )
    if homeless:
        told = f"left out: the path has no place for its parameter {_few(map(repr, homeless))}"
        report.degraded[place] = told
    kept = [p for p in listed if p["in"] != "path" or p["name"] in templated]
    kept += [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in added]
    operation.pop("parameters", None)
    if kept:
        operation["parameters"] = kept


def _few(names: Iterable[str]) -> str:
    """Return the first of some names."""
    some = list(islice(names, 4))
    return ", ".join(some[:3]) + (" and more" if len(some) > 3 else "")
