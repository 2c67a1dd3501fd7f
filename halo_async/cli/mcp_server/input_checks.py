"""Checks of a tool's input by its schema, with sentences for assistants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._utils.names import did_you_mean
from halo_async.cli.mcp_server.refusals import RefusedError

_KINDS: Mapping[str, tuple[type, str]] = {
    "string": (str, "a string"),
    "integer": (int, "an integer"),
    "array": (list, "a list of texts"),
    "object": (dict, "an object"),
}


def check_input(tool: str, schema: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Return if the input fits the schema.

    :raises RefusedError: it does not; the first difference is named.
    """
    known = schema["properties"]
    for name in given:
        if name not in known:
            near = did_you_mean(name, known) or f". It takes {', '.join(known)}."
            raise RefusedError(f"{tool} has no input {name!r:.100}{near}")
    for name in schema["required"]:
        if given.get(name) is None:
            raise RefusedError(f"{tool} requires `{name}`. Add it.")
    for name, value in given.items():
        if value is not None:
            _check_value(name, known[name], value)


def _check_value(name: str, schema: Mapping[str, Any], value: Any) -> None:
    kind = schema.get("type")
    if kind is None:
        return
    cls, wanted = _KINDS[kind]
    if not isinstance(value, cls) or isinstance(value, bool):
        raise RefusedError(f"`{name}` must be {wanted}. Correct it.")
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        raise RefusedError(f"`{name}` must be {wanted}. Correct it.")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        least, most = schema.get("minimum"), schema.get("maximum")
        raise RefusedError(
            f"`{name}` must be at least {least}{f' and at most {most}' if most else ''}. Correct it."
        )
    if "enum" in schema and value not in schema["enum"]:
        raise RefusedError(f"`{name}` must be one of {', '.join(schema['enum'])}. Correct it.")
