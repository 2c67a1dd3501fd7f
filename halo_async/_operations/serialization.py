"""Serialization of Python values as JSON bodies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from operator import index
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from halo_async._utils.dates import format_date
from halo_async._utils.validation import article
from halo_async.errors import InvalidRequestError
from halo_async.records.converters import is_record

FORM = "application/x-www-form-urlencoded"


def encode_json(value: Any) -> bytes:
    """Return the JSON bytes of records, mappings, lists and plain values; dates in Halo's format.

    :raises InvalidRequestError: a number is not finite (not valid in JSON), or a string is not valid
        Unicode.
    :raises TypeError: a value cannot be serialized to JSON.
    """
    plain = plain_json(value)
    try:
        return msgspec.json.encode(plain)
    except UnicodeEncodeError:  # not chained as a cause, since it holds the string
        from halo_async._utils.lone_surrogates import surrogate_message

        wrong = surrogate_message(plain)
    raise InvalidRequestError(wrong)


def plain_json(value: Any) -> Any:
    """Return a value as plain JSON types: only dicts, lists, strings and numbers."""
    if value is None or type(value) is str or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain_json(value.value)
    if isinstance(value, str):
        return str.__str__(value)  # a subclass may show itself otherwise
    if isinstance(value, int | float | Decimal):
        return _json_number(value)
    if is_record(value):
        value = value.__dict__
    if isinstance(value, Mapping):
        return {_check_name(name): plain_json(item) for name, item in value.items()}
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, UUID):
        return str(value)
    from halo_async._operations.foreign_values import to_python  # rarely needed

    plain = to_python(value)
    if plain is not value:
        return plain_json(plain)
    if hasattr(type(value), "__index__"):
        return index(value)
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain_json(item) for item in value]
    hint = " Encode bytes as a base64 string." if isinstance(value, bytes | bytearray | memoryview) else ""
    raise TypeError(f"Cannot serialize {type(value).__name__!r} to JSON.{hint}")


def form_fields(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a multipart form: strings, bytes and open files unchanged, all else as JSON.

    A tuple is a file: its name, its bytes and optionally its content type. A list repeats its field once
    per item.

    :raises TypeError: a value cannot be serialized to JSON.
    """
    fields: list[tuple[str, Any]] = []
    for name, value in values.items():
        items = value if isinstance(value, list) else [value]
        fields += [(_check_name(name), _form_value(item)) for item in items if item is not None]
    return tuple(fields)


def typed(media: str, value: Any) -> tuple[bytes, str]:
    """Return a body of a type other than `application/json`, and its `Content-Type`.

    The body is JSON, a form, or a string or bytes as given.

    :raises TypeError: not a mapping for a form, or neither a string nor bytes for another type.
    """
    if "json" in media:
        return encode_json(value), media
    if media == FORM:
        if not isinstance(value, Mapping):
            raise TypeError(f"A form must be a mapping, not {article(value)}.")
        pairs = [pair for name, item in value.items() for pair in query_pairs(_check_name(name), item)]
        return urlencode(pairs).encode(), media
    if isinstance(value, str):
        kind = "text/plain" if "*" in media else media
        return _utf8(value), f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value), "application/octet-stream" if "*" in media else media
    raise TypeError(f"A body of the type {media} must be a string or bytes, not {article(value)}.")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # not chained as a cause, since it holds the string
        from halo_async._utils.lone_surrogates import surrogate_message

        wrong = surrogate_message(text)
    raise InvalidRequestError(wrong)


def _form_value(value: Any) -> Any:
    if isinstance(value, str | bytes | bytearray | tuple) or hasattr(value, "read"):
        return value
    made = plain_json(value)
    return made if isinstance(made, str) else encode_json(made).decode()


def _check_name(name: Any) -> str:
    if isinstance(name, str):
        return name
    raise TypeError(f"A name in JSON must be a string, not {article(name)}.")


def _json_number(value: float | Decimal) -> Any:
    if isinstance(value, int):
        if value.bit_length() > LONGEST:
            raise InvalidRequestError("An integer has more than 4,300 digits. Send it as a string.")
        return int(value)
    if not isfinite(value):
        raise InvalidRequestError(f"JSON has no number {value}. Use a finite one.")
    return msgspec.Raw(f"{value:f}".encode()) if isinstance(value, Decimal) else float(value)


# Python values as texts in a path or a query.

LONGEST = 14_284
"""Bits of an integer that Python still turns into digits."""


def query_pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The pairs that one argument becomes: none for None, one for each element where the document has a list.

    :raises InvalidRequestError: a number is not finite.
    :raises TypeError: a value has no form in a query.
    """
    if value is None:
        return
    if isinstance(value, list | tuple | set | frozenset):
        yield from _many(name, value)
    else:
        yield name, query_text(name, value)


def _many(name: str, values: Any) -> Iterator[tuple[str, str]]:
    if any(isinstance(item, Mapping) for item in values):
        yield name, _format_json(list(values))  # `advanced_search` and similar ones are one JSON string
        return
    texts = [query_text(name, item) for item in values]
    for text in sorted(texts) if isinstance(values, set | frozenset) else texts:
        yield name, text


def query_text(name: str, value: Any) -> str:
    """Return one value as a string: `true`, `2024-05-06T07:08:09Z`, a mapping as JSON.

    :raises InvalidRequestError: a number is not finite.
    :raises TypeError: a value cannot be serialized.
    """
    if isinstance(value, Enum):
        return query_text(name, value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        if value.bit_length() > LONGEST:
            raise InvalidRequestError(f"The integer {name} has more than 4,300 digits. Use a smaller one.")
        return int.__repr__(value)  # a subclass may show itself otherwise
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, float | Decimal):
        return _format_number(name, value)
    if isinstance(value, date):
        return format_date(value, timespec="seconds")
    if isinstance(value, Mapping):
        return _format_json(value)
    if hasattr(type(value), "__index__"):
        return query_text(name, index(value))  # numpy's integers
    raise TypeError(f"Cannot serialize {type(value).__name__!r} as the query parameter {name!r}.")


def _format_number(name: str, value: float | Decimal) -> str:
    if not isfinite(value):
        raise InvalidRequestError(f"Cannot send {value} as {name!r}. Use a finite number.")
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _format_json(value: Any) -> str:

    return encode_json(value).decode()


def path_text(name: str, value: Any) -> str:
    """Return one value as a path segment, quoted so that it stays within the segment.

    :raises InvalidRequestError: it is empty, `.` or `..`, or contains a control character.
    :raises TypeError: it is None or cannot be serialized.
    """
    if value is None:
        raise TypeError(f"{name} must not be None. Give its value.")
    text = query_text(name, value)
    if text in {"", ".", ".."}:
        raise InvalidRequestError(
            f"The value {text!r} of {name} would lead to another path. Give an id or a name."
        )
    if not text.isprintable():
        raise InvalidRequestError(f"{name} contains a control character.")
    return quote(text, safe="")
