"""Which of a row's many fields fit on a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

FIRST = (
    "id",
    "summary",
    "name",
    "subject",
    "client_name",
    "inventory_number",
    "key_field",
    "site_name",
    "user_name",
    "emailaddress",
    "email",
    "status_name",
    "agent_name",
    "team",
    "dateoccurred",
    "datecreated",
    "who",
    "note",
)
"""Fields that tell people which row it is, the best first."""
WIDEST = 36
NARROWEST = 8
GAP = 2


@frozen
class Column:
    """One column of a table."""

    name: str
    width: int
    number: bool


def flat(value: Any) -> str:
    """A value on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def chosen(rows: Sequence[Mapping[str, Any]], fields: Sequence[str], room: int) -> tuple[list[Column], int]:
    """The columns to show in `room` characters, and how many fields are left out."""
    if fields:
        return [_column(name, rows) for name in fields], 0
    names = _telling(rows)
    columns: list[Column] = []
    for column in (_column(name, rows) for name in names):
        if room < NARROWEST and columns:
            break
        column = evolve(column, width=min(column.width, max(room, NARROWEST)))
        columns.append(column)
        room -= column.width + GAP
    return columns, len({name for row in rows for name in row}) - len(columns)


def _telling(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of fields that most rows have something in, in the order of how much they tell."""
    filled = Counter(
        name
        for row in rows
        for name, value in row.items()
        if value not in (None, "") and not isinstance(value, dict | list)
    )
    full = [name for name, count in filled.items() if count * 2 >= len(rows)]
    known = [name for name in FIRST if name in full]
    return known + [name for name in full if name not in FIRST] or list(rows[0])


def _column(name: str, rows: Sequence[Mapping[str, Any]]) -> Column:
    values = [row.get(name) for row in rows]
    width = max(len(name), *(len(flat(value)) for value in values))
    present = [value for value in values if value is not None]
    number = bool(present) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in present
    )
    return Column(name, min(width, WIDEST), number)
