"""Python values as JSON bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any
from uuid import UUID

import msgspec

from halo_async.dates import format_date
from halo_async.errors import InvalidRequestError
from halo_async.fields import article
from halo_async.kinds import is_record


def encode(value: Any) -> bytes:
    """JSON bytes of records, mappings, lists and plain values; dates as Halo reads them.

    :raises InvalidRequestError: a number is not finite (JSON has no such thing), or a text no text.
    :raises TypeError: a value has no form in JSON.
    """
    try:
        return msgspec.json.encode(plain(value))
    except UnicodeEncodeError:  # it holds the text, so it is no cause to chain
        wrong = "a text of the body holds half a character (a lone surrogate): decode it as it was encoded"
    raise InvalidRequestError(wrong)


def plain(value: Any) -> Any:
    """A value as JSON has it: dicts, lists, texts and numbers only."""
    if value is None or isinstance(value, str | bool):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if is_record(value):
        value = value.__dict__
    if isinstance(value, Mapping):
        return {_name(name): plain(item) for name, item in value.items()}
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(item) for item in value]
    hint = "; Halo takes bytes as base64 text" if isinstance(value, bytes | bytearray | memoryview) else ""
    raise TypeError(f"{article(value)} has no form in JSON{hint}")


def form_fields(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The fields of a multipart form: texts, bytes and open files as they are, all else as its JSON.

    A tuple is a file: its name, its bytes and perhaps its content type. A list gives its field once
    for each item.

    :raises TypeError: a value has no form in JSON.
    """
    fields: list[tuple[str, Any]] = []
    for name, value in values.items():
        items = value if isinstance(value, list) else [value]
        fields += [(_name(name), _form_value(item)) for item in items if item is not None]
    return tuple(fields)


def _form_value(value: Any) -> Any:
    if isinstance(value, str | bytes | bytearray | tuple) or hasattr(value, "read"):
        return value
    made = plain(value)
    return made if isinstance(made, str) else encode(made).decode()


def _name(name: Any) -> str:
    if isinstance(name, str):
        return name
    raise TypeError(f"a name in JSON is a text, not {type(name).__name__}")


def _number(value: float | Decimal) -> Any:
    if not isfinite(value):
        raise InvalidRequestError(f"{value} is no number that JSON has")
    return msgspec.Raw(f"{value:f}".encode()) if isinstance(value, Decimal) else value
