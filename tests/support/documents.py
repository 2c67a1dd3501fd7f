"""Small documents in the manner of Halo's, for the generator's tests."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec"
REAL_FOLDER = Path(os.environ.get("HALO_DOCUMENTS", ROOT.parent / "shared" / "api"))
REAL = {name: REAL_FOLDER / f"halo-openapi-{name}.json" for name in ("2024-09", "2025-03", "2026-09")}
needs_real_document = pytest.mark.skipif(
    not all(path.is_file() for path in REAL.values()),
    reason="the documents of real instances are not part of the project (set HALO_DOCUMENTS)",
)

NOTHING_STATED = {"200": {"description": "Success"}}
MEDIA = ("application/json-patch+json", "application/json", "text/json", "application/*+json")


def document(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "openapi": "3.0.1",
        "info": {"title": "Halo API", "version": "v2"},
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {"schemas": schemas or {}},
    }


def foreign(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> dict[str, Any]:
    """A document of another service than Halo."""
    return {**document(paths, schemas), "info": {"title": "Pets", "version": "1"}}


def query(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind}, **more}


def by_id(kind: str = "integer") -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": kind}}


def get(*parameters: dict[str, Any], tag: str = "Faults", **more: Any) -> dict[str, Any]:
    return {"tags": [tag], "parameters": list(parameters), "responses": NOTHING_STATED, **more}


def post(schema: dict[str, Any], tag: str = "Faults", **more: Any) -> dict[str, Any]:
    content = {media: {"schema": schema} for media in MEDIA}
    return {"tags": [tag], "requestBody": {"content": content}, "responses": NOTHING_STATED, **more}


def array_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": ref(name)}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def schema(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False}


TEXT = {"type": "string", "nullable": True}
NUMBER = {"type": "integer", "format": "int32"}


def service_desk() -> dict[str, Any]:
    """Tickets as a 2024 document has them: .NET types, a duplicate parameter, four content types, no responses."""
    made = document(
        {
            "/Tickets": {
                "get": get(
                    query("open_only", "bool"),
                    query("count", "int"),
                    query("count", "int"),
                    query("pageinate", "bool"),
                ),
                "post": post(array_of("Faults")),
            },
            "/Tickets/{id}": {"get": get(by_id()), "delete": get(by_id(), query("reason"))},
        },
        {
            "Faults": schema(
                id=NUMBER,
                summary=TEXT,
                dateoccurred={"type": "string", "format": "date-time", "nullable": True},
            ),
            "Faults_List": schema(id=NUMBER, summary=TEXT),
        },
    )
    return copy.deepcopy(made)  # its parts are shared by all tests, and some change them
