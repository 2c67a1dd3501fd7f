"""Checks of values against schemas of the canonical document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from halo_async._utils.dates import parse_date
from halo_async._utils.names import did_you_mean
from halo_async._utils.validation import article
from halo_async.records.misspellings import slip_of

_RANGES = {"int32": 2**31, "int64": 2**63}
_TIME = re.compile(r"\d{1,2}:\d\d(:\d\d)?")
"""A time of day, which fields with the format of a date are known to have."""
_MOST = 12
"""Allowed values that a message lists."""


@attrs.frozen
class StrictProblem:
    """One value that the document does not allow.

    :ivar path: its place in the body, as in `$.status_id`.
    :ivar said: what is wrong and how to mend it, in sentences that go on from the path.
    """

    path: str
    said: str


class SchemaChecks:
    """Checks by the schemas of one document."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas

    def check(self, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[StrictProblem]:
        """Yield what is wrong with a JSON value, outermost first."""
        name, schema = self._resolved(schema)
        if value is None:
            if schema.get("type") in _SCALARS and "nullable" not in schema and not name and path != "$":
                yield StrictProblem(path, f"must not be null. Leave it out, or give {_name_kind(schema)}.")
            return
        kind = str(schema.get("type"))
        if "enum" in schema and value not in schema["enum"]:
            yield StrictProblem(path, _allowed(value, schema["enum"]))
        elif kind in _SCALARS:
            if not _SCALARS[kind](schema, value):
                yield StrictProblem(
                    path, f"must be {_name_kind(schema)}, not {_format_value(value)}.{_mend(schema, value)}"
                )
        elif kind == "array":
            yield from self._check_items(schema, value, path)
        elif kind == "object" or "properties" in schema:
            yield from self._check_fields(name, schema, value, path)

    def check_text(self, parameter: Mapping[str, Any], text: str) -> Iterator[StrictProblem]:
        """Yield what is wrong with the text of a query parameter."""
        _, schema = self._resolved(parameter.get("schema", {}))
        choices = parameter.get("x-halo-choices") or schema.get("enum")
        if choices:
            known = {str(choice) for choice in choices}
            wrong = next((part for part in text.split(",") if part not in known), None)
            if wrong is not None:
                yield StrictProblem("", _allowed(wrong, choices))
        elif not _fits_text(schema, text):
            yield StrictProblem("", f"must be {_name_kind(schema)}, not {text[:40]!r}.{_mend(schema, text)}")

    def _resolved(self, schema: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        name = ""
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self._schemas.get(name, {})
        return name, schema

    def _check_items(self, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[StrictProblem]:
        if not isinstance(value, list):
            yield StrictProblem(path, f"must be a list, not {_format_value(value)}. Put it in [ ].")
            return
        for index, item in enumerate(value):
            yield from self.check(schema.get("items", {}), item, f"{path}[{index}]")

    def _check_fields(
        self, name: str, schema: Mapping[str, Any], value: Any, path: str
    ) -> Iterator[StrictProblem]:
        if not isinstance(value, dict):
            yield StrictProblem(
                path, f"must be an object, not {_format_value(value)}. Give its fields in {{ }}."
            )
            return
        fields = schema.get("properties", {})
        folded = {field.lower(): field for field in fields}
        for key, item in value.items():
            field = folded.get(key.lower())
            if field is not None:
                yield from self.check(fields[field], item, f"{path}.{key}")
            elif fields and (meant := slip_of(key, fields)):
                said = f"is not a field of {name or 'this object'}. Did you mean {meant!r}?"
                yield StrictProblem(f"{path}.{key}", said)


def _is_integer(schema: Mapping[str, Any], value: Any) -> bool:
    limit = _RANGES.get(str(schema.get("format")), 2**63)
    return type(value) is int and -limit <= value < limit


def _is_text(schema: Mapping[str, Any], value: Any) -> bool:
    return isinstance(value, str) and (not _is_moment(schema) or value == "" or _reads_as_date(value))


_SCALARS: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "integer": _is_integer,
    "number": lambda schema, value: type(value) in (int, float),
    "boolean": lambda schema, value: type(value) is bool,
    "string": _is_text,
}


def _fits_text(schema: Mapping[str, Any], text: str) -> bool:
    """Return whether the text of a query parameter reads as its type."""
    kind = schema.get("type")
    if kind == "boolean":
        return text in ("true", "false")
    if kind in ("integer", "number"):
        try:
            return _SCALARS[kind](schema, int(text) if kind == "integer" else float(text))
        except ValueError:
            return False
    return not _is_moment(schema) or _reads_as_date(text)


def _is_moment(schema: Mapping[str, Any]) -> bool:
    return str(schema.get("format", "")).startswith("date")


def _reads_as_date(text: str) -> bool:
    try:
        parse_date(text)
    except ValueError:
        return _TIME.fullmatch(text) is not None
    return True


def _name_kind(schema: Mapping[str, Any]) -> str:
    if _is_moment(schema):
        return "a date in ISO 8601"
    kind = str(schema.get("type"))
    width = (
        f" of {schema['format'][3:]} bits" if kind == "integer" and schema.get("format") in _RANGES else ""
    )
    named = {"integer": "an integer", "number": "a number", "boolean": "true or false", "string": "a string"}
    return f"{named.get(kind, kind)}{width}"


def _mend(schema: Mapping[str, Any], value: Any) -> str:
    kind = schema.get("type")
    if kind in ("integer", "number") and isinstance(value, str) and _fits_text(schema, value):
        return f" Give {value} without quotes."
    if kind == "boolean" and str(value).lower() in ("true", "false", "1", "0", "yes", "no"):
        return f" Give {str(value).lower() in ('true', '1', 'yes')}."
    if kind == "string" and type(value) in (int, float) and not _is_moment(schema):
        return f" Give {str(value)!r}."
    return " Give one such as 2026-05-31T09:30:00Z." if _is_moment(schema) else f" Give {_name_kind(schema)}."


def _allowed(value: Any, choices: list[Any]) -> str:
    more = f" and {len(choices) - _MOST} more" if len(choices) > _MOST else ""
    listed = ", ".join(map(str, choices[:_MOST]))
    near = did_you_mean(value, [str(choice) for choice in choices]) if isinstance(value, str) else ""
    return f"must be one of {listed}{more}, not {_format_value(value)}{near or '.'}"


def _format_value(value: Any) -> str:
    plain = isinstance(value, str | int | float | bool)
    return repr(value)[:40] if plain else article(value)
