"""The ``advanced_search`` parameter: a JSON list of ``{filter_name, filter_type, filter_value}``; all hold.

Types: 0 in, 1 not in, 2 =, 3 <>, 4 like, 5 not like, 7 >, 8 >=, 9 <, 10 <= (clients use them so; likely).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Test = Callable[[Mapping[str, Any]], bool]
_ORDERED: dict[int, Callable[[Any, Any], bool]] = {
    2: operator.eq,
    7: operator.gt,
    8: operator.ge,
    9: operator.lt,
    10: operator.le,
}
_NEGATED = {1: 0, 3: 2, 5: 4}


class Filter(msgspec.Struct):
    """One condition as it comes in the query."""

    filter_name: str
    filter_type: int
    filter_value: Any = None


def advanced(text: str) -> Test | None:
    """The conditions of the parameter, or None for text that cannot be read (which is ignored)."""
    try:
        filters = msgspec.json.decode(text, type=list[Filter])
    except msgspec.MsgspecError:
        return None
    parts = [_one(item.filter_name.lower(), item.filter_type, item.filter_value) for item in filters]
    return lambda row: all(part(row) for part in parts)


def _one(name: str, kind: int, value: Any) -> Test:
    if kind in _NEGATED:
        positive = _one(name, _NEGATED[kind], value)
        return lambda row: not positive(row)
    if kind == 0:
        wanted = {
            str(item).strip().lower()
            for item in (value if isinstance(value, list) else str(value).split(","))
        }
        return lambda row: str(row.get(name, "")).lower() in wanted
    if kind == 4:
        part = str(value).strip("%").lower()
        return lambda row: part in str(row.get(name, "")).lower()
    compare = _ORDERED.get(kind)
    return (lambda row: True) if compare is None else _compared(name, compare, value)


def _compared(name: str, compare: Callable[[Any, Any], bool], value: Any) -> Test:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = None

    def test(row: Mapping[str, Any]) -> bool:
        held = row.get(name)
        if held is None:
            return False
        if isinstance(held, int | float):
            return number is not None and compare(float(held), number)
        return compare(str(held).lower(), str(value).removesuffix("Z").lower())

    return test
