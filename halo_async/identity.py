"""What makes two rows the same one: `id`, or what the overlay names where `id` is not unique."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

Identify = Callable[[Any], Hashable | None]
"""The identity of a row; None where it has none, so that it is the same as no other."""


def by_names(names: tuple[str, ...]) -> Identify:
    """The identity that these fields make together."""
    if len(names) == 1:
        (name,) = names
        return lambda row: _value(row.get(name)) if type(row) is dict else None

    def together(row: Any) -> Hashable | None:
        if type(row) is not dict:
            return None
        values = tuple([_value(row.get(name)) for name in names])
        return None if None in values else values

    return together


def by_change(names: tuple[str, ...], stamp: str | None) -> Identify:
    """The identity of one state of a row: its own, and when it changed.

    A row that says neither is told by everything that is in it.
    """
    identify = by_names(names)

    def state(row: Any) -> Hashable:
        own = identify(row)
        changed = _value(row.get(stamp)) if stamp and own is not None else None
        return (own, changed) if changed is not None else _content(row)

    return state


def _value(value: Any) -> int | str | None:
    return value if type(value) in (int, str) else None


def _content(row: Any) -> bytes:
    from hashlib import blake2b

    from halo_async.payload import encode

    return blake2b(encode(row), digest_size=16).digest()
