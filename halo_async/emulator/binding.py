"""The model binder: whether a posted body is what the operation's schema says.

It is as lenient as the server's: ``"5"`` will do for 5, null for anything, unknown fields for nothing. ``95.0`` is not
an integer, nor is a number beyond 32 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.coerce import coerced
from halo_async.emulator.errors import Refused, model_state, not_valid
from halo_async.emulator.handlers.tolerant import wrapped
from halo_async.emulator.reads import whole_number
from halo_async.emulator.reply import empty
from halo_async.emulator.schema import JSON_TYPE, Schema, Schemas

_ACCEPTED = {JSON_TYPE, "text/json", "application/json-patch+json"}


def media_type(call: EmulatorCall) -> str:
    """Return the content type of a request, in lower case and without parameters."""
    return call.headers.get("content-type", "").split(";")[0].strip().lower()


def posted(schemas: Schemas, call: EmulatorCall, schema: Schema) -> Any:
    """Return the body as plain Python, bound to its schema.

    :raises Refused: 415 for a body that is not JSON, 400 with ModelState for one that does not match.
    """
    kind = media_type(call)
    if kind not in _ACCEPTED and not kind.endswith("+json"):
        raise Refused(empty(415))
    try:
        body = call.json()
    except ValueError as error:
        message = str(error) if call.body.strip() else "A body is required."
        raise Refused(model_state({"": [message]})) from None
    if schemas.resolve(schema).get("type") == "array":
        body = wrapped(body)
    problems: dict[str, list[str]] = {}
    for name, value in _problems(schemas, schemas.resolve(schema), body, ""):
        problems.setdefault(name, []).append(not_valid(value))
    if problems:
        raise Refused(model_state(problems))
    return coerced(schemas, schema, body)


def _problems(
    schemas: Schemas, schema: Schema, value: Any, path: str, depth: int = 0
) -> Iterator[tuple[str, Any]]:
    match schema.get("type"):
        case "array":
            if not isinstance(value, list):
                yield path, _shorten_value(value)
                return
            items = schemas.resolve(schema.get("items", {}))
            for index, item in enumerate(value):
                yield from _problems(schemas, items, item, f"{path}[{index}]", depth)
        case "object" if schema.get("properties"):
            if not isinstance(value, dict):
                yield path, _shorten_value(value)
            elif depth < 3:
                yield from _find_misfits(schemas, schema, value, path, depth)
        case kind if value is not None and not _fits_type(kind, schema.get("format"), value):
            yield path, _shorten_value(value)


def _find_misfits(
    schemas: Schemas, schema: Schema, value: dict[str, Any], path: str, depth: int
) -> Iterator[tuple[str, Any]]:
    for name, property in schema["properties"].items():
        held = value.get(name)
        if held is not None:
            where = f"{path}.{name}" if path else name
            yield from _problems(schemas, schemas.resolve(property), held, where, depth + 1)


def _fits_type(kind: object, format: object, value: Any) -> bool:
    match kind:
        case "integer":
            return _integer(value, 2**63 if format == "int64" else 2**31)
        case "number":
            return not isinstance(value, bool | dict | list) and _is_finite(value)
        case "boolean":
            return isinstance(value, bool) or str(value).lower() in {"true", "false", "0", "1"}
        case "string":
            if isinstance(value, dict | list):
                return False
            return format not in ("date-time", "date-time-local") or not value or _is_date(str(value))
        case _:
            return True


def _integer(value: Any, bound: int) -> bool:
    """An integer, also as text; ``95.0`` is none (measured by public clients)."""
    if isinstance(value, str):
        return not value.strip() or whole_number(value.strip(), bound)
    return isinstance(value, int) and not isinstance(value, bool) and -bound <= value < bound


def _is_finite(value: Any) -> bool:
    if isinstance(value, str):
        if not value.strip():
            return True
        try:
            value = float(value)
        except ValueError:
            return False
    return value == value and value not in (float("inf"), float("-inf"))


def _is_date(text: str) -> bool:
    return len(text) >= 8 and text[:4].isdecimal() and text[4] in "-/"


def _shorten_value(value: Any) -> str:
    return str(value)[:60]
