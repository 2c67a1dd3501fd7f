"""Document in the dialect of a 2026 instance: valid types, the errors declared, some responses described.

Only a few of the operations that describe their responses are known; here these are the lists that page and
the writes of actions (guess).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._utils.openapi_document import Document
from halo_async.emulator.dialect_2024 import looked_up, media_types, plain
from halo_async.emulator.routes import METHODS
from halo_async.emulator.schema import JSON_TYPE, Schemas, answer_schema, ref_name

# The only operations with an operationId; which three have one is not known (guess).
NAMED = {
    ("/Tickets", "get"): "GetTickets",
    ("/Agent", "get"): "GetAgents",
    ("/Actions", "post"): "PostActions",
}
_ERRORS = {"400": "Bad Request", "401": "Unauthorized", "404": "Not Found", "429": "Too Many Requests"}
_GRID = {
    "columns_id": {"type": "integer", "format": "int32"},
    "columns_tilehtml": {"type": "string", "nullable": True},
    "columns": {"type": "array", "items": {"type": "object"}, "nullable": True},
}


def dialect_2026(document: Document) -> dict[str, Any]:
    """Return the document in the dialect of 2026."""
    schemas: dict[str, Any] = {
        name: plain(schema) for name, schema in document["components"]["schemas"].items()
    }
    paths = {path: _path(document, path, schemas) for path in document["paths"]}
    return {
        "openapi": "3.0.1",
        "info": {"title": "Halo API", "version": "v2"},
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"Bearer": {"type": "http", "scheme": "Bearer"}},
        },
        "security": [{"Bearer": []}],
    }


def _path(document: Document, path: str, schemas: dict[str, Any]) -> dict[str, Any]:
    item = document["paths"][path]
    return {method: _operation(document, path, method, schemas) for method in METHODS if method in item}


def _operation(document: Document, path: str, method: str, schemas: dict[str, Any]) -> dict[str, Any]:
    raw = document["paths"][path][method]
    made: dict[str, Any] = {"tags": raw["tags"]}
    if (path, method) in NAMED:
        made["operationId"] = NAMED[path, method]
    declared = [_parameter(looked_up(document, one)) for one in raw.get("parameters", ())]
    if declared:
        made["parameters"] = declared
    if "requestBody" in raw:
        made["requestBody"] = {"content": media_types(raw["requestBody"]["content"])}
    made["responses"] = _responses(document, path, method, raw, schemas)
    return made


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in parameter.items() if not name.startswith("x-halo")}


def _responses(
    document: Document, path: str, method: str, raw: Mapping[str, Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    described = _described(document, path, method, raw, schemas)
    status = "201" if method == "post" else "200"
    success: dict[str, Any] = {"description": "Created" if method == "post" else "Success"}
    if described is not None:
        success["content"] = {JSON_TYPE: {"schema": described}}
    return {status: success} | {code: {"description": text} for code, text in _ERRORS.items()}


def _described(
    document: Document, path: str, method: str, raw: Mapping[str, Any], schemas: dict[str, Any]
) -> dict[str, Any] | None:
    if (path, method) == ("/Actions", "post"):
        return {"$ref": "#/components/schemas/Actions"}
    hints = raw.get("x-halo", {})
    if method != "get" or hints.get("shape") != "envelope" or not hints.get("paged", True):
        return None
    row = Schemas(document).row(answer_schema(raw), hints.get("key"))
    if row is None or "$ref" not in row:
        return None
    return {"$ref": f"#/components/schemas/{_view(ref_name(row), str(hints['key']), schemas)}"}


def _view(row: str, key: str, schemas: dict[str, Any]) -> str:
    """Return the name of the envelope's schema, made on first use: ``Area_View`` around ``Area_List``."""
    base = row.removesuffix("_List")
    listed = f"{base}_List"
    schemas.setdefault(listed, schemas[row])
    name = f"{base}_View"
    if name in schemas and key not in schemas[name]["properties"]:
        name = f"{base}_{key}_View"
    numbers = {
        field: {"type": "integer", "format": "int32"} for field in ("page_no", "page_size", "record_count")
    }
    rows = {key: {"type": "array", "items": {"$ref": f"#/components/schemas/{listed}"}, "nullable": True}}
    schemas.setdefault(name, {"type": "object", "properties": {**numbers, **rows, **_GRID}})
    return name
