"""Kinds of values that OpenAPI has at each place; any other value is left out and named with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard, TypeVar

from halo_generator.report import CanonicalReport, pointer
from halo_generator.traversal import Json, Place

T = TypeVar("T")

_WORDS: dict[type, str] = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}

_PROSE: dict[str, type] = {"summary": str, "description": str}
INFO: dict[str, type] = {"title": str, "version": str, **_PROSE}
DOCUMENT: dict[str, type] = {"info": dict, "servers": list, "tags": list, "security": list}
COMPONENTS: Mapping[str, type] = dict.fromkeys(
    ("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links",
     "callbacks", "pathItems"),
    dict,
)  # fmt: skip
PATH: dict[str, type] = {"servers": list, **_PROSE}
OPERATION: dict[str, type] = {
    "operationId": str, "deprecated": bool, "security": list, "servers": list, "callbacks": dict, **_PROSE,
}  # fmt: skip
PARAMETER: dict[str, type] = {
    "description": str, "required": bool, "deprecated": bool, "allowEmptyValue": bool, "style": str, "explode": bool,
    "allowReserved": bool, "examples": dict,
}  # fmt: skip
BODY: dict[str, type] = {"description": str, "required": bool}
SCHEMA: dict[str, type] = {
    "title": str, "description": str, "deprecated": bool, "pattern": str, "discriminator": dict,
}  # fmt: skip
RESPONSE: dict[str, type] = {"description": str, "headers": dict, "links": dict}


def is_kind(value: Any, kind: type[T], place: Place, report: CanonicalReport) -> TypeGuard[T]:
    """Return whether a value is of a kind; a place that has anything else is named.

    Nothing, and the schema `true` of OpenAPI 3.1, which allows anything, are not.
    """
    if value is not None and value is not True and not isinstance(value, kind):
        report.degraded.setdefault(pointer(*place), f"left out: OpenAPI has {_WORDS[kind]} there")
    return isinstance(value, kind)


def only_of_kind(kind: type, values: list[Any], place: Place, report: CanonicalReport) -> list[Any]:
    """Return the values of a list that are of a kind; the others are named."""
    return [value for at, value in enumerate(values) if is_kind(value, kind, (*place, at), report)]


def keep_kinds(holder: Json, kinds: Mapping[str, type], place: Place, report: CanonicalReport) -> None:
    """Remove what has another kind than OpenAPI has there, and name it."""
    for name, kind in kinds.items():
        value = holder.get(name)
        if value is not None and not isinstance(value, kind):
            report.degraded[pointer(*place, name)] = f"left out: OpenAPI has {_WORDS[kind]} there"
            del holder[name]
