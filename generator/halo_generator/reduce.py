"""Reduction of every schema of the canonical document to what determines its type.

A reduced schema is a scalar, a record, a list, a map, or anything. Reduced schemas are small and few
whatever the document contains: alternatives that reduce to the same type are merged, those that do not
become anything, and lists are nested at most `DEEPEST` deep. Each named schema is reduced once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from halo_generator.schema_facts import LOCAL_DATE
from halo_generator.traversal import Json, ref_name

DEEPEST = 20
"""Maximum nesting of lists and maps; anything deeper has no type."""
_FORMATS = {"date-time": "date-time", LOCAL_DATE: "date-time", "binary": "binary"}
ANYTHING: Json = {}


class Reducer:
    """Reduces the schemas of one document."""

    def __init__(self, components: Json) -> None:
        """`components`: the named schemas; those with `x-halo-record` are records."""
        self._components = components
        self._aliases: dict[str, Json] = {}
        for name in _inside_out(components):
            self._aliases[name] = self.reduced(components[name])

    def reduced(self, schema: Json) -> Json:
        """Return the reduced form of a schema."""
        name = ref_name(schema)
        if name is not None:
            known = self._components.get(name, ANYTHING)
            return {"$ref": name} if "x-halo-record" in known else self._aliases.get(name, ANYTHING)
        kind = schema.get("type")
        if kind == "boolean":
            return {"type": "boolean"}
        alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if alternatives:
            return _agreed(map(self.reduced, alternatives))
        return self._reduce_plain(schema, kind if isinstance(kind, str) else _kind_of_enumeration(schema))

    def parts(self, schema: Json) -> list[Json]:
        """Return the reduced alternatives of a schema, in order; the schema itself if it has none."""
        return [self.reduced(part) for part in schema.get("anyOf", ())] or [self.reduced(schema)]

    def _reduce_plain(self, schema: Json, kind: str | None) -> Json:
        if kind == "string":
            format_ = _FORMATS.get(str(schema.get("format")))
            return {"type": kind, "format": format_} if format_ else {"type": kind}
        if kind in ("integer", "number", "boolean"):
            return {"type": kind}
        if kind == "array":
            return _around({"type": "array"}, "items", self.reduced(schema.get("items", ANYTHING)))
        if schema.get("allOf") and "properties" not in schema:
            return _agreed(filter(None, map(self.reduced, schema["allOf"])))  # empty ones add nothing
        if kind == "object" or (kind is None and "properties" in schema):
            values = ANYTHING if schema.get("properties") else schema.get("additionalProperties", ANYTHING)
            return _around({"type": "object"}, "additionalProperties", self.reduced(values))
        return ANYTHING


def _agreed(reduced: Iterable[Json]) -> Json:
    """Return what all alternatives reduce to; anything if they differ."""
    found = {text(schema): schema for schema in reduced}
    return next(iter(found.values())) if len(found) == 1 else ANYTHING


def text(reduced: Json) -> str:
    """Return a reduced schema as a key."""
    return json.dumps(reduced, sort_keys=True)


def _around(made: Json, key: str, inner: Json) -> Json:
    depth, at = 1, inner
    while at:
        depth, at = depth + 1, at.get("items") or at.get("additionalProperties") or ANYTHING
    return {**made, key: inner} if depth < DEEPEST else made


def _kind_of_enumeration(schema: Json) -> str | None:
    """Return the type of all values of an enumeration; None if they have several."""
    kinds = {_kind_of(value) for value in schema.get("enum") or () if value is not None}
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else None


def _kind_of(value: object) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    kinds = {int: "integer", float: "number", str: "string"}
    return kinds.get(type(value))


def _inside_out(components: Json) -> Iterator[str]:
    """Yield the named schemas that are not records, each after those that it refers to."""
    pending = [(name, False) for name in reversed(components) if "x-halo-record" not in components[name]]
    begun: set[str] = set()
    while pending:
        name, whole = pending.pop()
        if whole:
            yield name
        elif name not in begun:
            begun.add(name)
            pending.append((name, True))
            pending += [
                (inner, False) for inner in _spoken_of(components[name]) if _is_alias(inner, components)
            ]


def _is_alias(name: str, components: Json) -> bool:
    return "x-halo-record" not in components.get(name, {"x-halo-record": ""})


def _spoken_of(schema: Json) -> Iterator[str]:
    pending = [schema]
    while pending:
        node = pending.pop()
        name = ref_name(node)
        if name is not None:
            yield name
        pending += [node[key] for key in ("items", "additionalProperties") if isinstance(node.get(key), dict)]
        pending += [part for key in ("allOf", "anyOf", "oneOf") for part in node.get(key, ())]
