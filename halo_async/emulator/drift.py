"""Document drift: N seeded changes to the document that a client was made from, and a record of them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import attrs
import msgspec

from halo_async._utils.openapi_document import Document
from halo_async.emulator.routes import METHODS
from halo_async.errors import SettingsError

_TYPES: tuple[dict[str, Any], ...] = (
    {"type": "string", "nullable": True},
    {"type": "integer", "format": "int32", "nullable": True},
    {"type": "boolean", "nullable": True},
    {"type": "number", "format": "double", "nullable": True},
)

TRIES = 10_000
"""Attempts at one change: after so many misses no untouched place of its kind is left."""


@attrs.frozen
class DriftChange:
    """One difference from the canonical document.

    ``kind`` is ``operation added``, ``operation removed``, ``field added``, ``field removed``,
    ``field retyped``, ``parameter added`` or ``parameter removed``; ``where`` is ``GET /Path`` or a
    schema's name.
    """

    kind: str
    where: str
    name: str = ""


def drifted(document: Document, seed: int, changes: int) -> tuple[Document, tuple[DriftChange, ...]]:
    """Return a changed copy of a document, and the list of changes. No place changes twice.

    :raises SettingsError: the document has too few places of some kind that can change.
    """
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    dice = Random(seed)  # noqa: S311 - it has to be repeatable, not secret
    done: list[DriftChange] = []
    touched: set[str] = set()
    tries = 0
    while len(done) < changes:
        # Every kind in turn, so that seven changes are of seven kinds.
        change = _KINDS[len(done) % len(_KINDS)](copy, dice, touched)
        tries += 1
        if change is not None:
            done.append(change)
            tries = 0
        elif tries > TRIES:
            raise SettingsError(
                f"This document has room for {len(done)} changes, not for {changes}. Request fewer."
            )
    return copy, tuple(done)


def _drop_schema(document: dict[str, Any], dice: Random, touched: set[str]) -> str | None:
    name: str = dice.choice(sorted(document["components"]["schemas"]))
    schema = document["components"]["schemas"][name]
    if name in touched or len(schema.get("properties", {})) < 4:
        return None
    touched.add(name)
    return name


def _choose_operation(document: dict[str, Any], dice: Random, touched: set[str]) -> tuple[str, str] | None:
    path = dice.choice(sorted(document["paths"]))
    if path in touched:
        return None
    touched.add(path)
    return path, dice.choice([method for method in METHODS if method in document["paths"][path]])


def _add_field(document: dict[str, Any], dice: Random, touched: set[str]) -> DriftChange | None:
    name = _drop_schema(document, dice, touched)
    if name is None:
        return None
    field = f"drift_{dice.randrange(10**6)}"
    document["components"]["schemas"][name]["properties"][field] = dict(dice.choice(_TYPES))
    return DriftChange("field added", name, field)


def _choose_field(document: dict[str, Any], dice: Random, name: str) -> str | None:
    properties = document["components"]["schemas"][name]["properties"]
    names = sorted(field for field, schema in properties.items() if field != "id" and "type" in schema)
    return dice.choice(names) if names else None


def _remove_field(document: dict[str, Any], dice: Random, touched: set[str]) -> DriftChange | None:
    name = _drop_schema(document, dice, touched)
    field = _choose_field(document, dice, name) if name else None
    if name is None or field is None:
        return None
    schema = document["components"]["schemas"][name]
    del schema["properties"][field]
    if field in schema.get("required", ()):
        schema["required"].remove(field)
    return DriftChange("field removed", name, field)


def _retype_field(document: dict[str, Any], dice: Random, touched: set[str]) -> DriftChange | None:
    name = _drop_schema(document, dice, touched)
    field = _choose_field(document, dice, name) if name else None
    if name is None or field is None:
        return None
    properties = document["components"]["schemas"][name]["properties"]
    others = [kind for kind in _TYPES if kind["type"] != properties[field]["type"]]
    properties[field] = dict(dice.choice(others))
    return DriftChange("field retyped", name, field)


def _remove_operation(document: dict[str, Any], dice: Random, touched: set[str]) -> DriftChange | None:
    chosen = _choose_operation(document, dice, touched)
    if chosen is None:
        return None
    path, method = chosen
    if document["paths"][path][method].get("x-halo", {}).get("newer"):
        return None  # many instances lack those: a generator adds them by itself
    del document["paths"][path][method]
    if not any(other in document["paths"][path] for other in METHODS):
        del document["paths"][path]
    return DriftChange("operation removed", f"{method.upper()} {path}")


def _add_operation(document: dict[str, Any], dice: Random, touched: set[str]) -> DriftChange | None:
    name = f"Drift{dice.randrange(10**6)}"
    if f"/{name}" in document["paths"]:
        return None
    touched.add(f"/{name}")
    document["paths"][f"/{name}"] = {
        "get": {
            "operationId": f"{name.lower()}.list",
            "tags": [name],
            "x-halo": {"kind": "list", "shape": "array", "paged": False},
            "responses": {"200": {"description": "OK"}},
        }
    }
    return DriftChange("operation added", f"GET /{name}")


def _add_parameter(document: dict[str, Any], dice: Random, touched: set[str]) -> DriftChange | None:
    chosen = _choose_operation(document, dice, touched)
    if chosen is None:
        return None
    path, method = chosen
    name = f"drift_{dice.randrange(10**6)}"
    parameter = {"name": name, "in": "query", "schema": {"type": "boolean"}}
    document["paths"][path][method].setdefault("parameters", []).append(parameter)
    return DriftChange("parameter added", f"{method.upper()} {path}", name)


def _remove_parameter(document: dict[str, Any], dice: Random, touched: set[str]) -> DriftChange | None:
    chosen = _choose_operation(document, dice, touched)
    if chosen is None:
        return None
    path, method = chosen
    shared = document["components"].get("parameters", {})
    parameters = document["paths"][path][method].get("parameters", [])
    for at, parameter in enumerate(parameters):
        seen = shared[parameter["$ref"].rsplit("/", 1)[1]] if "$ref" in parameter else parameter
        if seen["in"] == "query":
            del parameters[at]
            return DriftChange("parameter removed", f"{method.upper()} {path}", seen["name"])
    return None


_KINDS: tuple[Callable[[dict[str, Any], Random, set[str]], DriftChange | None], ...] = (
    _add_field,
    _remove_field,
    _retype_field,
    _add_operation,
    _remove_operation,
    _add_parameter,
    _remove_parameter,
)
