"""Columns of a report, from Halo's description and from their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import attrs

_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("bit", "bool", "boolean"), bool),
    **dict.fromkeys(("int", "integer", "bigint", "smallint", "tinyint", "long", "int32", "int64"), int),
    **dict.fromkeys(
        ("float", "real", "decimal", "numeric", "money", "smallmoney", "double", "number"), float
    ),
    **dict.fromkeys(("date", "datetime", "datetime2", "smalldatetime", "datetimeoffset"), datetime),
    **dict.fromkeys(
        ("char", "nchar", "varchar", "nvarchar", "text", "ntext", "string", "uniqueidentifier"), str
    ),
}
"""Type names of SQL Server and JSON; which of them Halo uses in `data_type` is a guess."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?)?")


@attrs.frozen
class ReportColumn:
    """One column of a report."""

    name: str
    """Key of its values in a row."""
    type: type
    """`int`, `float`, `str`, `bool` or `datetime`; `str` if there are no values to infer it from."""
    known_from: Literal["halo", "values"]
    """Source of the type: Halo's response, or the received values."""
    mixed: bool = False
    """True if the values are of several types; `type` is then the widest."""
    nullable: bool = False
    """True if a row has null there, or lacks the key."""


def columns_of(rows: Sequence[Mapping[str, Any]], told: object) -> tuple[ReportColumn, ...]:
    """Return the columns, in the order in which they appear in the rows.

    :param told: `columns` of the report (documented: `name`, `data_type` and others), if it has any.
    """
    named = _read_types(told)
    keys = dict.fromkeys(key for row in rows for key in row) if rows else dict.fromkeys(named)
    return tuple([_build_column(key, rows, named.get(key) or named.get(key.lower())) for key in keys])


def _read_types(told: object) -> dict[str, str]:
    """Return the types by the names that a column may have in the rows."""
    found: dict[str, str] = {}
    for column in told if isinstance(told, list) else ():
        if isinstance(column, dict) and not column.get("hidden"):
            for name in (column.get("name"), column.get("sys_name")):
                if isinstance(name, str) and name:
                    found.setdefault(name, str(column.get("data_type") or ""))
    return found


def _build_column(key: str, rows: Iterable[Mapping[str, Any]], told: str | None) -> ReportColumn:
    values = [row.get(key) for row in rows]
    present = {type_of(value) for value in values if value is not None and value != ""}
    present = present or {type_of(value) for value in values if value is not None}
    nullable = any(value is None for value in values)
    named = _TYPES.get(re.split(r"[^a-z0-9]", (told or "").strip().lower())[0])
    if named is not None and all(_fits_column(kind, named) for kind in present):
        return ReportColumn(key, named, "halo", nullable=nullable)
    return ReportColumn(key, widest(present), "values", mixed=len(present) > 1, nullable=nullable)


def type_of(value: object) -> type:
    """Return the column type of one JSON value; lists and objects count as strings."""
    if isinstance(value, bool | int | float):
        return type(value)
    return datetime if isinstance(value, str) and _DATE.fullmatch(value) else str


def widest(kinds: Iterable[type]) -> type:
    """Return the type that can represent all of these: bool < int < float, and str for everything."""
    found = set(kinds)
    if found <= {bool, int, float} and found:
        return next(kind for kind in (float, int, bool) if kind in found)
    return datetime if found == {datetime} else str


def _fits_column(found: type, named: type) -> bool:
    """Return whether values of one type fit a column of another: JSON writes 3.0 as 3, SQL a bit as 1."""
    return found is named or named is str or (found, named) in {(int, float), (int, bool)}
