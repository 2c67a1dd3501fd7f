"""The canonical document: valid OpenAPI 3.0.3 with facts only, in our own layout, suited to diffs.

It is sorted; parameters that several operations share are stored once under ``components``; one line for
each parameter and each property. It contains none of the document's prose.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

import attrs

from halo_generator.arguments import CHOICES, MANY
from halo_generator.infer import documented_schema, infer, response_schema
from halo_generator.names import class_name, distinct
from halo_generator.overlay import Overlay
from halo_generator.release_history import KEY, valid
from halo_generator.report import CanonicalReport, pointer
from halo_generator.sanitize import PLACE
from halo_generator.schema_facts import Cleaner
from halo_generator.traversal import Json, is_raw, media_type, operations

TITLE = "Halo API, canonical document"
OTHER = "API, canonical document"
"""Title of a document that is not Halo's."""
_ERROR = {"$ref": "#/components/responses/Error"}


@attrs.frozen
class CanonicalForm:
    """The canonical document, and the prose that was removed from it, by JSON pointer."""

    document: Json
    prose: dict[str, str]


def canonicalise(
    document: Json, overlay: Overlay, report: CanonicalReport, *, halo: bool = True
) -> CanonicalForm:
    """Return the canonical form of a repaired document with the overlay applied; ``halo``: it is Halo's."""
    return _Canonicaliser(document, overlay, report, halo).form()


@attrs.define
class _Canonicaliser:
    document: Json
    overlay: Overlay
    report: CanonicalReport
    halo: bool
    cleaner: Cleaner = attrs.field(init=False)
    prose: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.cleaner = Cleaner(self.document["components"]["schemas"], self.report)

    def form(self) -> CanonicalForm:
        facts = infer(self.document, self.overlay)
        known = self.document["components"]["schemas"]
        names = record_names(known, self.overlay)
        schemas = {name: self._component(name, known[name], names) for name in sorted(known)}
        paths: Json = defaultdict(dict)
        for method, path, operation in sorted(operations(self.document), key=lambda o: (o[1], o[0])):
            paths[path][method] = self._clean_operation(method, path, operation, facts[method, path])
        shared = _share_parameters(paths)
        made = _document(dict(paths), schemas, shared, TITLE if self.halo else OTHER)
        if isinstance(self.document.get(KEY), list):
            made[KEY] = [name for name in self.document[KEY] if isinstance(name, str)]
        return CanonicalForm(made, self.prose)

    def _clean_schema(self, schema: Any, place: str) -> Json:
        return self.cleaner.schema(schema, place)

    def _keep_prose(self, place: str, node: Any, *keys: str) -> None:
        texts = [
            node[key].strip() for key in keys if isinstance(node, dict) and isinstance(node.get(key), str)
        ]
        if any(texts):
            self.prose[place] = "\n\n".join(dict.fromkeys(text for text in texts if text))

    def _component(self, name: str, schema: Json, names: dict[str, str]) -> Json:
        self.report.at = place = pointer("components", "schemas", name)
        self._keep_prose(place, schema, "description")
        for field, value in (schema.get("properties") or {}).items():
            self._keep_prose(f"{place}/properties/{field}", value, "description")
        clean = self.cleaner.component(schema, place)
        clean = {"x-halo-record": names[name], **clean} if is_record(clean) else clean
        return _with_history(schema, clean)

    def _clean_operation(self, method: str, path: str, operation: Json, fact: Json) -> Json:
        self.report.at = place = pointer("paths", path, method)
        self._keep_prose(place, operation, "summary", "description")
        clean: Json = {"operationId": fact["name"]}
        if operation.get("tags"):
            clean["tags"] = operation["tags"][:1]
        clean["x-halo"] = {key: value for key, value in fact.items() if key != "name"}
        clean = _with_history(operation, clean)
        parameters = [
            self._clean_parameter(parameter, place) for parameter in operation.get("parameters", [])
        ]
        if parameters:
            positions = _positions(path)
            clean["parameters"] = sorted(
                parameters,
                key=lambda p: (
                    positions.get(p["name"], -1) if p["in"] == "path" else len(path) + 1,
                    p["name"],
                ),
            )
        body = self._clean_body(operation.get("requestBody"), place)
        if body:
            clean["requestBody"] = body
        clean["responses"] = self._responses(method, path, operation, fact)
        return clean

    def _clean_parameter(self, parameter: Json, place: str) -> Json:
        where = f"{place}/parameters/{parameter['name']}"
        self._keep_prose(where, parameter, "description")
        schema = parameter.get("schema")
        clean = {
            "name": parameter["name"],
            "in": parameter["in"],
            "schema": self._clean_schema(schema, where),
        }
        if parameter.get("required") or parameter["in"] == "path":
            clean["required"] = True
        kinds = {"style": str, "explode": bool, MANY: str}
        clean |= {key: parameter[key] for key, kind in kinds.items() if isinstance(parameter.get(key), kind)}
        words = parameter.get(CHOICES)
        known = isinstance(words, list) and bool(words) and all(isinstance(word, str) for word in words)
        return clean | {CHOICES: words} if known else clean

    def _clean_body(self, body: Any, place: str) -> Json | None:
        content = (body or {}).get("content") or {}
        offered = {media: given for given in sorted(content) if (media := media_type(given))}
        if content and not offered:
            self.report.degraded[f"{place}/requestBody"] = (
                "left out: a body of no media type that can be sent"
            )
        if not offered:
            return None
        media = min(offered, key=_preference)
        schema = self._clean_schema(content[offered[media]].get("schema") or {}, f"{place}/requestBody")
        if "*" in media and "json" not in media:
            told = f"a body of any type ({media}) is sent as it is given: text as text, bytes as bytes"
            self.report.degraded[f"{place}/requestBody"] = told
        return {"required": True, "content": {media: {"schema": schema}}}

    def _responses(self, method: str, path: str, operation: Json, fact: Json) -> Json:
        place = pointer("paths", path, method, "responses")
        stated = documented_schema(operation) is not None
        schema = response_schema(self.document, self.overlay, method, path, operation, fact)
        status = _stated_status(operation) if stated else ("201" if fact["kind"] == "upsert" else "200")
        response: Json = {"description": "Created" if status == "201" else "OK"}
        if schema is not None:
            media = "application/octet-stream" if schema.get("format") == "binary" else "application/json"
            response["content"] = {media: {"schema": self._clean_schema(schema, place)}}
        if not stated:
            response["x-halo-inferred"] = True
            if schema is not None:
                self.report.note("inferred responses", place)
        return {status: response, "default": _ERROR}


