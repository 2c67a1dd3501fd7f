"""Traversal of a document: its operations and all its schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Json = dict[str, Any]
Place = tuple[str | int, ...]


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield every operation as (method in lower case, path, operation), in document order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                yield method, path, operation


def schemas(document: Json) -> Iterator[tuple[Place, Json]]:
    """Yield every schema with its location, including nested schemas."""
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from inside(schema, ("components", "schemas", name))
    for method, path, operation in operations(document):
        place: Place = ("paths", path, method)
        for index, parameter in enumerate(operation.get("parameters", [])):
            yield from inside(parameter.get("schema"), (*place, "parameters", index, "schema"))
        yield from _walk_content(operation.get("requestBody"), (*place, "requestBody"))
        for status, response in operation.get("responses", {}).items():
            yield from _walk_content(response, (*place, "responses", status))


def _walk_content(holder: Any, place: Place) -> Iterator[tuple[Place, Json]]:
    if not isinstance(holder, dict):
        return
    for media, value in (holder.get("content") or {}).items():
        yield from inside(value.get("schema"), (*place, "content", media, "schema"))


def inside(schema: Any, place: Place) -> Iterator[tuple[Place, Json]]:
    """Yield a schema and all those inside of it with their locations."""
    pending = [(schema, place)]
    while pending:
        node, where = pending.pop()
        if not isinstance(node, dict):
            continue
        yield where, node
        # read after the caller received the node and may have repaired it
        pending += [(node.get(key), (*where, key)) for key in ("items", "additionalProperties", "not")]
        fields = node.get("properties")
        if isinstance(fields, dict):
            pending += [(value, (*where, "properties", name)) for name, value in fields.items()]
        for key in ("allOf", "anyOf", "oneOf"):
            parts = node.get(key)
            pending += [
                (part, (*where, key, i)) for i, part in enumerate(parts if isinstance(parts, list) else [])
            ]


def ref_name(schema: Any) -> str | None:
    """Return the component that a ``$ref`` points to, or None if ``schema`` is not a reference."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    prefix = "#/components/schemas/"
    if isinstance(reference, str) and reference.startswith(prefix):
        return reference[len(prefix) :].replace("~1", "/").replace("~0", "~")
    return None


def ref_to(name: str) -> Json:
    """Return a schema that refers to the component ``name``."""
    return {"$ref": "#/components/schemas/" + name.replace("~", "~0").replace("/", "~1")}


def json_schema(holder: Any) -> Any:
    """Return the schema of the JSON content of a request body or response, or None."""
    content = holder.get("content") if isinstance(holder, dict) else None
    for media, value in (content or {}).items():
        if "json" in media and isinstance(value, dict) and value.get("schema"):
            return value["schema"]
    return None


FORM = "application/x-www-form-urlencoded"
_MEDIA = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+|[\w!#$&^.+-]+/(?:\*[\w.+-]*)|\*/\*", re.ASCII)


def media_type(text: str) -> str | None:
    """Return a media type or range in lower case without its parameters; None if it is neither."""
    plain = text.partition(";")[0].strip().lower()
    return plain if _MEDIA.fullmatch(plain) else None


def is_raw(media: str) -> bool:
    """Return whether a body of this media type is text or bytes and is sent unchanged."""
    return not ("json" in media or media.startswith("multipart/") or media == FORM)


def size(node: Any) -> int:
    """Return how many values a value has in it, itself among them."""
    found, pending = 0, [node]
    while pending:
        at = pending.pop()
        found += 1
        if isinstance(at, (dict, list)):
            pending += at.values() if isinstance(at, dict) else at
    return found
