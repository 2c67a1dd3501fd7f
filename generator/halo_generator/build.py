"""The parser's result -> the surface: every place of the normal form with its type and its names."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import attrs
from openapi_python_client.parser.properties.list_property import ListProperty

from halo_generator.names import class_name, identifier, module_name
from halo_generator.parse import Parsed, parse
from halo_generator.report import Report, pointer
from halo_generator.surface import STEERING, Body, Field, Operation, Parameter, RecordType, Resource, Surface
from halo_generator.types import ANY, Type, Typer, scalar
from halo_generator.walk import Json, json_schema, ref_name


def build(document: Json, report: Report, prose: dict[str, str] | None = None) -> Surface:
    """The surface of a document in normal form; ``prose`` gives docstrings by JSON pointer."""
    return _Builder(document, parse(document), report, prose or {}).build()


@attrs.define
class _Builder:
    document: Json
    parsed: Parsed
    report: Report
    prose: dict[str, str]
    typer: Typer = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        schemas = self.document["components"]["schemas"]
        records = {
            name: schema["x-halo-record"] for name, schema in schemas.items() if "x-halo-record" in schema
        }
        self.typer = Typer(records, self.parsed.schema_names)

    def build(self) -> Surface:
        resources, groups = self._resources()
        spoken_of = set()
        for _, operation in Surface(resources, groups, ()).operations:
            spoken_of |= operation.result.records() | (
                operation.body.type.records() if operation.body else set()
            )
        records = _housed(self._records(), spoken_of)
        surface = Surface(resources, groups, records)
        self.report.counts.update(
            operations=len(surface.operations),
            resources=len(resources) + sum(map(len, groups.values())),
            records=len(records),
            fields=sum(len(record.fields) for record in records),
        )
        return surface

    # records

    def _records(self) -> tuple[RecordType, ...]:
        taken: set[str] = set()
        schemas = self.document["components"]["schemas"]
        names = sorted((self.typer.records[schema], schema) for schema in self.typer.records)
        return tuple(self._record(name, schema, schemas[schema], taken) for name, schema in names)

    def _record(self, name: str, schema: str, facts: Json, taken: set[str]) -> RecordType:
        place = pointer("components", "schemas", schema)
        fields = []
        used: set[str] = {*self.typer.records.values()}
        for wire, value in facts.get("properties", {}).items():
            where = f"{place}/properties/{wire}"
            python_name = identifier(wire, used)
            used.add(python_name)
            found = self._typed(self.parsed.fields.get((schema, wire)), where)
            # a reference cannot say that it may be null, and instances leave out whatever is null
            nullable = bool(value.get("nullable")) or "$ref" in value or "allOf" in value or found is ANY
            fields.append(Field(wire, python_name, found, nullable, self.prose.get(where, "")))
        return RecordType(name, schema, module_name(name, taken), tuple(fields), self.prose.get(place, ""))

    def _typed(self, prop: Any, place: str) -> Type:
        if prop is None:
            self.report.degraded[place] = "the parser could not read it"
            return ANY
        return self.typer.of(prop)

    # operations

    def _resources(self) -> tuple[tuple[Resource, ...], dict[str, tuple[Resource, ...]]]:
        by_resource: dict[tuple[str, str], list[Operation]] = defaultdict(list)
        segments: dict[tuple[str, str], str] = {}
        for path, item in self.document["paths"].items():
            for method, facts in item.items():
                *owner, method_name = facts["operationId"].split(".")
                key = (owner[0], "") if len(owner) == 1 else (owner[1], owner[0])
                segments.setdefault(key, _segment(path, key))
                by_resource[key].append(self._operation(method, path, method_name, facts))
        grouped = {group for _, group in by_resource if group}
        modules: dict[str, set[str]] = defaultdict(set)
        top: list[Resource] = []
        groups: dict[str, list[Resource]] = defaultdict(list)
        for name, group in sorted(by_resource):
            operations = tuple(sorted(by_resource[name, group], key=_reading_order))
            module = "__init__" if name in grouped and not group else module_name(name, modules[group])
            resource = Resource(name, class_name(segments[name, group]), module, operations, group)
            (groups[group] if group else top).append(resource)
        for group in sorted(grouped - {resource.name for resource in top}):
            top.append(Resource(group, class_name(_group_segment(group)), "__init__", ()))
        top.sort(key=lambda resource: resource.name)
        return tuple(top), {group: tuple(members) for group, members in groups.items()}

    def _operation(self, method: str, path: str, method_name: str, facts: Json) -> Operation:
        place = pointer("paths", path, method)
        found = self.parsed.operations.get((method, path))
        if found is None:
            self.report.degraded[place] = "the parser could not read it; its parameters and answer are Any"
        body = self._body(facts, found.body if found else None)
        taken = {"self", body.python_name} if body else {"self", *STEERING.get(facts["x-halo"]["kind"], ())}
        parameters = []
        for parameter in self._listed(facts):
            if parameter["in"] not in ("path", "query"):
                told = (
                    f"a {parameter['in']} parameter is not emitted; give it through with_options(headers=...)"
                )
                self.report.degraded[f"{place}/parameters/{parameter['name']}"] = told
                continue
            python_name = identifier(parameter["name"], taken)
            taken.add(python_name)
            prop = found.parameters.get((parameter["in"], parameter["name"])) if found else None
            kind = self.typer.of(prop).without_records() if prop is not None else scalar(parameter["schema"])
            doc = self.prose.get(f"{place}/parameters/{parameter['name']}", "")
            required = bool(parameter.get("required"))
            parameters.append(Parameter(parameter["name"], python_name, parameter["in"], required, kind, doc))
        return Operation(
            method=method.upper(),
            path=path,
            method_name=method_name,
            kind=facts["x-halo"]["kind"],
            parameters=tuple(parameters),
            body=body,
            result=self._result(facts, found.answer if found else None),
            facts=facts["x-halo"],
            doc=self.prose.get(place, ""),
        )

    def _listed(self, facts: Json) -> list[Json]:
        shared = self.document["components"]["parameters"]
        listed = facts.get("parameters", [])
        return [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in listed]

    def _body(self, facts: Json, prop: Any) -> Body | None:
        if "requestBody" not in facts:
            return None
        media = next(iter(facts["requestBody"]["content"]))
        found = self.typer.of(prop) if prop is not None else ANY
        if facts["x-halo"]["kind"] == "upsert" and found.item is not None:
            return Body("records", found.item, media)
        return Body("body", found, media)

    def _result(self, facts: Json, prop: Any) -> Type:
        if prop is None:
            return ANY
        kind = facts["x-halo"]["kind"]
        schema = _answered(facts)
        if kind == "list":
            return self._row(facts, schema, prop)
        if kind == "upsert":
            return self.typer.first_record(prop) or ANY
        return self.typer.of(prop)

    def _row(self, facts: Json, schema: Json, prop: Any) -> Type:
        """The type of a list's rows: the items of the array, or of the array under the envelope's key."""
        if "anyOf" in schema:  # the envelope, or the bare array that comes without paging
            lists = [part for part in getattr(prop, "inner_properties", []) if isinstance(part, ListProperty)]
            return (self.typer.of(lists[0]).item or ANY) if lists else ANY
        key = facts["x-halo"].get("key")
        name = ref_name(schema)
        if name is not None:
            inner = self.parsed.fields.get((name, key or ""))
        elif "properties" in schema and key in schema["properties"]:
            inner = self.typer.property_at(prop, list(schema["properties"]).index(key))
        else:
            inner = prop
        found = self.typer.of(inner) if inner is not None else ANY
        return found.item or ANY


def _housed(records: tuple[RecordType, ...], spoken_of: set[str]) -> tuple[RecordType, ...]:
    """Put every record that no operation speaks of, and that one other record alone has as a part, into its file.

    A file costs 0.1 ms to import whatever it holds, and such parts are a third of all records.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for part in set().union(*(field.type.records() for field in record.fields)) - {record.name}:
            owners[part].add(record.name)
    modules = {record.name: record.module for record in records}

    def host(name: str) -> str:
        seen = {name}
        while name not in spoken_of and len(owners[name]) == 1 and not owners[name] <= seen:
            (name,) = owners[name]
            seen.add(name)
        return name if owners[name] - seen or name in spoken_of or len(owners[name]) != 1 else min(seen)

    return tuple(attrs.evolve(record, module=modules[host(record.name)]) for record in records)


def _answered(facts: Json) -> Json:
    status = next(status for status in facts["responses"] if status.startswith("2"))
    schema = json_schema(facts["responses"][status])
    return schema if isinstance(schema, dict) else {}


def _segment(path: str, key: tuple[str, str]) -> str:
    """The path's own spelling of a resource's name, for its class."""
    parts = [part for part in path.strip("/").split("/") if "{" not in part]
    if not key[1]:
        return parts[0]
    words = key[0].replace("_", "")
    return next((part for part in parts[1:] if identifier(part).replace("_", "").lower() == words), key[0])


def _group_segment(group: str) -> str:
    return "".join(word.capitalize() for word in group.split("_"))


_ORDER = ("list", "get", "upsert", "delete", "fetch", "proxy", "send")


def _reading_order(operation: Operation) -> tuple[int, str, int, str]:
    depth = operation.path.replace("/{", "{").count("/")
    return (
        depth,
        operation.path.split("{")[0].rstrip("/"),
        _ORDER.index(operation.kind),
        operation.method_name,
    )
