"""Conversion of the canonical document to the surface: all its parts with types and names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import attrs

from halo_generator import release_history
from halo_generator.arguments import argument_type
from halo_generator.explanations import explanation
from halo_generator.housing import housed
from halo_generator.names import Names, class_name, distinct, identifier, module_name
from halo_generator.operation_names import literals
from halo_generator.parse import types
from halo_generator.reduce import ANYTHING, Reducer, text
from halo_generator.report import CanonicalReport, pointer
from halo_generator.surface import (
    CLIENT_OPTIONS,
    Body,
    OperationParameter,
    RecordType,
    Surface,
    SurfaceField,
    SurfaceOperation,
    SurfaceResource,
)
from halo_generator.traversal import Json, is_raw, ref_name
from halo_generator.types import ANY, EITHER, Type


def build(
    document: Json,
    report: CanonicalReport,
    prose: Mapping[str, str] | None = None,
    explained: Mapping[str, str] | None = None,
) -> Surface:
    """Return the surface of a canonical document.

    ``prose`` gives docstrings by JSON pointer, ``explained`` those of parameters by name.
    """
    return _SurfaceBuilder(document, report, prose or {}, explained or {}).build()


@attrs.define
class _SurfaceBuilder:
    document: Json
    report: CanonicalReport
    prose: Mapping[str, str]
    explained: Mapping[str, str]
    records: dict[str, str] = attrs.field(init=False)
    reducer: Reducer = attrs.field(init=False)
    types: dict[str, Type] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        schemas = self.document["components"]["schemas"]
        self.records = {n: s["x-halo-record"] for n, s in schemas.items() if "x-halo-record" in s}
        self.reducer = Reducer(schemas)
        self.types = types(map(self.reducer.reduced, self._every_schema()), self.records)

    def build(self) -> Surface:
        resources, groups = self._resources()
        spoken_of = set()
        for _, operation in Surface(resources, groups, ()).operations:
            spoken_of |= operation.result.records() | (
                operation.body.type.records() if operation.body else set()
            )
        records = housed(self._build_records(), spoken_of)
        surface = Surface(resources, groups, records)
        self.report.counts.update(
            operations=len(surface.operations),
            resources=len(resources) + sum(map(len, groups.values())),
            records=len(records),
            fields=sum(len(record.fields) for record in records),
        )
        return surface

    def _every_schema(self) -> Iterator[Json]:
        """Yield every schema whose type is needed, and some more."""
        for name in self.records:
            yield from self.document["components"]["schemas"][name].get("properties", {}).values()
        for item in self.document["paths"].values():
            for facts in item.values():
                yield from (parameter["schema"] for parameter in self._list_parameters(facts))
                yield _sent(facts)
                schema = _returned_schema(facts)
                yield from (schema, *schema.get("anyOf", ()), *schema.get("properties", {}).values())

    def _build_type(self, schema: Json) -> Type:
        return self._reduced_type(self.reducer.reduced(schema))

    def _reduced_type(self, reduced: Json) -> Type:
        found = self.types.get(text(reduced))
        return ANY if found is None or not reduced else found

    # records

    def _build_records(self) -> tuple[RecordType, ...]:
        taken: set[str] = set()
        schemas = self.document["components"]["schemas"]
        classes = frozenset(self.records.values())
        names = sorted((self.records[schema], schema) for schema in self.records)
        return tuple(
            self._build_record(name, schema, schemas[schema], taken, classes) for name, schema in names
        )

    def _build_record(
        self, name: str, schema: str, facts: Json, taken: set[str], classes: frozenset[str]
    ) -> RecordType:
        self.report.at = place = pointer("components", "schemas", schema)
        fields = []
        used = Names(classes)
        lifetimes = release_history.of_members(facts)
        for wire, value in facts.get("properties", {}).items():
            found = self._build_type(value)
            # a reference cannot be marked nullable, and instances omit null values
            nullable = bool(value.get("nullable")) or "$ref" in value or "allOf" in value or found is ANY
            told = self.prose.get(f"{place}/properties/{wire}", "")
            life = lifetimes.get(wire, release_history.ALWAYS)
            fields.append(SurfaceField(wire, used.add(identifier(wire, used)), found, nullable, told, life))
        return RecordType(
            name,
            schema,
            module_name(name, taken),
            tuple(fields),
            self.prose.get(place, ""),
            release_history.of(facts),
        )

    # operations

    def _resources(self) -> tuple[tuple[SurfaceResource, ...], dict[str, tuple[SurfaceResource, ...]]]:
        by_resource: dict[tuple[str, str], list[SurfaceOperation]] = defaultdict(list)
        segments: dict[tuple[str, str], str] = {}
        for path, item in self.document["paths"].items():
            for method, facts in item.items():
                *owner, method_name = facts["operationId"].split(".")
                key = (owner[0], "") if len(owner) == 1 else (owner[1], owner[0])
                segments.setdefault(key, _segment(path, key))
                by_resource[key].append(self._build_operation(method, path, method_name, facts))
        grouped = {group for _, group in by_resource if group}
        segments |= {
            (group, ""): _group_segment(group) for group in grouped if (group, "") not in by_resource
        }
        modules: dict[str, set[str]] = defaultdict(set)
        classes: dict[str, Names] = defaultdict(Names)
        groups: dict[str, list[SurfaceResource]] = defaultdict(list)
        for name, group in sorted(segments):
            operations = tuple(sorted(by_resource.get((name, group), ()), key=_reading_order))
            module = "__init__" if name in grouped and not group else module_name(name, modules[group])
            shown = classes[group].add(distinct(class_name(segments[name, group]), classes[group]))
            groups[group].append(SurfaceResource(name, shown, module, operations, group))
        top = groups.pop("", [])
        return tuple(top), {group: tuple(members) for group, members in groups.items()}

    def _build_operation(self, method: str, path: str, method_name: str, facts: Json) -> SurfaceOperation:
        self.report.at = place = pointer("paths", path, method)
        body = self._build_body(facts)
        options = CLIENT_OPTIONS.get(facts["x-halo"]["kind"], ())
        taken = Names(frozenset({"self", *([body.python_name] if body else options)}))
        parameters = []
        lifetimes = release_history.of_members(facts)
        for parameter in self._list_parameters(facts):
            if parameter["in"] not in ("path", "query"):
                self.report.leave_out(parameter["in"], parameter["name"], place)
                continue
            python_name = taken.add(identifier(parameter["name"], taken))
            kind = argument_type(parameter, self._build_type(parameter["schema"]).without_records())
            own = self.prose.get(f"{place}/parameters/{parameter['name']}", "")
            doc = own or explanation(parameter["name"], kind, facts["x-halo"], self.explained)
            required = bool(parameter.get("required"))
            life = lifetimes.get(parameter["name"], release_history.ALWAYS)
            parameters.append(
                OperationParameter(parameter["name"], python_name, parameter["in"], required, kind, doc, life)
            )
        return SurfaceOperation(
            method=method.upper(),
            path=path,
            method_name=method_name,
            kind=facts["x-halo"]["kind"],
            parameters=tuple(parameters),
            body=body,
            result=self._find_result(facts),
            facts=facts["x-halo"],
            doc=self.prose.get(place, ""),
            lifetime=release_history.of(facts),
        )

    def _list_parameters(self, facts: Json) -> list[Json]:
        shared = self.document["components"]["parameters"]
        listed = facts.get("parameters", [])
        return [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in listed]

    def _build_body(self, facts: Json) -> Body | None:
        if "requestBody" not in facts:
            return None
        media = next(iter(facts["requestBody"]["content"]))
        if is_raw(media):
            return Body("body", EITHER, media)
        found = self._build_type(_sent(facts))
        if facts["x-halo"]["kind"] == "upsert" and found.item is not None:
            return Body("records", found.item, media)
        return Body("body", found, media)

    def _find_result(self, facts: Json) -> Type:
        kind = facts["x-halo"]["kind"]
        schema = _returned_schema(facts)
        if kind == "list":
            return self._find_row_type(facts, schema)
        if kind == "upsert":
            return self._first_record(schema)
        return self._build_type(schema)

    def _first_record(self, schema: Json) -> Type:
        """Return the record of a response that is one record or a list of them."""
        for part in self.reducer.parts(schema):
            found = self._reduced_type(part)
            if found.record or (found.item and found.item.record):
                return found if found.record or found.item is None else found.item
        return ANY

    def _find_row_type(self, facts: Json, schema: Json) -> Type:
        """Return the row type of a list: the items of the array, or of the one under the envelope's key."""
        if "anyOf" in schema:  # the envelope, or the bare array that is returned without paging
            lists = [part for part in self.reducer.parts(schema) if part.get("type") == "array"]
            return (self._reduced_type(lists[0]).item or ANY) if lists else ANY
        key = facts["x-halo"].get("rows_key")
        name = ref_name(schema)
        whole = self.document["components"]["schemas"].get(name, ANYTHING) if name is not None else schema
        inner = whole.get("properties", {}).get(key)
        return self._build_type(schema if inner is None else inner).item or ANY


def _returned_schema(facts: Json) -> Json:
    status = next(status for status in facts["responses"] if status.startswith("2"))
    schema = next((v["schema"] for v in facts["responses"][status].get("content", {}).values()), ANYTHING)
    return schema if isinstance(schema, dict) else ANYTHING


def _sent(facts: Json) -> Json:
    content = facts.get("requestBody", ANYTHING).get("content", ANYTHING)
    return next((value["schema"] for value in content.values()), ANYTHING)


def _segment(path: str, key: tuple[str, str]) -> str:
    """Return a resource's name as the path spells it, for its class."""
    parts = literals(path)
    if not key[1]:
        return parts[0]
    words = key[0].replace("_", "")
    return next((part for part in parts[1:] if identifier(part).replace("_", "").lower() == words), key[0])


def _group_segment(group: str) -> str:
    return "".join(word.capitalize() for word in group.split("_"))


_ORDER = ("list", "get", "upsert", "delete", "get_raw", "proxy", "call")


def _reading_order(operation: SurfaceOperation) -> tuple[int, str, int, str]:
    depth = operation.path.replace("/{", "{").count("/")
    return (
        depth,
        operation.path.split("{")[0].rstrip("/"),
        _ORDER.index(operation.kind),
        operation.method_name,
    )
