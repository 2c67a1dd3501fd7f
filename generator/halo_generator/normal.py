"""The normal form: valid OpenAPI 3.0.3 with facts only, in our own layout, made to be read as a diff.

Sorted; parameters that several operations share stand once under ``components``; one line for each parameter and each
property. Nothing of the document's prose is in it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

import attrs

from halo_generator.facts import Cleaner
from halo_generator.infer import answer, documented_answer, infer
from halo_generator.names import class_name, distinct
from halo_generator.overlay import Overlay
from halo_generator.report import Report, pointer
from halo_generator.walk import Json, operations

_ERROR = {"$ref": "#/components/responses/Error"}


@attrs.frozen
class NormalForm:
    """The document in normal form, and the prose that was left out of it, by JSON pointer."""

    document: Json
    prose: dict[str, str]


def normalise(document: Json, overlay: Overlay, report: Report) -> NormalForm:
    """The normal form of a repaired document with the overlay applied."""
    prose: dict[str, str] = {}
    facts = infer(document, overlay)
    known = document.get("components", {}).get("schemas", {})
    cleaner = Cleaner(known, report)
    names = record_names(sorted(known), overlay)
    schemas = {name: _component(cleaner, name, known[name], names, prose) for name in sorted(known)}
    paths: Json = defaultdict(dict)
    for method, path, operation in sorted(operations(document), key=lambda o: (o[1], o[0])):
        fact = facts[method, path]
        paths[path][method] = _operation(
            cleaner, document, overlay, method, path, operation, fact, prose, report
        )
    shared = _share_parameters(paths)
    return NormalForm(_document(dict(paths), schemas, shared), prose)


def _document(paths: Json, schemas: Json, parameters: Json) -> Json:
    return {
        "openapi": "3.0.3",
        "info": {"title": "Halo API, normal form", "version": "v2"},
        "servers": [{"url": "/api"}],
        "security": [{"Bearer": []}],
        "paths": paths,
        "components": {
            "parameters": parameters,
            "responses": {"Error": {"description": "Refused; the body may be empty."}},
            "schemas": schemas,
            "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def record_names(schemas: list[str], overlay: Overlay) -> dict[str, str]:
    """The record name of every schema: the overlay's first, so that a newcomer never takes one of them."""
    given = {name: overlay.records[name] for name in schemas if name in overlay.records}
    taken = {name.lower() for name in given.values()}
    for name in schemas:
        if name not in given:
            given[name] = distinct_class(_record_name(name, schemas, overlay), taken)
            taken.add(given[name].lower())
    return given


def distinct_class(name: str, taken: set[str]) -> str:
    """``name``, or with underscores behind it where another class differs only in case."""
    while name.lower() in taken:
        name += "_"
    return name


def _record_name(name: str, schemas: list[str], overlay: Overlay) -> str:
    base = name.removesuffix("_List")
    if base == name:
        return class_name(name)
    named = overlay.records.get(base) or class_name(base)
    return f"{named}Summary" if base in schemas else named


# -- operations ----------------------------------------------------------------------------------------------------


def _operation(
    cleaner: Cleaner,
    document: Json,
    overlay: Overlay,
    method: str,
    path: str,
    operation: Json,
    fact: Json,
    prose: dict[str, str],
    report: Report,
) -> Json:
    place = pointer("paths", path, method)
    _keep_prose(prose, place, operation, ("summary", "description"))
    clean: Json = {"operationId": fact["name"]}
    if operation.get("tags"):
        clean["tags"] = [str(tag) for tag in operation["tags"][:1]]
    clean["x-halo"] = {key: value for key, value in fact.items() if key != "name"}
    parameters = [_parameter(cleaner, p, place, prose) for p in operation.get("parameters", [])]
    if parameters:
        clean["parameters"] = sorted(parameters, key=lambda p: (_position(p, path), p["name"]))
    body = _body(cleaner, operation.get("requestBody"), place)
    if body:
        clean["requestBody"] = body
    clean["responses"] = _responses(cleaner, document, overlay, method, path, operation, fact, report)
    return clean


def _position(parameter: Json, path: str) -> int:
    return path.find("{" + parameter["name"] + "}") if parameter["in"] == "path" else len(path) + 1


