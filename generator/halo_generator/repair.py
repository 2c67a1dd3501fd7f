"""Halo's document -> valid OpenAPI 3: one small named rule for each defect, each repair counted with its place.

A rule mends what is known to be wrong and leaves everything else alone, so a document that is valid already passes
through unharmed. What no rule can mend stops the run with the JSON pointer of the place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from halo_generator.errors import RepairError
from halo_generator.report import Report, pointer
from halo_generator.walk import Json, Place, operations, schemas

VALID_TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}

# What the .NET type names in the `type` of a schema stand for.
NET_TYPES: dict[str, Json] = {
    "int": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "bool": {"type": "boolean"},
    "double": {"type": "number", "format": "double"},
    "decimal": {"type": "number", "format": "double"},
    "float": {"type": "number", "format": "float"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Guid": {"type": "string", "format": "uuid"},
    "obj": {},
}
_LIST_OF = re.compile(r"List<(\w+)>")
_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def _net_type(name: str) -> Json | None:
    if (of := _LIST_OF.fullmatch(name)) and of[1] in NET_TYPES:
        return {"type": "array", "items": dict(NET_TYPES[of[1]])}
    return dict(NET_TYPES[name]) if name in NET_TYPES else None


def parameter_types(document: Json) -> Iterator[Place]:
    """``int``, ``bool``, ``List<int>``: .NET type names where OpenAPI wants its own."""
    for place, schema in schemas(document):
        name = schema.get("type")
        if isinstance(name, str) and name not in VALID_TYPES:
            known = _net_type(name)
            if known is None:
                raise RepairError(f"{pointer(*place)}: the type {name!r} is not known; add it to NET_TYPES.")
            del schema["type"]
            schema.update(known)
            yield place


def untyped_parameters(document: Json) -> Iterator[Place]:
    """Parameters without a schema, which OpenAPI demands."""
    for method, path, operation in operations(document):
        for index, parameter in enumerate(operation.get("parameters", [])):
            if not ({"schema", "content", "$ref"} & parameter.keys()):
                parameter["schema"] = {}
                yield ("paths", path, method, "parameters", index)


def duplicate_parameters(document: Json) -> Iterator[Place]:
    """The same parameter twice in one operation: the first stays."""
    for method, path, operation in operations(document):
        seen: set[tuple[str, str]] = set()
        kept = []
        for index, parameter in enumerate(operation.get("parameters", [])):
            key = (parameter.get("in", ""), parameter.get("name", ""))
            if "$ref" not in parameter and key in seen:
                yield ("paths", path, method, "parameters", index)
                continue
            seen.add(key)
            kept.append(parameter)
        if kept:
            operation["parameters"] = kept


def body_media_types(document: Json) -> Iterator[Place]:
    """One JSON body declared under several content types: ``application/json`` stays."""
    for method, path, operation in operations(document):
        content = (operation.get("requestBody") or {}).get("content") or {}
        if len(content) > 1 and "application/json" in content:
            operation["requestBody"]["content"] = {"application/json": content["application/json"]}
            yield ("paths", path, method, "requestBody", "content")


RULES: dict[str, Callable[[Json], Iterator[Place]]] = {
    "parameter types": parameter_types,
    "parameters without a type": untyped_parameters,
    "duplicate parameters": duplicate_parameters,
    "repeated request bodies": body_media_types,
}


def repair(document: Json, report: Report) -> Json:
    """A valid copy of ``document``; every mended place goes into ``report``.

    :raises RepairError: with the JSON pointer of a place that no rule can mend.
    """
    mended: Json = json.loads(json.dumps(document))
    _check_shape(mended)
    for name, rule in RULES.items():
        for place in rule(mended):
            report.note(name, pointer(*place))
    _check_templates(mended)
    return mended


def _check_shape(document: Json) -> None:
    for path, item in document["paths"].items():
        if not path.startswith("/") or not isinstance(item, dict):
            raise RepairError(f"{pointer('paths', path)}: a path begins with a slash and holds an object.")
        _share_parameters(item)
    for method, path, operation in operations(document):
        for index in range(len(operation.get("parameters") or [])):
            _resolve(
                document, operation["parameters"], index, pointer("paths", path, method, "parameters", index)
            )
        if not isinstance(operation.get("responses"), dict):
            operation["responses"] = {}


def _share_parameters(item: Json) -> None:
    """Parameters declared once for a whole path belong to each of its operations."""
    shared = item.pop("parameters", [])
    for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
        own = item[method].get("parameters") or []
        names = {(p.get("in"), p.get("name")) for p in own if isinstance(p, dict)}
        item[method]["parameters"] = [p for p in shared if (p.get("in"), p.get("name")) not in names] + own


def _resolve(document: Json, parameters: list[Json], index: int, place: str) -> None:
    """Put a shared parameter where it is referred to: the normal form factors them out again."""
    parameter = parameters[index]
    if isinstance(parameter, dict) and "$ref" in parameter:
        name = str(parameter["$ref"]).removeprefix("#/components/parameters/")
        parameter = document.get("components", {}).get("parameters", {}).get(name)
        parameters[index] = dict(parameter) if isinstance(parameter, dict) else {}
    if not (isinstance(parameter, dict) and isinstance(parameter.get("name"), str) and parameter.get("in")):
        raise RepairError(f"{place}: a parameter needs a `name` and an `in`.")


def _check_templates(document: Json) -> None:
    for method, path, operation in operations(document):
        declared = {p["name"] for p in operation.get("parameters", []) if p.get("in") == "path"}
        templated = set(_TEMPLATE.findall(path))
        if declared != templated:
            odd = ", ".join(sorted(declared ^ templated))
            raise RepairError(
                f"{pointer('paths', path, method)}: the path and its parameters disagree on: {odd}."
            )
