"""Document in the dialect of a 2026 instance: valid types; what states its response declares its errors, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._utils.openapi_document import Document
from halo_async.emulator.dialect_2024 import looked_up, media_types, plain
from halo_async.emulator.routes import METHODS
from halo_async.emulator.schema import JSON_TYPE, stated_schema

_ERRORS = {"400": "Bad Request", "401": "Unauthorized", "429": "Too Many Requests"}
"""Declared, without bodies, where a response is stated."""


def dialect_2026(document: Document) -> dict[str, Any]:
    """Return the document in the dialect of 2026."""
    return {
        "openapi": "3.0.1",
        "info": {"title": "Halo API", "version": "v2"},
        "servers": [{"url": "/api"}],
        "paths": {path: _write_path(document, item) for path, item in document["paths"].items()},
        "components": {
            "schemas": {name: plain(schema) for name, schema in document["components"]["schemas"].items()},
            "securitySchemes": {"Bearer": {"type": "http", "scheme": "Bearer"}},
        },
    }


def _write_path(document: Document, item: Mapping[str, Any]) -> dict[str, Any]:
    return {method: _write_operation(document, item[method]) for method in METHODS if method in item}


def _write_operation(document: Document, raw: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"tags": raw["tags"]}
    declared = [_strip_parameter(looked_up(document, one)) for one in raw.get("parameters", ())]
    if declared:
        made["parameters"] = declared
    if "requestBody" in raw:
        made["requestBody"] = {"content": media_types(raw["requestBody"]["content"])}
    made["responses"] = _responses(raw)
    return made


def _strip_parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in parameter.items() if not name.startswith("x-halo")}


def _responses(raw: Mapping[str, Any]) -> dict[str, Any]:
    stated = stated_schema(raw)
    if stated is None:
        return {"200": {"description": "Success"}}
    status = "201" if "201" in raw["responses"] else "200"
    success = {
        "description": "Created" if status == "201" else "Success",
        "content": {JSON_TYPE: {"schema": plain(stated)}},
    }
    return {status: success} | {code: {"description": text} for code, text in _ERRORS.items()}
