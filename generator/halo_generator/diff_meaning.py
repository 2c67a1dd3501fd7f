"""The meaning of a document to the user of its generated package: what can be sent, and what is received.

Both sides of a diff are reduced to this. What a document spells otherwise (formats of numbers, `nullable` or a list of
types, an `allOf` of one, shared parameters, media types, prose, order) is the same here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from halo_generator import release_history
from halo_generator.pipeline import Run
from halo_generator.release_history import Lifetime
from halo_generator.surface import RecordType, Surface, SurfaceOperation
from halo_generator.traversal import Json, operations, ref_name
from halo_generator.types import ANY, Type

_DEEPEST = 20


@attrs.frozen
class Part:
    """A parameter of a call or a field of a record; ``values``: the only ones that a document allows, or none.

    ``nullable`` is None where a document cannot tell: beside a reference, OpenAPI 3.0 ignores it.
    """

    name: str
    python_name: str
    type: Type
    nullable: bool | None = False
    required: bool = False
    values: tuple[str, ...] = ()


@attrs.frozen
class CallMeaning:
    """One operation as it is called: ``python`` is ``tickets.list``, ``where`` is ``GET /Tickets``."""

    where: str
    python: str
    kind: str
    parts: dict[str, Part]
    body: Type | None
    sent_as: str
    result: Type
    status: str
    """The status of success, if the document states the response, else empty."""
    shape: str
    key: str
    sure: bool
    """The list's shape is documented or measured."""

    @property
    def resource(self) -> str:
        """The resource that it belongs to: ``tickets``, or ``integration_data.stripe``."""
        return self.python.rpartition(".")[0]


@attrs.frozen
class RecordMeaning:
    """One record class; ``sent`` and ``read``: an operation takes it or returns it, by itself or inside another."""

    schema: str
    python: str
    fields: dict[str, Part]
    sent: bool = False
    read: bool = False
    resources: frozenset[str] = frozenset()
    """The resources whose operations name it."""


@attrs.frozen
class Meaning:
    """The calls by ``GET /Path``, the records by schema, and the other numbers of resource names."""

    calls: dict[str, CallMeaning]
    records: dict[str, RecordMeaning]
    aliases: dict[str, str]

    @property
    def classes(self) -> dict[str, RecordMeaning]:
        """The records by the names of their classes."""
        return {record.python: record for record in self.records.values()}


def meaning_of(run: Run) -> Meaning:
    """Return the meaning of the document of a run."""
    found = run.surface
    described = {f"{m.upper()} {path}": o for m, path, o in operations(run.document)}
    calls = {}
    for _, operation in found.operations:
        where = f"{operation.method} {operation.path}"
        calls[where] = _read_call(run.document, described[where], operation)
    return Meaning(calls, _read_records(run.document, found, calls), found.aliases)


def _read_call(document: Json, described: Json, operation: SurfaceOperation) -> CallMeaning:
    shared = document["components"].get("parameters", {})
    listed = [
        shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in described.get("parameters", [])
    ]
    schemas = {parameter["name"]: parameter["schema"] for parameter in listed}
    parts = {
        p.name: Part(
            p.name,
            p.python_name,
            p.type,
            required=p.required,
            values=_find_choices(document, schemas.get(p.name, {})),
        )
        for p in operation.parameters
    }
    body, facts = operation.body, operation.facts
    return CallMeaning(
        where=f"{operation.method} {operation.path}",
        python=described["operationId"],
        kind=operation.kind,
        parts=parts,
        body=None if body is None else body.type,
        sent_as="" if body is None else _sent_as(body.media),
        result=operation.result,
        status=_find_status(described),
        shape=str(facts.get("shape", "")),
        key=str(facts.get("rows_key", "")),
        sure=facts.get("sure") in ("documented", "measured"),
    )


def _sent_as(media: str) -> str:
    return "a form" if media.startswith("multipart/") or "form-urlencoded" in media else ""


def _find_status(described: Json) -> str:
    stated = {
        status for status, response in described["responses"].items() if "x-halo-inferred" not in response
    }
    return next((status for status in sorted(stated) if status.startswith("2")), "")


def _read_records(
    document: Json, surface: Surface, calls: Mapping[str, CallMeaning]
) -> dict[str, RecordMeaning]:
    inside = {
        record.name: set().union(*(field.type.records() for field in record.fields))
        for record in surface.records
    }
    sent = _reached((call.body for call in calls.values() if call.body), inside)
    read = _reached((call.result for call in calls.values()), inside)
    named: dict[str, set[str]] = defaultdict(set)
    for call in calls.values():
        for name in call.result.records() | (call.body.records() if call.body else set()):
            named[name].add(call.resource)
    return {
        record.schema: RecordMeaning(
            record.schema,
            record.name,
            _read_fields(document, record),
            record.name in sent,
            record.name in read,
            frozenset(named[record.name]),
        )
        for record in surface.records
    }


def _reached(types: Iterable[Type], inside: Mapping[str, set[str]]) -> set[str]:
    pending = list(set().union(*(found.records() for found in types)))
    reached = set(pending)
    while pending:
        more = inside.get(pending.pop(), set()) - reached
        reached |= more
        pending += more
    return reached


def _read_fields(document: Json, record: RecordType) -> dict[str, Part]:
    schema = document["components"]["schemas"][record.schema]
    required = set(schema.get("required", ()))
    return {
        field.name: Part(
            field.name,
            field.python_name,
            field.type,
            nullable=None if _is_open(schema["properties"][field.name], field.type) else field.nullable,
            required=field.name in required,
            values=_find_choices(document, schema["properties"][field.name]),
        )
        for field in record.fields
    }


def _is_open(schema: Any, found: Type) -> bool:
    return bool(found.record) or found == ANY or not schema.keys().isdisjoint(("$ref", "allOf"))


def _find_choices(document: Json, schema: Any) -> tuple[str, ...]:
    """Return the values that a schema, or what it refers to or holds, is limited to."""
    known = document["components"]["schemas"]
    for _ in range(_DEEPEST):
        name = ref_name(schema)
        if name is not None:
            schema = known.get(name, {})
        if not isinstance(schema, dict) or "properties" in schema:
            return ()
        if schema.get("enum"):
            return tuple(sorted({str(value) for value in schema["enum"] if value is not None}))
        parts = [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ())]
        if len(parts) == 1:
            schema = parts[0]
        elif name is None:
            schema = schema.get("items") or schema.get("additionalProperties")
    return ()


def since_when(document: Json | None) -> dict[tuple[str, str], Lifetime]:
    """Return the lifetimes that a document of several releases has, by (`GET /Path` or schema, part of it)."""
    found: dict[tuple[str, str], Lifetime] = {}
    if document is None:
        return found
    holders = {f"{m.upper()} {path}": o for m, path, o in operations(document)}
    for where, holder in {**holders, **document["components"]["schemas"]}.items():
        own = release_history.of(holder)
        found[where, ""] = own
        for name, life in release_history.of_members(holder).items():
            found[where, name] = Lifetime(life.since or own.since, life.until or own.until)
    return found
