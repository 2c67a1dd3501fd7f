"""The narrowest type of a column that holds a decoded value."""

from __future__ import annotations

from functools import reduce
from typing import Any

from halo_async._utils.lenient import JsonText
from halo_async.tables.column_types import (
    BOOL,
    DECIMAL,
    DEEPEST,
    FLOAT,
    INT,
    JSON,
    LONG,
    MIXED,
    NULL,
    TEXT,
    TIMESTAMP,
    ColumnType,
    Kind,
    joined,
    list_of,
)
from halo_async.tables.dates import is_date
from halo_async.tables.declared import UNDECLARED, DeclaredType

EXACT = 2**53
"""Largest integer up to which all integers are exact as floating point numbers."""
_LONGEST, _GREATEST = 2**63, 10**38
FIXED: dict[type, ColumnType] = {type(None): NULL, bool: BOOL, float: FLOAT, JsonText: JSON}
"""Types of the values that need not be looked at."""


def type_of(value: Any, declared: DeclaredType = UNDECLARED, levels: int = DEEPEST + 1) -> ColumnType:
    """Return the narrowest type of a decoded value, of dates only where they are declared.

    :param levels: how many of objects and lists are looked into.
    """
    kind = type(value)
    if not levels and kind in (dict, list):
        return JSON
    if kind in FIXED:
        return FIXED[kind]
    if kind is int:
        return integer_type(value)
    if kind is dict:
        fields = declared.fields()
        return ColumnType(
            Kind.STRUCT,
            tuple(
                (name, type_of(item, fields.get(name, UNDECLARED), levels - 1))
                for name, item in value.items()
            ),
        )
    if kind is list:
        return list_of(
            reduce(joined, (type_of(item, declared.item or UNDECLARED, levels - 1) for item in value), NULL)
        )
    if declared.type is not TIMESTAMP:
        return TEXT
    return (TIMESTAMP if value else NULL) if is_date(value) else TEXT


def integer_type(value: int) -> ColumnType:
    """Return the narrowest type of an integer."""
    if -EXACT <= value <= EXACT:
        return INT
    if -_LONGEST <= value < _LONGEST:
        return LONG
    return DECIMAL if -_GREATEST < value < _GREATEST else MIXED
