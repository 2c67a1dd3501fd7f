"""The ``advanced_search`` parameter: a JSON list of ``{filter_name, filter_type, filter_value}``; all hold.

Types: 0 in, 1 not in, 2 =, 3 <>, 4 like, 5 not like, 7 >, 8 >=, 9 <, 10 <= (clients use them so; likely).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from halo_async.emulator.conditions import FilterCondition, Test
from halo_async.emulator.errors import Refused, sentence

_ORDERED: dict[int, Callable[[Any, Any], bool]] = {
    2: operator.eq,
    7: operator.gt,
    8: operator.ge,
    9: operator.lt,
    10: operator.le,
}
_NEGATED = {1: 0, 3: 2, 5: 4}
_LAST = 2**63


class AdvancedFilter(msgspec.Struct):
    """One condition as received in the query."""

    filter_name: str
    filter_type: int
    filter_value: Any = None


def advanced(text: str, by_id: str = "honoured") -> FilterCondition | None:
    """Return the conditions of the parameter, or None for an invalid string (which is ignored).

    :param by_id: conditions on ids are `honoured`, `ignored` or `refused`.
    :raises Refused: with 400, for a condition that this instance does not allow.
    """
    try:
        filters = msgspec.json.decode(text, type=list[AdvancedFilter])
    except msgspec.MsgspecError:
        return None
    if by_id != "honoured" and any(item.filter_name.lower() == "id" for item in filters):
        if by_id == "refused":
            raise Refused(sentence("Invalid advanced search parameter"))
        filters = [item for item in filters if item.filter_name.lower() != "id"]
    parts = [_build_test(item.filter_name.lower(), item.filter_type, item.filter_value) for item in filters]
    fields = frozenset(item.filter_name.lower() for item in filters)
    return FilterCondition(lambda row: all(part(row) for part in parts), fields, _ids(filters))


def _ids(filters: list[AdvancedFilter]) -> tuple[int, int] | None:
    """Return the id range of a search by id only: keyset paging requests one for every page."""
    first, last = 1, _LAST
    for item in filters:
        value = str(item.filter_value)
        if item.filter_name.lower() != "id" or item.filter_type not in _ORDERED or not value.isdecimal():
            return None
        lower, upper = _bounds(item.filter_type, int(value))
        first, last = max(first, lower), min(last, upper)
    return (first, last) if filters else None


def _bounds(kind: int, value: int) -> tuple[int, int]:
    return {
        2: (value, value),
        7: (value + 1, _LAST),
        8: (value, _LAST),
        9: (1, value - 1),
        10: (1, value),
    }[kind]


def _build_test(name: str, kind: int, value: Any) -> Test:
    if kind in _NEGATED:
        positive = _build_test(name, _NEGATED[kind], value)
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
    return (lambda row: True) if compare is None else _compare_field(name, compare, value)


def _compare_field(name: str, compare: Callable[[Any, Any], bool], value: Any) -> Test:
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
