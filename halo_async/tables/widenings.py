"""Reports of columns whose type rows made wider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async.tables.column_types import INT, JSON, ColumnType, Kind, joined
from halo_async.tables.declared import UNDECLARED, DeclaredType
from halo_async.tables.rows import Row
from halo_async.tables.schema import Widening
from halo_async.tables.value_types import type_of


def first_widening(
    name: str,
    declared: DeclaredType,
    before: ColumnType,
    after: ColumnType,
    batch: Sequence[Row],
    *,
    nested: bool,
) -> Widening | None:
    """Return what to report: not what becomes known of a column, and no numbers that stay exact.

    :param before: the type of the column before the batch.
    :param after: its type with the batch.
    :param nested: objects and lists have types of their own, else they are JSON text.
    """
    known = declared is not UNDECLARED
    so_far = before
    for row in batch:
        value = row.get(name)
        kind = JSON if not nested and type(value) in (dict, list) else type_of(value, declared)
        wider = joined(so_far, kind)
        if _is_wider(so_far, wider, known):
            path, start, end = _leaf(name, INT if so_far.kind is Kind.NULL else so_far, after)
            return Widening(
                path, start, end, _describe_value(value, kind, start, path != name), row.get("id")
            )
        so_far = wider
    return None


def _is_wider(before: ColumnType, after: ColumnType, declared: bool) -> bool:
    if after.kind in (Kind.DECIMAL, Kind.MIXED) and before.kind is not after.kind:
        return not (before.kind is Kind.TEXT and after.kind is Kind.MIXED)
    if before.kind is Kind.NULL or after == before:
        return False
    if {before.kind, after.kind} <= {Kind.INT, Kind.LONG}:
        return False
    if before.kind is Kind.INT and after.kind is Kind.FLOAT:
        return declared
    if before.kind is Kind.STRUCT is after.kind:
        fields = dict(after.fields)
        return any(_is_wider(type, fields[name], declared) for name, type in before.fields)
    if before.item is not None and after.item is not None:
        return _is_wider(before.item, after.item, declared)
    return True


def _leaf(path: str, before: ColumnType, after: ColumnType) -> tuple[str, ColumnType, ColumnType]:
    """Return what is wider in nested types, with its path."""
    if before.item is not None and after.item is not None:
        return _leaf(f"{path}[]", before.item, after.item)
    if before.kind is Kind.STRUCT is after.kind:
        fields = dict(after.fields)
        for name, type in before.fields:
            if _is_wider(type, fields[name], declared=True):
                return _leaf(f"{path}.{name}", type, fields[name])
    return path, before, after


_WORDS: Mapping[Kind, str] = {
    Kind.BOOL: "a boolean",
    Kind.INT: "an integer",
    Kind.LONG: "an integer that floating point numbers would round",
    Kind.DECIMAL: "an integer beyond 64 bits",
    Kind.FLOAT: "a number with a fraction",
    Kind.TIMESTAMP: "a date",
    Kind.TEXT: "a string",
    Kind.JSON: "an object or a list",
    Kind.STRUCT: "an object",
    Kind.LIST: "a list",
}


def _describe_value(value: Any, kind: ColumnType, before: ColumnType, nested: bool) -> str:
    if nested:
        return "a nested value of another type"
    if type(value) is int and kind.kind is Kind.MIXED:
        return "an integer beyond 38 digits"
    if kind.kind is Kind.TEXT and before.kind is Kind.TIMESTAMP:
        return "a string that is not a date"
    return _WORDS.get(kind.kind, "a value of another type")
