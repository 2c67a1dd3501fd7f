"""Lookups in the schemas of the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._utils.openapi_document import Document

Schema = Mapping[str, Any]
JSON_TYPE = "application/json"


class Schemas:
    """Return the document's component schemas."""

    def __init__(self, document: Document) -> None:
        self._all: Mapping[str, Schema] = document["components"]["schemas"]

    def resolve(self, schema: Schema) -> Schema:
        """Return the schema itself, with any reference resolved."""
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            schema = self._all[ref_name(schema)] if "$ref" in schema else schema["allOf"][0]
        return schema

    def properties(self, schema: Schema) -> Mapping[str, Schema]:
        """Return the properties of an object schema; empty for anything else."""
        found: Mapping[str, Schema] = self.resolve(schema).get("properties", {})
        return found

    def row(self, response: Schema | None, key: str | None = None) -> Schema | None:
        """Return the schema of one row of a list response, be it an array or an envelope."""
        if response is None:
            return None
        schema = self.resolve(response)
        if "anyOf" in schema:  # the envelope first, then the bare array returned without paging
            schema = self.resolve(schema["anyOf"][0])
        if schema.get("type") == "array":
            items: Schema = schema.get("items", {})
            return items
        for name, property in schema.get("properties", {}).items():
            if name == key and self.resolve(property).get("type") == "array":
                return self.row(property)
        return schema if schema.get("properties") else None


def ref_name(schema: Schema) -> str:
    """Return the name at the end of a ``$ref``."""
    return str(schema["$ref"]).rsplit("/", 1)[1]


def response_schema(operation: Mapping[str, Any]) -> Schema | None:
    """Return the JSON schema of an operation's successful response, if the document has one."""
    for status in ("200", "201"):
        content = operation.get("responses", {}).get(status, {}).get("content", {})
        if JSON_TYPE in content:
            schema: Schema = content[JSON_TYPE].get("schema", {})
            return schema
    return None


def stated_schema(operation: Mapping[str, Any]) -> Schema | None:
    """Return the JSON schema that the document itself states for a successful response, if it does."""
    for status in ("200", "201"):
        response = operation.get("responses", {}).get(status, {})
        if "x-halo-inferred" not in response and JSON_TYPE in response.get("content", {}):
            schema: Schema = response["content"][JSON_TYPE].get("schema", {})
            return schema
    return None


def states_responses(document: Document) -> bool:
    """Return whether a document states what its operations return, as those of newer instances do of some."""
    return any(
        stated_schema(operation) is not None
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    )


def body_schema(operation: Mapping[str, Any]) -> Schema | None:
    """Return the JSON schema of an operation's body, if it has one."""
    content = operation.get("requestBody", {}).get("content", {})
    found: Schema | None = content.get(JSON_TYPE, {}).get("schema")
    return found
