"""Values that give their items once, or that are another library's, as plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from halo_async.records.converters import is_record

_PLAIN_KINDS = frozenset("biufUO")
"""Kinds of numpy's values that Python has too: no moments, which become numbers of an unknown unit."""


def to_python(value: Any) -> Any:
    """Return numpy's values and arrays, and numbers such as fractions, as Python's; others as they are."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind in _PLAIN_KINDS and hasattr(value, "tolist"):
        return value.tolist()
    from numbers import Real  # rarely needed

    return float(value) if kind is None and isinstance(value, Real) else value


def without_iterators(value: Any) -> Any:
    """Return a value with a list in place of each iterator: it is looked at before it is sent, and would be empty then.

    A value without one is returned itself; a record keeps the lists.
    """
    if isinstance(value, str | int | float | bytes) or value is None:
        return value
    if isinstance(value, Iterator):
        return [without_iterators(item) for item in value]
    if type(value) is list or type(value) is tuple:
        items = [without_iterators(item) for item in value]
        return value if all(one is other for one, other in zip(items, value, strict=True)) else items
    if is_record(value):
        value.__dict__.update(_changed(value.__dict__))
    elif isinstance(value, Mapping) and (changed := _changed(value)):
        return {**value, **changed}
    return value


def _changed(fields: Mapping[Any, Any]) -> dict[Any, Any]:
    found = {name: without_iterators(item) for name, item in fields.items()}
    return {name: item for name, item in found.items() if item is not fields[name]}
