"""Python values as JSON bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from operator import index
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from halo_async.dates import format_date
from halo_async.errors import InvalidRequestError
from halo_async.fields import article
from halo_async.kinds import is_record
from halo_async.query import LONGEST, query_pairs

FORM = "application/x-www-form-urlencoded"
_HALF = "a text of the body holds half a character (a lone surrogate): decode it as it was encoded"


def encode(value: Any) -> bytes:
    """JSON bytes of records, mappings, lists and plain values; dates as Halo reads them.

    :raises InvalidRequestError: a number is not finite (JSON has no such thing), or a text no text.
    :raises TypeError: a value has no form in JSON.
    """
    try:
        return msgspec.json.encode(plain(value))
    except UnicodeEncodeError:  # it holds the text, so it is no cause to chain
        wrong = _HALF
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
    if hasattr(type(value), "__index__"):
        return index(value)  # numpy's integers
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


def typed(media: str, value: Any) -> tuple[bytes, str]:
    """A body of another type than `application/json`, and its `Content-Type`: JSON, a form, or text or bytes as given.

    :raises TypeError: it is no mapping where a form is sent, and neither text nor bytes where those are.
    """
    if "json" in media:
        return encode(value), media
    if media == FORM:
        if not isinstance(value, Mapping):
            raise TypeError(f"a form is a mapping, not {article(value)}")
        pairs = [pair for name, item in value.items() for pair in query_pairs(_name(name), item)]
        return urlencode(pairs).encode(), media
    if isinstance(value, str):
        kind = "text/plain" if "*" in media else media
        return _utf8(value), f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value), "application/octet-stream" if "*" in media else media
    raise TypeError(f"a body of the type {media} is text or bytes, not {article(value)}")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # it holds the text, so it is no cause to chain
        wrong = _HALF
    raise InvalidRequestError(wrong)


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
    if isinstance(value, int):
        if value.bit_length() > LONGEST:
            raise InvalidRequestError("an integer has more than 4,300 digits. Send it as a string.")
        return int(value)
    if not isfinite(value):
        raise InvalidRequestError(f"{value} is no number that JSON has")
    return msgspec.Raw(f"{value:f}".encode()) if isinstance(value, Decimal) else float(value)
