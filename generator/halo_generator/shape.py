"""What is not as OpenAPI has it and no rule knows: left out or loosened, and named, so that the rest stays whole."""

from __future__ import annotations

import re
from typing import Any

from halo_generator.report import Report, pointer
from halo_generator.walk import METHODS, Json, operations, ref_name, schemas

VALID_TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}
_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def normalise_shape(document: Json, report: Report) -> None:
    """Leave only paths, operations and parameters that have the shape that OpenAPI gives them."""
    for path in list(document["paths"]):
        item = document["paths"][path]
        if path.startswith("/") and isinstance(item, dict):
            for method in [m for m in METHODS if m in item and not isinstance(item[m], dict)]:
                report.degraded[pointer("paths", path, method)] = "left out: an operation is an object"
                del item[method]
            _share_parameters(item)
        else:
            report.degraded[pointer("paths", path)] = (
                "left out: a path begins with a slash and holds an object"
            )
            del document["paths"][path]
    _components(document, report)
    for method, path, operation in operations(document):
        place = ("paths", path, method)
        _operation_shape(operation)
        listed = operation.get("parameters")
        kept = [
            found
            for index, parameter in enumerate(listed if isinstance(listed, list) else [])
            if (found := _parameter(document, parameter, pointer(*place, "parameters", index), report))
        ]
        operation.pop("parameters", None)
        if kept:
            operation["parameters"] = kept
        _resolve_body(document, operation)
        for holder in (operation.get("requestBody"), *operation["responses"].values()):
            _content_shape(holder)
    for where, schema in schemas(document):
        _schema_shape(schema, pointer(*where), report)
    _break_circles(document["components"]["schemas"], report)


def _break_circles(known: Json, report: Report) -> None:
    """A component that is a reference, and in the end one to itself, says nothing: it may be anything."""
    for name in known:
        seen, at = {name}, ref_name(known[name])
        while at is not None and at not in seen:
            seen.add(at)
            at = ref_name(known.get(at))
        if at is not None:
            report.degraded[pointer("components", "schemas", name)] = "a reference that leads to itself"
            known[name] = {}


def _operation_shape(operation: Json) -> None:
    tags = operation.get("tags")
    operation["tags"] = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    if not isinstance(operation.get("responses"), dict):
        operation["responses"] = {}
    if not isinstance(operation.get("requestBody", {}), dict):
        del operation["requestBody"]


def _content_shape(holder: Any) -> None:
    if not isinstance(holder, dict):
        return
    content = holder.get("content")
    media = content.items() if isinstance(content, dict) else ()
    holder["content"] = {name: value for name, value in media if isinstance(value, dict)}
    for value in holder["content"].values():
        if not isinstance(value.get("schema", {}), dict):
            del value["schema"]


_KEYWORDS: dict[str, type | tuple[type, ...]] = {
    "$ref": str, "type": (str, list), "format": str, "nullable": bool, "readOnly": bool, "writeOnly": bool,
    "properties": dict, "items": dict, "additionalProperties": (dict, bool), "required": list, "enum": list,
    "allOf": list, "anyOf": list, "oneOf": list, "not": dict, "maxLength": int, "minLength": int,
    "minimum": (int, float), "maximum": (int, float), "uniqueItems": bool,
}  # fmt: skip


def _schema_shape(schema: Json, place: str, report: Report) -> None:
    """Drop keywords whose value is not of their kind; called from the outside in, so the walk never meets them."""
    for key, kind in _KEYWORDS.items():
        if key in schema and not isinstance(schema[key], kind):
            report.degraded[place] = f"left out: {key!r} is not what OpenAPI has there"
            del schema[key]
    if isinstance(schema.get("type"), list):
        schema["type"] = [name for name in schema["type"] if isinstance(name, str)]
    if isinstance(schema.get("required"), list):
        schema["required"] = [name for name in schema["required"] if isinstance(name, str)]
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            schema[key] = [part for part in schema[key] if isinstance(part, dict)]
            if not schema[key]:
                del schema[key]
    if "properties" in schema:
        schema["properties"] = {n: v if isinstance(v, dict) else {} for n, v in schema["properties"].items()}


def _components(document: Json, report: Report) -> None:
    components = document.get("components")
    document["components"] = components if isinstance(components, dict) else {}
    known = document["components"].get("schemas")
    document["components"]["schemas"] = known = known if isinstance(known, dict) else {}
    for name in [name for name, schema in known.items() if not isinstance(schema, dict)]:
        report.degraded[pointer("components", "schemas", name)] = "left out: a schema is an object"
        del known[name]


def _share_parameters(item: Json) -> None:
    """Parameters declared once for a whole path belong to each of its operations, whose own go before them."""
    shared = item.pop("parameters", [])
    for method in item.keys() & set(METHODS) if isinstance(shared, list) else ():
        own = item[method].get("parameters")
        own = own if isinstance(own, list) else []
        taken = [_key(parameter) for parameter in own]
        item[method]["parameters"] = own + [parameter for parameter in shared if _key(parameter) not in taken]


def _key(parameter: Any) -> tuple[Any, Any]:
    return (
        (parameter.get("in"), parameter.get("name")) if isinstance(parameter, dict) else (None, id(parameter))
    )


def _parameter(document: Json, parameter: Any, place: str, report: Report) -> Json | None:
    """A parameter, in the place of a reference to it too: the normal form factors shared ones out again."""
    found = _referred(document, parameter, "parameters")
    if isinstance(found, dict) and isinstance(found.get("name"), str) and isinstance(found.get("in"), str):
        return dict(found)
    report.degraded[place] = "left out: a parameter needs a `name` and an `in`"
    return None


def _resolve_body(document: Json, operation: Json) -> None:
    body = _referred(document, operation.get("requestBody"), "requestBodies")
    if isinstance(body, dict):
        operation["requestBody"] = dict(body)
    for status, response in operation["responses"].items():
        found = _referred(document, response, "responses")
        operation["responses"][status] = found if isinstance(found, dict) else {}


def _referred(document: Json, node: Any, kind: str) -> Any:
    if isinstance(node, dict) and "$ref" in node:
        name = str(node["$ref"]).removeprefix(f"#/components/{kind}/")
        return (document["components"].get(kind) or {}).get(name)
    return node


def loosen_unknown(document: Json, report: Report) -> None:
    """Types that are not known may be anything; paths and their parameters are made to agree."""
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


def _agree(path: str, operation: Json, place: str, report: Report) -> None:
    listed = operation.get("parameters", [])
    declared = {p["name"] for p in listed if p["in"] == "path"}
    templated = _TEMPLATE.findall(path)
    for name in dict.fromkeys(templated):
        if name not in declared:
            report.degraded[place] = f"the path's {{{name}}} is not declared: taken as text"
            listed = [*listed, {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]
    for name in sorted(declared - set(templated)):
        report.degraded[place] = f"left out: the path has no place for its parameter {name!r}"
        listed = [p for p in listed if not (p["in"] == "path" and p["name"] == name)]
    if listed:
        operation["parameters"] = listed
    else:
        operation.pop("parameters", None)
