"""JSON of limited depth: the same bodies are refused on every Python, whatever its own recursion limit is.

msgspec recurses as deep as the Python allows: about 1,000 levels on 3.11, 1,500 on 3.12, 10,000 on 3.13. Here the
outer levels are limited by the type that is decoded, which costs nothing (0.3 % of a page of flat rows, measured), and
values below them are measured when they are complete.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import GenericAlias
from typing import Any

import msgspec

DEPTH_LIMIT = 500
"""Maximum levels of arrays and objects in a body: `[]` has one, `[{}]` two. Real ones have six or seven."""
TOO_DEEP = f"nested deeper than {DEPTH_LIMIT} levels"
_TYPED = 6
"""Levels limited by types. A type has twice as many parts per level, and a value below them costs 0.2 µs."""
_CONTAINERS = frozenset({dict, list})
OPENERS = (b"{", b"[")
_TOKEN = rb'(?s)"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]'


class _AnyValue(type):
    def __instancecheck__(cls, value: object) -> bool:
        return True


class _Inner(metaclass=_AnyValue):
    """Type of a value below the typed levels, which msgspec passes to `_measured`."""


def _measured(_: type, value: Any) -> Any:
    """:raises RecursionError: the body is nested deeper than `DEPTH_LIMIT`."""
    if type(value) in _CONTAINERS:
        check_depth(value, DEPTH_LIMIT - _TYPED)
    return value


def check_depth(value: Any, limit: int = DEPTH_LIMIT) -> None:
    """:raises RecursionError: a JSON value is nested deeper than so many levels."""
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    for _ in range(limit):
        if not level:
            return
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) in _CONTAINERS
        ]
    if level:
        raise RecursionError(TOO_DEEP)


SCALAR: Any = None | bool | int | float | str
"""Type of a value that is neither an array nor an object."""


def nested(above: int) -> Any:
    """Return the type of any JSON value that has so many levels above it, at most six; for `decoder`."""
    kind: Any = _Inner
    for _ in range(_TYPED - above):
        kind = None | bool | int | float | str | list[kind] | dict[str, kind]
    return kind


def array_of(element: type) -> Any:
    """Return ``list[element]``, which pyright refuses for a variable since msgspec 0.23 (see ``findings/``)."""
    return GenericAlias(list, (element,))


def decoder(kind: Any) -> Callable[[bytes | str], Any]:
    """Return the function that decodes JSON to a type in which each value is `SCALAR` or `nested`."""
    return msgspec.json.Decoder(kind, dec_hook=_measured).decode


_decode = decoder(nested(above=0))


def decode(text: bytes | str) -> Any:
    """Decode JSON as `msgspec.json.decode` does.

    :raises RecursionError: it is nested deeper than `DEPTH_LIMIT`.
    :raises ValueError: it is not JSON.
    """
    try:
        return _decode(text)
    except RecursionError:  # also the Python's own, for what is deeper by far
        raise RecursionError(TOO_DEEP) from None


def exceeds_depth(text: bytes, limit: int = DEPTH_LIMIT) -> bool:
    """Return whether valid JSON is nested deeper than so many levels.

    Most texts have too few brackets for that; only the others are decoded.
    """
    if len(text) <= 2 * limit:
        return False
    left = limit - text.count(b"{")
    if left >= 0 and not has_openers(text, left, (b"[",)):
        return False
    try:
        check_depth(msgspec.json.decode(text), limit)
    except RecursionError:
        return True
    except ValueError:  # values that cannot be decoded, such as numbers out of range
        return _deepest(text) > limit
    return False


def has_openers(text: bytes, count: int, signs: tuple[bytes, ...] = OPENERS) -> bool:
    """Return whether there are more brackets than so many that open, in strings too. Quick where there are few."""
    find = text.find
    for sign in signs:
        at = find(sign)
        while at >= 0:
            count -= 1
            if count < 0:
                return True
            at = find(sign, at + 1)
    return False


def _deepest(text: bytes) -> int:
    depth = deepest = 0
    for token in re.finditer(_TOKEN, text):  # rarely needed, so it is compiled here
        sign = token[0]
        if sign in OPENERS:
            depth += 1
            deepest = max(deepest, depth)
        elif sign in (b"}", b"]"):
            depth -= 1
    return deepest
