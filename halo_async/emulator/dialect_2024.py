"""Document in the dialect of a 2024 instance: the canonical document with every repair undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async._utils.openapi_document import Document
from halo_async.emulator.routes import METHODS
from halo_async.emulator.schema import JSON_TYPE

# Query parameters that the 2024 document declares twice.
TWICE: Mapping[str, frozenset[str]] = {
    "/Asset": frozenset({"assettype_id"}),
    "/EmailAddressBook": frozenset({"exclude_generaluser"}),
    "/Tickets": frozenset({"utcoffset"}),
    "/Tickets/{id}": frozenset({"debug", "utcoffset"}),
    "/IntegrationData/Get/ServiceNowIntegration": frozenset({"datatype", "offset"}),
    "/Opportunities": frozenset({"utcoffset"}),
    "/Opportunities/{id}": frozenset({"debug", "utcoffset"}),
    "/Projects": frozenset({"utcoffset"}),
    "/Projects/{id}": frozenset({"debug", "utcoffset"}),
    "/Roadmap": frozenset(
        [
            "halocrm",
            "haloitsm",
            "halopsa",
            "haloservicedesk",
            "order",
            "orderdesc",
            "product_id",
            "roadmapcolumnview",
        ]
    ),
    "/Users": frozenset({"exclude_generaluser"}),
}
_TYPES = {"integer": "int", "boolean": "bool", "number": "double"}
_CONTENT = ("application/json-patch+json", JSON_TYPE, "text/json", "application/*+json")


def dialect_2024(document: Document) -> dict[str, Any]:
    """Return the document in the dialect of 2024: invalid types, duplicated parameters, no responses."""
    return {
        "openapi": "3.0.1",
        "info": {"title": "Halo API", "version": "v2"},
        "servers": [{"url": "/api"}],
        "paths": {path: _write_path(document, path) for path in document["paths"]},
        "components": {
            "schemas": {name: plain(schema) for name, schema in document["components"]["schemas"].items()},
            "securitySchemes": {"Bearer": {"type": "http", "scheme": "Bearer"}},
        },
        "security": [{"Bearer": []}],
    }


def _write_path(document: Document, path: str) -> dict[str, Any]:
    item = document["paths"][path]
    return {
        method: _write_operation(document, path, method, item[method]) for method in METHODS if method in item
    }


def _write_operation(document: Document, path: str, method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"tags": raw["tags"]}
    declared = [looked_up(document, parameter) for parameter in raw.get("parameters", ())]
    if declared:
        twice = TWICE.get(path, frozenset()) if method == "get" else frozenset()
        made["parameters"] = [one for item in declared for one in _write_parameters(item, twice)]
    if "requestBody" in raw:
        made["requestBody"] = {"content": media_types(raw["requestBody"]["content"])}
    made["responses"] = {"200": {"description": "Success"}}
    return made


def looked_up(document: Document, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameter itself, if the document refers to a shared one."""
    if "$ref" not in parameter:
        return parameter
    found: Mapping[str, Any] = document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
    return found


def _write_parameters(parameter: Mapping[str, Any], twice: frozenset[str]) -> Sequence[dict[str, Any]]:
    made: dict[str, Any] = {"name": parameter["name"], "in": parameter["in"]}
    if parameter["in"] == "path":
        made |= {"required": True, "schema": dict(parameter["schema"])}
    else:
        made["schema"] = _query_type(parameter.get("schema", {}))
    return [made, dict(made)] if made["name"] in twice else [made]


def _query_type(schema: Mapping[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if not schema:
        return {"type": "obj"}
    inner = _TYPES.get(schema.get("items", {}).get("type", "")) if kind == "array" else None
    if inner is not None:
        return {"type": f"List<{inner}>"}
    if kind == "string" and schema.get("format") == "date-time":
        return {"type": "DateTime"}
    if kind == "integer" and schema.get("format") == "int64":
        return {"type": "long"}
    if kind in _TYPES and "default" not in schema:
        return {"type": _TYPES[kind]}
    kept: dict[str, Any] = plain(schema)
    return kept


def media_types(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body's content under the four types that Halo declares for JSON."""
    if JSON_TYPE not in content:
        return {kind: _media(media) for kind, media in content.items()}
    return {kind: _media(content[JSON_TYPE]) for kind in _CONTENT}


def _media(media: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in media.items()}


def plain(value: Any) -> Any:
    """Return a schema without our extensions, and with Halo's date-time format, with time zone or not."""
    if isinstance(value, Mapping):
        kept = {name: plain(part) for name, part in value.items() if not name.startswith("x-halo")}
        return kept | {"format": "date-time"} if kept.get("format") == "date-time-local" else kept
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value
