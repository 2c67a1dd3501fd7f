"""Python values as texts in a path or a query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from operator import index
from typing import Any
from urllib.parse import quote
from uuid import UUID

from halo_async.dates import format_date
from halo_async.errors import InvalidRequestError
from halo_async.fields import article

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
        yield name, _json(list(values))  # `advanced_search` and its kin are one JSON text
        return
    texts = [query_text(name, item) for item in values]
    for text in sorted(texts) if isinstance(values, set | frozenset) else texts:
        yield name, text


def query_text(name: str, value: Any) -> str:
    """One value as text: `true`, `2024-05-06T07:08:09Z`, a mapping as JSON.

    :raises InvalidRequestError: a number is not finite.
    :raises TypeError: a value has no such form.
    """
    if isinstance(value, Enum):
        return query_text(name, value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        if value.bit_length() > LONGEST:
            raise InvalidRequestError(f"{name}: an integer has more than 4,300 digits. Use a smaller one.")
        return int.__repr__(value)  # a subclass may show itself otherwise
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, float | Decimal):
        return _number(name, value)
    if isinstance(value, date):
        return format_date(value, timespec="seconds")
    if isinstance(value, Mapping):
        return _json(value)
    if hasattr(type(value), "__index__"):
        return query_text(name, index(value))  # numpy's integers
    raise TypeError(f"{name}: {article(value)} has no form in a query")


def _number(name: str, value: float | Decimal) -> str:
    if not isfinite(value):
        raise InvalidRequestError(f"{name}: {value} is no number that can be sent")
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _json(value: Any) -> str:
    from halo_async.payload import encode

    return encode(value).decode()


def path_text(name: str, value: Any) -> str:
    """One value as a part of a path, quoted so that it stays inside its place.

    :raises InvalidRequestError: it is empty, `.` or `..`, or holds a control character.
    :raises TypeError: it is None or has no such form.
    """
    if value is None:
        raise TypeError(f"{name} must not be None")
    text = query_text(name, value)
    if text in {"", ".", ".."}:
        raise InvalidRequestError(f"{name}: {text!r} would lead to another path")
    if not text.isprintable():
        raise InvalidRequestError(f"{name} holds a control character")
    return quote(text, safe="")
