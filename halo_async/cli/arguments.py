"""Conversion of `name=value` on a command line to the arguments of an operation."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from halo_async._operations.common_mistakes import meant_operation
from halo_async._operations.operation import Operation, Parameter
from halo_async._operations.resource import operations, own_name
from halo_async._utils.byte_order_mark import strip_bom
from halo_async._utils.names import did_you_mean
from halo_async.cli.errors import UsageError


def lookup(name: str) -> Operation:
    """Return the operation with a Python name such as `tickets.list` or `ticket.list`.

    :raises UsageError: it does not exist; the message has the closest matches.
    """
    known = {operation.name: operation for operation in operations()}
    name = own_name(name)
    if name in known:
        return known[name]
    own = [other for other in known if other.startswith(f"{name}.")]
    if own:
        raise UsageError(f"{name} has several operations. Name one of {', '.join(own[:8])}.")
    meant = meant_operation(name, known)
    near = (
        f". Did you mean {meant!r}?"
        if meant
        else did_you_mean(name, known) or ". Find it with `halo-async operations TEXT`."
    )
    raise UsageError(f"There is no operation {name!r}{near}")


def named_values(operation: Operation, texts: Sequence[str]) -> dict[str, Any]:
    """The arguments, each of its declared type; a list is `1,2`, `[1,2]` or the name given again.

    :raises UsageError: a name is unknown, a value is of another type, or something required is missing.
    """
    given: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"{text!r} is not NAME=VALUE{_example(operation, text)}")
        given.setdefault(_find_parameter(operation, name).python_name, []).append(value)
    missing = [
        item.python_name
        for item in operation.parameters
        if item.required and item.location != "body" and item.python_name not in given
    ]
    if missing:
        raise UsageError(f"{operation.name} needs {' '.join(f'{name}=VALUE' for name in missing)}. Add it.")
    return {name: _convert_value(_find_parameter(operation, name), values) for name, values in given.items()}


def _example(operation: Operation, text: str) -> str:
    names = [item.python_name for item in operation.parameters if item.location != "body"]
    return (
        f". Write {text if text in names else names[0]}=VALUE."
        if names
        else f". {operation.name} takes no parameters. Leave it out."
    )


def _find_parameter(operation: Operation, name: str) -> Parameter:
    usable = [item for item in operation.parameters if item.location != "body"]
    for item in usable:
        if name in (item.python_name, item.name):
            return item
    known = {item.python_name for item in usable}
    near = did_you_mean(name, known) or f". List them with `halo-async operations {operation.name}`."
    raise UsageError(f"{operation.name} has no parameter {name!r}{near}")


def typed_value(operation: Operation, name: str, text: str) -> Any:
    """A value of one parameter, of its declared type.

    :raises UsageError: there is no such parameter, or the value is of another type.
    """
    return _convert_value(_find_parameter(operation, name), [text])


def _convert_value(parameter: Parameter, texts: Sequence[str]) -> Any:
    kind = parameter.type.removesuffix("| None").strip()
    if kind.startswith(("Sequence[", "Many[")):
        inner = kind.partition("[")[2][:-1]
        parts = [part.strip() for text in texts for part in _split_list(text)]
        if not any(parts):
            raise UsageError(f"{parameter.python_name} is empty, and would filter nothing. Leave it out.")
        return [_convert(parameter, inner, part) for part in parts]
    if len(texts) > 1:
        raise UsageError(
            f"{parameter.python_name} is given {len(texts)} times, and takes one value. Give it once."
        )
    return _convert(parameter, kind, texts[0])


def _split_list(text: str) -> list[str]:
    """The values of `1,2`, `[1,2]` or `["1","2"]`."""
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return text.split(",")
    try:
        found = json.loads(text, parse_int=str, parse_float=str)
    except ValueError:  # `[New, Closed]`
        return text[1:-1].split(",")
    plain = all(isinstance(item, str) for item in found)
    return found if plain else text[1:-1].split(",")


def _convert(parameter: Parameter, kind: str, text: str) -> Any:
    if kind not in _KINDS:
        return text
    convert, wanted = _KINDS[kind]
    try:
        return convert(text)
    except ValueError:
        raise UsageError(f"{parameter.python_name} must be {wanted}, not {text!r}.") from None


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word in ("true", "yes", "1", "false", "no", "0"):
        return word in ("true", "yes", "1")
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _check_moment(text: str) -> str:
    """The text itself, since a day without a time is more than a moment where a range ends with it."""
    datetime.fromisoformat(text)
    return text


_A_MOMENT = "a date such as 2026-05-31 or 2026-05-31T09:30:00Z"
_KINDS: dict[str, tuple[Callable[[str], Any], str]] = {
    "int": (int, "an integer"),
    "float": (_finite, "a number"),
    "bool": (_truth, "true or false"),
    "DateTime": (datetime.fromisoformat, _A_MOMENT),
    **dict.fromkeys(("Moment", "RangeStart", "RangeEnd"), (_check_moment, _A_MOMENT)),
}


def body_of(operation: Operation, given: str | None) -> dict[str, Any]:
    """Return the body argument, read from `--body`.

    :raises UsageError: it is missing, not accepted, or not valid JSON.
    """
    name = operation.body_name
    if given is None:
        if name is not None and name in operation.required:
            raise UsageError(
                f"{operation.name} needs a body. Give --body JSON, --body @FILE, or --body - for stdin."
            )
        return {}
    if name is None:
        raise UsageError(f"{operation.name} takes no body. Leave --body out.")
    if _is_raw(operation.body):
        return {name: _read_body(given) if given == "-" or given.startswith("@") else given}
    value = _parse_json(_read_body(given))
    if operation.kind == "upsert" and isinstance(value, dict):
        value = [value]
    if operation.kind == "upsert" and not isinstance(value, list):
        raise UsageError("--body must be a JSON object or a list of them.")
    return {name: _form(value) if operation.body == "multipart" else value}


def _is_raw(body: str | None) -> bool:
    """Return whether a body is sent unchanged, so that it need not be JSON."""
    from halo_async._operations.serialization import FORM

    return body is not None and "/" in body and "json" not in body and body != FORM


def _form(value: Any) -> dict[str, Any]:
    """Return a form's fields: strings, and `"@FILE"` for the content of a file."""
    if not isinstance(value, dict):
        raise UsageError('--body must be a JSON object. Give the form\'s fields by name, "@FILE" for a file.')
    return {name: _encode_field(item) for name, item in value.items()}


def _encode_field(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        return Path(value[1:]).name, _read_file(value)
    return value if isinstance(value, str) else _json_text(value)


def _json_text(value: Any) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()


def _read_body(given: str) -> bytes:
    if given == "-":
        return sys.stdin.buffer.read()
    return _read_file(given) if given.startswith("@") else given.encode()


def _read_file(given: str) -> bytes:
    try:
        return Path(given[1:]).read_bytes()
    except OSError as error:
        raise UsageError(
            f"--body {given} cannot be read ({(error.strerror or '').lower()}). Name another file."
        ) from error


def _parse_json(text: bytes) -> Any:
    import msgspec

    from halo_async._utils.json_depth import decode

    try:
        return decode(strip_bom(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"--body is not valid JSON ({error}). Correct it.") from None
