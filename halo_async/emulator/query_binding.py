"""The model binder on query values: what is not a number or a date for a parameter that is one is refused.

A boolean that is neither ``true`` nor ``false`` but ``1`` or ``0`` is ignored, as was measured on ``orderdesc``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.errors import Refused, model_state, not_valid
from halo_async.emulator.reads import whole_number

_BOOLEANS = frozenset({"true", "false", "1", "0"})


def check_query(call: EmulatorCall) -> None:
    """Refuse query values that the model binder cannot read as what the document declares.

    :raises Refused: with 400 and ModelState.
    """
    declared = call.operation.query_names()
    wrong: dict[str, list[str]] = {}
    for name, value in call.query:
        parameter = declared.get(name.lower())
        if parameter is not None and value and not _is_readable(value, parameter.get("schema", {})):
            wrong.setdefault(parameter["name"], []).append(not_valid(value[:60]))
    if wrong:
        raise Refused(model_state(wrong))


def _is_readable(value: str, schema: Mapping[str, Any]) -> bool:
    match schema.get("type"), schema.get("format"):
        case "integer", _:
            return whole_number(value.strip())
        case "number", _:
            return _is_number(value)
        case "boolean", _:
            return value.strip().lower() in _BOOLEANS
        case "string", "date-time":
            return _is_date(value)
        case "array", _:
            return all(_is_readable(part, schema.get("items", {})) for part in value.split(","))
        case _:
            return True


def _is_number(value: str) -> bool:
    try:
        return isfinite(float(value))
    except ValueError:
        return False


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value.strip())
    except ValueError:
        return False
    return True
