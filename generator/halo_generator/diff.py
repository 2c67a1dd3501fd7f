"""Changes between two documents, for reviewers and for programs.

Both are compared in canonical form. Responses are compared where the newer document states them: inferred
ones follow from the rest. Halo's terms are used throughout: a field belongs to a schema, a parameter to an
operation (`GET /Tickets`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from halo_generator.code_text import result
from halo_generator.pipeline import Run
from halo_generator.traversal import Json, json_schema, operations, ref_name


@attrs.frozen(order=True)
class Change:
    """One difference.

    ``kind`` is ``operation``, ``parameter``, ``body``, ``response``, ``record`` or ``field``, then ``added``,
    ``removed``, ``retyped`` or ``renamed`` (in case). ``where`` is ``GET /Path`` or a schema's name,
    ``name`` the parameter or field in it. ``was`` and ``now`` are types or names. ``breaking``: code
    against the old surface may fail against the new one.
    """

    where: str
    kind: str
    name: str = ""
    was: str = ""
    now: str = ""
    breaking: bool = False

    def line(self) -> str:
        """Format the change as one line, without its mark."""
        place = f"{self.where} {self.name}".strip()
        from_to = f": {self.was} -> {self.now}" if self.was and self.now else f": {self.was or self.now}"
        return f"{self.kind} {place}{from_to if self.was or self.now else ''}"


@attrs.frozen
class _Operation:
    name: str
    parameters: dict[str, _Parameter]
    body: str
    answer: str
    stated: bool


@attrs.frozen
class _Parameter:
    type: str
    required: bool


def compare(old: Run, new: Run) -> list[Change]:
    """Return every difference between two documents, by place."""
    return sorted([*_operations(_flat(old), _flat(new)), *_records(old.document, new.document)])


# -- operations ----------------------------------------------------------------------------------------------------


def _flat(run: Run) -> dict[str, _Operation]:
    answers = {f"{o.method} {o.path}": result(o) for _, o in run.surface.operations}
    found = {f"{m.upper()} {path}": o for m, path, o in operations(run.document)}
    return {where: _operation(run.document, o, answers[where]) for where, o in found.items()}


def _operation(document: Json, operation: Json, answer: str) -> _Operation:
    shared = document["components"].get("parameters", {})
    listed = [
        shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in operation.get("parameters", [])
    ]
    parameters = {p["name"]: _Parameter(type_text(p["schema"]), p.get("required", False)) for p in listed}
    success = [r for status, r in operation["responses"].items() if status.startswith("2")]
    stated = any("x-halo-inferred" not in response for response in success)
    body = type_text(json_schema(operation.get("requestBody"))) if "requestBody" in operation else ""
    return _Operation(operation["operationId"], parameters, body, answer, stated)


def _operations(old: Mapping[str, _Operation], new: Mapping[str, _Operation]) -> Iterator[Change]:
    renamed = _renamed(old, new)
    for was, now in renamed.items():
        yield Change(was, "operation renamed", "", was, now, breaking=old[was].name != new[now].name)
        yield from _one_operation(now, old[was], new[now])
    for where in sorted(old.keys() - new.keys() - renamed.keys()):
        yield Change(where, "operation removed", breaking=True)
    for where in sorted(new.keys() - old.keys() - set(renamed.values())):
        yield Change(where, "operation added")
    for where in sorted(old.keys() & new.keys()):
        yield from _one_operation(where, old[where], new[where])


def _one_operation(where: str, old: _Operation, new: _Operation) -> Iterator[Change]:
    renamed = _renamed(old.parameters, new.parameters)
    for was, now in renamed.items():
        yield Change(where, "parameter renamed", was, was, now, breaking=True)
    for name in sorted(old.parameters.keys() - new.parameters.keys() - renamed.keys()):
        yield Change(where, "parameter removed", name, was=old.parameters[name].type, breaking=True)
    for name in sorted(new.parameters.keys() - old.parameters.keys() - set(renamed.values())):
        added = new.parameters[name]
        yield Change(where, "parameter added", name, now=added.type, breaking=added.required)
    for was, now in {**{n: n for n in old.parameters.keys() & new.parameters.keys()}, **renamed}.items():
        yield from _one_parameter(where, now, old.parameters[was], new.parameters[now])
    if old.body != new.body:
        yield Change(where, "body retyped", "", old.body or "none", new.body or "none", breaking=True)
    if old.answer != new.answer and new.stated:
        yield Change(where, "response retyped", "", old.answer, new.answer, breaking=True)


def _one_parameter(where: str, name: str, old: _Parameter, new: _Parameter) -> Iterator[Change]:
    was = old.type + (", required" if old.required else "")
    now = new.type + (", required" if new.required else "")
    if was != now:
        breaking = _plain(old.type) != _plain(new.type) or (new.required and not old.required)
        yield Change(where, "parameter retyped", name, was, now, breaking)


# -- records -------------------------------------------------------------------------------------------------------


def _records(old: Json, new: Json) -> Iterator[Change]:
    was_known, now_known = old["components"]["schemas"], new["components"]["schemas"]
    renamed = _renamed(was_known, now_known)
    for was, now in renamed.items():
        breaking = was_known[was].get("x-halo-record") != now_known[now].get("x-halo-record")
        yield Change(was, "record renamed", "", was, now, breaking)
        yield from _one_record(now, was_known[was], now_known[now])
    for name in sorted(was_known.keys() - now_known.keys() - renamed.keys()):
        yield Change(name, "record removed", breaking=True)
    for name in sorted(now_known.keys() - was_known.keys() - set(renamed.values())):
        yield Change(name, "record added")
    for name in sorted(was_known.keys() & now_known.keys()):
        yield from _one_record(name, was_known[name], now_known[name])


def _one_record(where: str, old: Json, new: Json) -> Iterator[Change]:
    was_fields, now_fields = old.get("properties", {}), new.get("properties", {})
    renamed = _renamed(was_fields, now_fields)
    for was, now in renamed.items():
        yield Change(where, "field renamed", was, was, now, breaking=True)
    for name in sorted(was_fields.keys() - now_fields.keys() - renamed.keys()):
        yield Change(where, "field removed", name, was=type_text(was_fields[name]), breaking=True)
    for name in sorted(now_fields.keys() - was_fields.keys() - set(renamed.values())):
        yield Change(where, "field added", name, now=type_text(now_fields[name]))
    for name in sorted(was_fields.keys() & now_fields.keys()):
        was, now = type_text(was_fields[name]), type_text(now_fields[name])
        if was != now:
            # a field that is never null from now on reads as before
            breaking = _plain(was) != _plain(now) or (now.endswith("?") and not was.endswith("?"))
            yield Change(where, "field retyped", name, was, now, breaking)
    if "properties" not in old and "properties" not in new and type_text(old) != type_text(new):
        yield Change(where, "record retyped", "", type_text(old), type_text(new), breaking=True)


# -- text ----------------------------------------------------------------------------------------------------------


def type_text(schema: Any) -> str:
    """Format a schema: ``integer/int32?``, ``[Actions]``, ``{string}``, ``any``; ``?``: nullable."""
    if not isinstance(schema, dict) or not schema:
        return "any"
    null = "?" if schema.get("nullable") else ""
    return f"{_core_text(schema)}{null}"


def _core_text(schema: Json) -> str:
    name = ref_name(schema)
    if name is not None:
        return name
    for key, mark in (("allOf", " & "), ("anyOf", " | "), ("oneOf", " | ")):
        if key in schema:
            return mark.join(type_text(part) for part in schema[key])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"[{type_text(schema.get('items'))}]"
    if kind == "object" or "properties" in schema:
        inner = schema.get("properties")
        listed = ", ".join(f"{key}: {type_text(value)}" for key, value in inner.items()) if inner else ""
        return f"{{{listed or type_text(schema.get('additionalProperties'))}}}"
    allowed = f"({', '.join(map(str, schema['enum'][:8]))}…)" if schema.get("enum") else ""
    return f"{kind}/{schema['format']}{allowed}" if "format" in schema else f"{kind}{allowed}"


def _plain(text: str) -> str:
    """Return a type as far as Python distinguishes it: formats of numbers and nullability are ignored."""
    return (
        text.removesuffix("?")
        .replace("/int32", "")
        .replace("/int64", "")
        .replace("/double", "")
        .replace("/float", "")
    )


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Return names whose case has changed: the old name with the new one."""
    gone = {name.lower(): name for name in old.keys() - new.keys()}
    came = {name.lower(): name for name in new.keys() - old.keys()}
    return {gone[key]: came[key] for key in sorted(gone.keys() & came.keys())}
