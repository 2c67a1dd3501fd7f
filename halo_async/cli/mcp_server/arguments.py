"""From an assistant's JSON to the arguments of an operation."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from halo_async._operations.operation import Operation, Parameter
from halo_async._operations.serialization import FORM
from halo_async._utils.names import did_you_mean
from halo_async.cli.mcp_server.refusals import RefusedError

NOTHING_GIVEN: Any = object()


def arguments_of(operation: Operation, given: Mapping[str, Any], body: Any = NOTHING_GIVEN) -> dict[str, Any]:
    """Return the arguments of a call.

    :param body: the request body; `NOTHING_GIVEN` without one.
    :raises RefusedError: a name is unknown, something required is missing, or a value is of another type.
    """
    usable = {item.python_name: item for item in operation.parameters if item.location != "body"}
    by_wire = {item.name: item for item in usable.values()}
    found: dict[str, Any] = {}
    for name, value in given.items():
        item = usable.get(name) or by_wire.get(name)
        if item is None:
            raise RefusedError(_explain_unknown(operation, name, [*usable]))
        if value is not None:
            found[item.python_name] = _convert_value(operation, item, value)
    missing = [
        item.python_name for item in usable.values() if item.required and item.python_name not in found
    ]
    if missing:
        raise RefusedError(f"{operation.name} requires {', '.join(missing)} in `arguments`. Add it.")
    return found | _pass_body(operation, body)


def _explain_unknown(operation: Operation, name: str, known: list[str]) -> str:
    if name == operation.body_name:
        return f"{operation.name} takes {name} as `body`, beside `arguments`. Move it there."
    near = did_you_mean(name, known) or ". describe_operation lists them."
    return f"{operation.name} has no parameter {name!r:.100}{near}"


def _convert_value(operation: Operation, item: Parameter, value: Any) -> Any:
    """A value as the operation takes it: JSON has no dates, and some assistants write numbers as text."""
    kind = item.type.removesuffix("| None").strip()
    try:
        if kind == "DateTime":
            return datetime.fromisoformat(value)
        if kind == "int" and isinstance(value, str):
            return int(value)
        if kind == "bool" and value in ("true", "false"):
            return value == "true"
    except (ValueError, TypeError):
        wanted = "an integer" if kind == "int" else "a date such as 2026-05-31T09:30:00Z"
        raise RefusedError(f"{item.python_name} of {operation.name} must be {wanted}. Correct it.") from None
    return value


def _pass_body(operation: Operation, body: Any) -> dict[str, Any]:
    name = operation.body_name
    if body is NOTHING_GIVEN or body is None:
        if name is not None and name in operation.required:
            raise RefusedError(f"{operation.name} requires a `body`. describe_operation has its fields.")
        return {}
    if name is None:
        raise RefusedError(f"{operation.name} takes no body. Leave it out.")
    if operation.body == "multipart":
        return {name: _form(operation, body)}
    if (
        operation.body is not None
        and "/" in operation.body
        and "json" not in operation.body
        and operation.body != FORM
    ):
        if not isinstance(body, str):
            raise RefusedError(f"The body of {operation.name} must be a string. Correct it.")
        return {name: body}
    if operation.kind == "upsert":
        return {name: _check_rows(operation, body)}
    return {name: body}


def _check_rows(operation: Operation, body: Any) -> list[Any]:
    rows = [body] if isinstance(body, dict) else body
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RefusedError(
            f"The body of {operation.name} must be an object or a list of objects. Correct it."
        )
    if not rows:
        raise RefusedError(f"The body of {operation.name} has no rows, so nothing would be sent. Add one.")
    return rows


def _form(operation: Operation, body: Any) -> dict[str, Any]:
    """The fields of a form: texts, and files as `{"filename": …, "base64": …}`; never a path of this machine."""
    if not isinstance(body, dict):
        raise RefusedError(f"The body of {operation.name} must be an object of form fields. Correct it.")
    return {name: _form_value(name, value) for name, value in body.items()}


def _form_value(name: str, value: Any) -> Any:
    if not isinstance(value, dict) or "base64" not in value:
        return value
    try:
        content = base64.b64decode(value["base64"], validate=True)
    except (ValueError, TypeError):
        raise RefusedError(f"`base64` of the field {name!r:.100} cannot be decoded. Correct it.") from None
    return str(value.get("filename") or name), content
