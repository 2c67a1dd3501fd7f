"""Walk a document: its operations, and every schema in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Json = dict[str, Any]
Place = tuple[str | int, ...]


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Every operation as (method in lower case, path, operation), in the document's order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                yield method, path, operation


def schemas(document: Json) -> Iterator[tuple[Place, Json]]:
    """Every schema with its place, those inside schemas included."""
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _inside(schema, ("components", "schemas", name))
    for method, path, operation in operations(document):
        place: Place = ("paths", path, method)
        for index, parameter in enumerate(operation.get("parameters", [])):
            yield from _inside(parameter.get("schema"), (*place, "parameters", index, "schema"))
        yield from _content(operation.get("requestBody"), (*place, "requestBody"))
        for status, response in operation.get("responses", {}).items():
            yield from _content(response, (*place, "responses", status))


def _content(holder: Any, place: Place) -> Iterator[tuple[Place, Json]]:
    if not isinstance(holder, dict):
        return
    for media, value in (holder.get("content") or {}).items():
        yield from _inside(value.get("schema"), (*place, "content", media, "schema"))


def _inside(schema: Any, place: Place) -> Iterator[tuple[Place, Json]]:
    pending = [(schema, place)]
    while pending:
        node, where = pending.pop()
        if not isinstance(node, dict):
            continue
        yield where, node
        # read after the caller had the node, who may have mended it
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
    """The component that a ``$ref`` points to, or None where ``schema`` is no reference."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    prefix = "#/components/schemas/"
    if isinstance(reference, str) and reference.startswith(prefix):
        return reference[len(prefix) :].replace("~1", "/").replace("~0", "~")
    return None


def ref_to(name: str) -> Json:
    """A schema that refers to the component ``name``."""
    return {"$ref": "#/components/schemas/" + name.replace("~", "~0").replace("/", "~1")}


def json_schema(holder: Any) -> Any:
    """The schema of the JSON content of a request body or response, or None."""
    content = holder.get("content") if isinstance(holder, dict) else None
    for media, value in (content or {}).items():
        if "json" in media and isinstance(value, dict) and value.get("schema"):
            return value["schema"]
    return None


FORM = "application/x-www-form-urlencoded"
_MEDIA = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+|[\w!#$&^.+-]+/(?:\*[\w.+-]*)|\*/\*", re.ASCII)


def media_type(text: str) -> str | None:
    """A media type or range without its parameters, in lower case; None where it is neither."""
    plain = text.partition(";")[0].strip().lower()
    return plain if _MEDIA.fullmatch(plain) else None


def is_raw(media: str) -> bool:
    """Whether a body of this media type is text or bytes that are sent as they are given."""
    return not ("json" in media or media.startswith("multipart/") or media == FORM)


def size(node: Any) -> int:
    """How many values a value has in it, itself among them."""
    found, pending = 0, [node]
    while pending:
        at = pending.pop()
        found += 1
        if isinstance(at, (dict, list)):
            pending += at.values() if isinstance(at, dict) else at
    return found