def _parameter(cleaner: Cleaner, parameter: Json, place: str, prose: dict[str, str]) -> Json:
    where = f"{place}/parameters/{parameter['name']}"
    _keep_prose(prose, where, parameter, ("description",))
    schema = parameter.get("schema")
    if schema is None:
        schema = next((value.get("schema", {}) for value in (parameter.get("content") or {}).values()), {})
    clean = {"name": parameter["name"], "in": parameter["in"], "schema": cleaner.schema(schema, where)}
    if parameter.get("required") or parameter["in"] == "path":
        clean["required"] = True
    for key in ("style", "explode"):
        if key in parameter:
            clean[key] = parameter[key]
    return clean


def _body(cleaner: Cleaner, body: Any, place: str) -> Json | None:
    content = (body or {}).get("content") or {}
    if not content:
        return None
    media = "application/json" if "application/json" in content else sorted(content)[0]
    schema = cleaner.schema((content[media] or {}).get("schema") or {}, f"{place}/requestBody")
    return {"required": True, "content": {media: {"schema": schema}}}


def _responses(
    cleaner: Cleaner,
    document: Json,
    overlay: Overlay,
    method: str,
    path: str,
    operation: Json,
    fact: Json,
    report: Report,
) -> Json:
    place = pointer("paths", path, method, "responses")
    stated = documented_answer(operation) is not None
    schema = answer(document, overlay, method, path, operation, fact)
    status = _stated_status(operation) if stated else ("201" if fact["kind"] == "upsert" else "200")
    response: Json = {"description": "Created" if status == "201" else "OK"}
    if schema is not None:
        media = "application/octet-stream" if schema.get("format") == "binary" else "application/json"
        response["content"] = {media: {"schema": cleaner.schema(schema, place)}}
    if not stated:
        response["x-halo-inferred"] = True
        if schema is not None:
            report.note("inferred answers", place)
    return {status: response, "default": _ERROR}


def _stated_status(operation: Json) -> str:
    return next(str(s) for s in sorted(operation["responses"]) if str(s).startswith("2"))


def _share_parameters(paths: Json) -> Json:
    """Move every parameter that several operations declare alike to ``components``; give what was moved."""
    uses: dict[str, list[tuple[list[Json], int]]] = defaultdict(list)
    for item in paths.values():
        for operation in item.values():
            for index, parameter in enumerate(operation.get("parameters", [])):
                uses[json.dumps(parameter, sort_keys=True)].append((operation["parameters"], index))
    shared: Json = {}
    for text, places in sorted(uses.items()):
        if len(places) > 1:
            parameter = json.loads(text)
            key = distinct(_component_key(parameter), shared)
            shared[key] = parameter
            for holder, index in places:
                holder[index] = {"$ref": f"#/components/parameters/{key}"}
    return dict(sorted(shared.items()))


def _component_key(parameter: Json) -> str:
    schema = parameter["schema"]
    kind = schema.get("format") or schema.get("type") or "any"
    return re.sub(r"[^A-Za-z0-9._-]", "_", f"{parameter['in']}.{parameter['name']}.{kind}")


# -- schemas -------------------------------------------------------------------------------------------------------


def _component(
    cleaner: Cleaner, name: str, schema: Any, names: dict[str, str], prose: dict[str, str]
) -> Json:
    place = pointer("components", "schemas", name)
    schema = schema if isinstance(schema, dict) else {}
    _keep_prose(prose, place, schema, ("description",))
    for field, value in (schema.get("properties") or {}).items():
        _keep_prose(prose, f"{place}/properties/{field}", value, ("description",))
    clean = cleaner.schema(schema, place)
    if is_record(clean):
        clean = {"x-halo-record": names[name], **clean}
    return clean


def is_record(schema: Json) -> bool:
    """Whether a component is an object with fields, and so becomes a record."""
    return (
        "properties" in schema
        or "allOf" in schema
        or (schema.get("type") == "object" and "$ref" not in schema)
    )


def _keep_prose(prose: dict[str, str], place: str, node: Any, keys: tuple[str, ...]) -> None:
    texts = [node[key].strip() for key in keys if isinstance(node, dict) and isinstance(node.get(key), str)]
    if any(texts):
        prose[place] = "\n\n".join(dict.fromkeys(text for text in texts if text))