def _with_history(source: Json, clean: Json) -> Json:
    told = valid(source.get(KEY))
    return {**clean, KEY: told} if told else clean


def _preference(media: str) -> tuple[bool, bool, bool, bool, str]:
    """Return a sort key: JSON before forms, forms before text, media types with a type before open ones."""
    return (
        media != "application/json",
        "*" in media,
        "json" not in media,
        is_raw(media) and media != "text/plain",
        media,
    )


def _positions(path: str) -> dict[str, int]:
    """Return the first position of each parameter in a path."""
    positions: dict[str, int] = {}
    for place in PLACE.finditer(path):
        positions.setdefault(place[1], place.start())
    return positions


def _document(paths: Json, schemas: Json, parameters: Json, title: str) -> Json:
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "v2"},
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


def record_names(known: Json, overlay: Overlay) -> dict[str, str]:
    """Return the record name of every schema: the overlay's first, so that no new schema takes one.

    A canonical document states its names itself.
    """
    given = {name: overlay.records[name] for name in sorted(known) if name in overlay.records}
    taken = {name.lower() for name in given.values()}
    for name in sorted(known.keys() - given.keys()):
        told = known[name].get("x-halo-record")
        said = (
            told if isinstance(told, str) and told == class_name(told) else _record_name(name, known, overlay)
        )
        given[name] = distinct_class(said, taken)
        taken.add(given[name].lower())
    return given


def distinct_class(name: str, taken: set[str]) -> str:
    """Return ``name``, with a suffix if another class differs only in case."""
    lower = name.lower()
    return name + distinct(lower, taken).removeprefix(lower)


def _record_name(name: str, schemas: Json, overlay: Overlay) -> str:
    for suffix, word in _SUFFIXES.items():
        base = name.removesuffix(suffix)
        if base != name:
            named = overlay.records.get(base) or class_name(base)
            return f"{named}{word}" if base in schemas else named if suffix == "_List" else class_name(name)
    return class_name(name)


_SUFFIXES = {"_List": "Summary", "_View": "View"}
"""Suffixes of the schemas for rows of a list and for a page of them, with what the names of their records end in."""


def _stated_status(operation: Json) -> str:
    return next(str(s) for s in sorted(operation["responses"]) if str(s).startswith("2"))


def _share_parameters(paths: Json) -> Json:
    """Move parameters that several operations declare alike to ``components``; return the moved ones."""
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


def is_record(schema: Json) -> bool:
    """Return whether a component is an object with fields, and so becomes a record."""
    return (
        "properties" in schema
        or "allOf" in schema
        or (schema.get("type") == "object" and "$ref" not in schema)
    )
