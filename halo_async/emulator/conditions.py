"""Filter conditions: a test of a row, and what is known about it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

Test = Callable[[Mapping[str, Any]], bool]


@attrs.frozen
class FilterCondition:
    """One filter of a call.

    :param fields: the fields it reads, so that no more of a row has to be made.
    :param ids: the first and last id that can match, if it filters by id only.
    """

    test: Test = attrs.field(eq=False)
    fields: frozenset[str] = frozenset()
    ids: tuple[int, int] | None = None


def on(field: str, test: Test) -> FilterCondition:
    """A condition on one field."""
    return FilterCondition(test, frozenset({field}))


def column(row: Mapping[str, Any], name: str) -> tuple[bool, bool, Any]:
    """Return a sort key: nulls first, then numbers, then strings without case."""
    value = row.get(name)
    if value is None:
        return (False, False, 0)
    if isinstance(value, int | float):
        return (True, False, value)
    return (True, True, str(value).lower())
