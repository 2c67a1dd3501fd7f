"""Documents that say the same in other words, and documents that say something else."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.support.documents import (
    NOTHING_STATED,
    NUMBER,
    TEXT,
    array_of,
    by_id,
    document,
    query,
    ref,
    schema,
)

Json = dict[str, Any]


def responses_of(shape: Any, status: str = "200") -> Json:
    return {status: {"description": "OK", "content": {"application/json": {"schema": shape}}}}


def desk() -> Json:
    """Tickets, their parts and their colours: one of each thing that a document can say."""
    rows = {**array_of("Widget_List"), "nullable": True}
    envelope = {"type": "object", "properties": {"record_count": NUMBER, "rows": rows}}
    colour = {"type": "string", "enum": ["blue", "green", "red"]}
    body = {"content": {"application/json": {"schema": array_of("Widget")}}}
    made = document(
        {
            "/Widget": {
                "get": {
                    "tags": ["Widget"],
                    "parameters": [
                        query("count", "integer"),
                        query("search"),
                        query("open_only", "boolean"),
                        {**query("colour"), "schema": copy.deepcopy(colour)},
                        query("page_no", "integer"),
                    ],
                    "responses": responses_of(envelope),
                },
                "post": {"tags": ["Widget"], "requestBody": body, "responses": responses_of(ref("Widget"))},
            },
            "/Widget/{id}": {
                "get": {
                    "tags": ["Widget"],
                    "parameters": [by_id(), query("details", "boolean")],
                    "responses": responses_of(ref("Widget")),
                },
                "delete": {
                    "tags": ["Widget"],
                    "parameters": [by_id(), query("details", "boolean")],
                    "responses": responses_of(ref("Widget")),
                },
            },
            "/Gear": {"get": {"tags": ["Gear"], "responses": responses_of(array_of("Gear"))}},
            "/Gear/check": {
                "post": {
                    "tags": ["Gear"],
                    "requestBody": {"content": {"application/json": {"schema": ref("GearCheck")}}},
                    "responses": NOTHING_STATED,
                }
            },
        },
        {
            "Widget": schema(
                id=NUMBER,
                name=TEXT,
                price={"type": "number", "format": "double"},
                since={"type": "string", "format": "date-time", "nullable": True},
                colour=ref("Colour"),
                gears=array_of("Gear"),
                main=ref("Gear"),
                owner=ref("Person"),
                sizes={"type": "object", "additionalProperties": dict(NUMBER)},
            ),
            "Widget_List": schema(id=NUMBER, name=TEXT, owner=ref("Person")),
            "Gear": schema(id=NUMBER, teeth=NUMBER, key={"type": "string", "format": "uuid"}),
            "GearCheck": {**schema(teeth=NUMBER, strict={"type": "boolean"}), "required": ["teeth"]},
            "Person": schema(name=TEXT, boss=ref("Person"), pets=array_of("Pet")),
            "Pet": schema(name=TEXT, kind=ref("Colour")),
            "Colour": dict(colour),
        },
    )
    return copy.deepcopy(made)


# -- the same in other words ---------------------------------------------------------------------------------------


def respelled(found: Json, dice: Random, *, rename: bool = True) -> Json:
    """Return a document that means the same, each place of it spelled in a way that is drawn."""
    made = copy.deepcopy(found)
    modern = dice.random() < 0.5
    made["openapi"] = "3.1.0" if modern else dice.choice(["3.0.0", "3.0.1", "3.0.3"])
    if rename:
        _rename_records(made, dice)
    _spell_schemas(made, dice, modern)
    _move_parameters(made, dice)
    for item in made["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                _spell_operation(made, operation, dice)
    made["info"] = {"title": made["info"]["title"], "version": "v3", "description": "Of today"}
    made["tags"] = [{"name": "Widget", "description": "Things"}]
    return _shuffled(made, dice)


def _spell_schemas(made: Json, dice: Random, modern: bool) -> None:
    components = made["components"]["schemas"]
    for name in components:
        components[name] = _spelled(components[name], dice, modern, top=True)
    for item in made["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _spelled(parameter.get("schema", {}), dice, modern)
            holders = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (holder.get("content", {}) for holder in holders):
                for media in content.values():
                    media["schema"] = _spelled(media["schema"], dice, modern)


_FORMATS = {"integer": [None, "int32", "int64"], "number": [None, "float", "double"]}


def _spelled(found: Json, dice: Random, modern: bool, *, top: bool = False) -> Json:
    if found == ref("Colour") and dice.random() < 0.3:
        found = {"type": "string", "enum": ["blue", "green", "red"]}
    made = dict(found)
    if "properties" in made:
        made["properties"] = {
            name: _spelled(value, dice, modern) for name, value in made["properties"].items()
        }
    for key in ("items", "additionalProperties"):
        if isinstance(made.get(key), dict):
            made[key] = _spelled(made[key], dice, modern)
    if "$ref" in made:
        return (
            made
            if top
            else dice.choice([_as_it_is, _all_of_one, _one_of_null, _nullable_all_of])(made, modern)
        )
    _spell_scalar(made, dice)
    if made.get("nullable") and modern and "type" in made:
        del made["nullable"]
        made["type"] = dice.choice([[made["type"], "null"], ["null", made["type"]]])
    if dice.random() < 0.3:
        made |= {"description": "What it is", "title": "A title", "example": None, "x-note": {"type": "x"}}
    return made


def _spell_scalar(made: Json, dice: Random) -> None:
    kind = made.get("type")
    if kind in _FORMATS and "enum" not in made:
        made.pop("format", None)
        chosen = dice.choice(_FORMATS[kind])
        made |= {} if chosen is None else {"format": chosen}
    if made.get("format") == "uuid" and dice.random() < 0.5:
        del made["format"]
    if kind == "string" and "enum" not in made and dice.random() < 0.3:
        made["maxLength"] = 50
    if "enum" in made:
        dice.shuffle(values := list(made["enum"]))
        made["enum"] = values
    if kind == "object" and "properties" in made:
        made.pop("additionalProperties", None)


def _as_it_is(made: Json, modern: bool) -> Json:
    return made


def _all_of_one(made: Json, modern: bool) -> Json:
    return {"allOf": [made]}


def _nullable_all_of(made: Json, modern: bool) -> Json:
    return {"allOf": [made], "description": "One of them", **({} if modern else {"nullable": True})}


def _one_of_null(made: Json, modern: bool) -> Json:
    return {"oneOf": [made, {"type": "null"}]} if modern else {"oneOf": [made], "nullable": True}


def _rename_records(made: Json, dice: Random) -> None:
    """Rename schemas that only other schemas refer to: others have their names from tags."""
    for name in ("Person", "Pet", "Colour", "GearCheck"):
        known = made["components"]["schemas"]
        if name in known and dice.random() < 0.3:
            new = f"{name}Dto"
            known[new] = known.pop(name)
            _refer(made, f"#/components/schemas/{name}", f"#/components/schemas/{new}")


def _refer(node: Any, old: str, new: str) -> None:
    if isinstance(node, dict):
        if node.get("$ref") == old:
            node["$ref"] = new
        for value in node.values():
            _refer(value, old, new)
    elif isinstance(node, list):
        for value in node:
            _refer(value, old, new)


def _move_parameters(made: Json, dice: Random) -> None:
    for path, item in made["paths"].items():
        alike = [operation.get("parameters", []) for operation in item.values()]
        if len(alike) > 1 and all(other == alike[0] for other in alike) and dice.random() < 0.5:
            shared = alike[0]
            for operation in item.values():
                operation.pop("parameters", None)
            item["parameters"] = shared
        elif dice.random() < 0.5:
            _share_parameters(made, path, dice)


def _share_parameters(made: Json, path: str, dice: Random) -> None:
    shared = made["components"].setdefault("parameters", {})
    for method, operation in made["paths"][path].items():
        for index, parameter in enumerate(operation.get("parameters", [])):
            if dice.random() < 0.5:
                key = f"{method}{len(shared)}"
                shared[key] = parameter
                operation["parameters"][index] = {"$ref": f"#/components/parameters/{key}"}


_MEDIA = (
    ["application/json"],
    ["text/json", "application/json"],
    ["application/json; charset=utf-8"],
    ["application/json", "text/json", "application/*+json", "text/plain"],
)


def _spell_operation(made: Json, operation: Json, dice: Random) -> None:
    for holder in [operation.get("requestBody"), *operation["responses"].values()]:
        if holder and "application/json" in holder.get("content", {}):
            media = next(iter(holder["content"].values()))
            holder["content"] = {name: copy.deepcopy(media) for name in dice.choice(_MEDIA)}
    if dice.random() < 0.5:
        operation["summary"] = "Does it"
        operation["operationId"] = f"op{dice.randrange(10**9)}"
        operation["tags"] = [*operation["tags"], "More"] if "tags" in operation else []
        operation["deprecated"] = False
    if dice.random() < 0.3:
        header = {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}
        operation["parameters"] = [*operation.get("parameters", []), header]
    if operation["responses"] and dice.random() < 0.3:
        key = f"r{len(made['components'].setdefault('responses', {}))}"
        status = next(iter(operation["responses"]))
        made["components"]["responses"][key] = operation["responses"][status]
        operation["responses"] = {
            status: {"$ref": f"#/components/responses/{key}"},
            "404": {"description": "None"},
        }
    if "parameters" in operation:
        dice.shuffle(operation["parameters"])


def _shuffled(node: Any, dice: Random) -> Any:
    if isinstance(node, dict):
        keys = list(node)
        dice.shuffle(keys)
        return {key: _shuffled(node[key], dice) for key in keys}
    return [_shuffled(value, dice) for value in node] if isinstance(node, list) else node


# -- something else ------------------------------------------------------------------------------------------------

Told = tuple[str, str, str, bool]
"""The kind, place, name and breaking of a change."""


def _parameters(made: Json, path: str = "/Widget", method: str = "get") -> list[Json]:
    found: list[Json] = made["paths"][path][method]["parameters"]
    return found


def _parameter(made: Json, name: str) -> Json:
    return next(parameter for parameter in _parameters(made) if parameter["name"] == name)


def _fields(made: Json, name: str) -> Json:
    found: Json = made["components"]["schemas"][name]["properties"]
    return found


def _set_responses(made: Json, path: str, method: str, shape: Any, status: str = "200") -> None:
    made["paths"][path][method]["responses"] = responses_of(shape, status)


def _rows(key: str) -> Json:
    return {"type": "object", "properties": {"record_count": NUMBER, key: array_of("Widget_List")}}


LIST, ONE, CHECK = "GET /Widget", "GET /Widget/{id}", "POST /Gear/check"
MEANINGS: dict[str, tuple[Callable[[Json], Any], set[Told]]] = {
    "an operation goes": (
        lambda made: made["paths"]["/Widget/{id}"].pop("delete"),
        {("operation removed", "DELETE /Widget/{id}", "", True)},
    ),
    "an operation comes": (
        lambda made: made["paths"].update(
            {"/Bolt": {"get": {"tags": ["Bolt"], "responses": responses_of({"type": "string"})}}}
        ),
        {("operation added", "GET /Bolt", "", False)},
    ),
    "a parameter goes": (
        lambda made: _parameters(made).remove(_parameter(made, "search")),
        {("parameter removed", LIST, "search", True)},
    ),
    "a parameter comes": (
        lambda made: _parameters(made).append(query("fresh")),
        {("parameter added", LIST, "fresh", False)},
    ),
    "a required parameter comes": (
        lambda made: _parameters(made).append(query("fresh", required=True)),
        {("parameter added", LIST, "fresh", True)},
    ),
    "a parameter is required": (
        lambda made: _parameter(made, "search").update(required=True),
        {("parameter required", LIST, "search", True)},
    ),
    "a parameter has another type": (
        lambda made: _parameter(made, "open_only").update(schema={"type": "string"}),
        {("parameter retyped", LIST, "open_only", True)},
    ),
    "a parameter takes more": (
        lambda made: _parameter(made, "count").update(schema={"type": "number"}),
        {("parameter retyped", LIST, "count", False)},
    ),
    "a parameter has another case": (
        lambda made: _parameter(made, "search").update(name="Search"),
        {("parameter renamed", LIST, "search", True)},
    ),
    "a parameter lost a value": (
        lambda made: _parameter(made, "colour")["schema"]["enum"].remove("red"),
        {("parameter values", LIST, "colour", True)},
    ),
    "a parameter has one more value": (
        lambda made: _parameter(made, "colour")["schema"]["enum"].append("pink"),
        {("parameter values", LIST, "colour", False)},
    ),
    "a response has one more value": (
        lambda made: _fields(made, "Pet").update(
            kind={"type": "string", "enum": ["blue", "green", "red", "x"]}
        ),
        {("field values", "Pet", "kind", False)},
    ),
    "a field goes": (
        lambda made: _fields(made, "Widget").pop("price"),
        {("field removed", "Widget", "price", True)},
    ),
    "a field comes": (
        lambda made: _fields(made, "Gear").update(fresh=TEXT),
        {("field added", "Gear", "fresh", False)},
    ),
    "a field has another type": (
        lambda made: _fields(made, "Gear").update(teeth=TEXT),
        {("field retyped", "Gear", "teeth", True)},
    ),
    "a field may be null": (
        lambda made: _fields(made, "Widget").update(price={"type": "number", "nullable": True}),
        {("field retyped", "Widget", "price", True)},
    ),
    "a field is required": (
        lambda made: made["components"]["schemas"]["GearCheck"]["required"].append("strict"),
        {("field required", "GearCheck", "strict", True)},
    ),
    "a field of a part is a list": (
        lambda made: _fields(made, "Widget").update(main=array_of("Gear")),
        {("field retyped", "Widget", "main", True)},
    ),
    "a list has another key": (
        lambda made: _set_responses(made, "/Widget", "get", _rows("items")),
        {("response key", LIST, "", True)},
    ),
    "a list is bare": (
        lambda made: _set_responses(made, "/Widget", "get", array_of("Widget_List")),
        {("response key", LIST, "", True)},
    ),
    "a response is another record": (
        lambda made: _set_responses(made, "/Widget/{id}", "get", ref("Widget_List")),
        {("response retyped", ONE, "", True)},
    ),
    "a response has another status": (
        lambda made: _set_responses(made, "/Widget", "post", ref("Widget"), "201"),
        {("response status", "POST /Widget", "", False)},
    ),
    "a body goes": (
        lambda made: made["paths"]["/Gear/check"]["post"].pop("requestBody"),
        {("body retyped", CHECK, "", True)},
    ),
    "a body has another type": (
        lambda made: made["paths"]["/Gear/check"]["post"].update(
            requestBody={"content": {"application/json": {"schema": {"type": "integer"}}}}
        ),
        {("body retyped", CHECK, "", True)},
    ),
}
"""What changes the meaning of `desk`, with the changes that a diff has to name."""


_HOLDERS = {CHECK: "GearCheck"}
"""Places that are no longer sent if another one changes."""


def drawn(dice: Random, most: int) -> Iterator[str]:
    """Yield names of some of `MEANINGS` that do not touch the same place."""
    taken: set[tuple[str, str]] = set()
    for name in dice.sample(sorted(MEANINGS), most):
        places = {(_HOLDERS.get(where, where), part) for _, where, part, _ in MEANINGS[name][1]}
        places |= {(where, "") for where, _ in places if where == "GearCheck"}
        if not places & taken:
            taken |= places
            yield name
