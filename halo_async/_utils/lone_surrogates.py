"""Lone surrogates: halves of characters, which UTF-8 cannot hold, and where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from halo_async._utils.validation import has_lone_surrogate


def surrogate_message(value: Any, whole: str = "The body") -> str:
    """Return the sentence about the first lone surrogate in plain values, which are never shown themselves.

    :param whole: what the value is called where no part of it has a name.
    """
    return (
        f"{_where(value, '') or whole} contains a lone surrogate and cannot be encoded as UTF-8. Remove it."
    )


def _where(value: Any, path: str) -> str | None:
    if isinstance(value, str):
        return (path or None) if has_lone_surrogate(value) else None
    if isinstance(value, Mapping):
        for name in value:
            if isinstance(name, str) and has_lone_surrogate(name):
                return f"The name {name[:40]!a}"
        return _first((item, f"{path}.{name}" if path else str(name)) for name, item in value.items())
    if isinstance(value, list | tuple):
        return _first((item, f"{path}[{place}]") for place, item in enumerate(value))
    return None


def _first(items: Iterable[tuple[Any, str]]) -> str | None:
    return next((found for item, path in items if (found := _where(item, path))), None)
