"""Selection of the fields of a row that fit on a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from rich.cells import cell_len

from halo_async.cli.table import GAP, NARROWEST

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
"""Fields that identify a row to people, the best first."""
WIDEST = 36


@attrs.frozen
class TableColumn:
    """One column of a table."""

    name: str
    width: int
    """Of its widest value, or of its name."""
    number: bool
    prose: bool
    """True if its values may be shortened: texts of several words, or without a digit."""


def flat(value: Any) -> str:
    """Return a value on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def chosen(
    rows: Sequence[Mapping[str, Any]], fields: Sequence[str], room: int
) -> tuple[list[TableColumn], int]:
    """The columns that tell most and fit into `room` characters, and how many fields are left out.

    Those that were asked for by name are all there: whoever draws them says which have no room.
    """
    if fields:
        return [_column(name, rows) for name in fields], 0
    columns: list[TableColumn] = []
    for column in (_column(name, rows) for name in _telling(rows)):
        if room < NARROWEST and columns:
            break
        if column.width > WIDEST and not column.prose and columns:
            continue  # such as addresses: shown whole they would take the room of all others
        wanted = min(column.width, WIDEST)
        if wanted > room and not column.prose and columns:
            continue
        columns.append(column if column.width <= wanted else attrs.evolve(column, width=min(wanted, room)))
        room -= min(wanted, room) + GAP
    return columns, len({name for row in rows for name in row}) - len(columns)


def _telling(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of fields that most rows have a value in, the most informative first."""
    filled = Counter(
        name
        for row in rows
        for name, value in row.items()
        if value not in (None, "") and not isinstance(value, dict | list)
    )
    full = [name for name, count in filled.items() if count * 2 >= len(rows)]
    known = [name for name in FIRST if name in full]
    return known + [name for name in full if name not in FIRST] or list(rows[0])


def _column(name: str, rows: Sequence[Mapping[str, Any]]) -> TableColumn:
    values = [row.get(name) for row in rows]
    texts = [flat(value) for value in values]
    present = [value for value in values if value is not None]
    number = bool(present) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in present
    )
    prose = not number and all(_may_be_shortened(text) for text in texts)
    return TableColumn(name, max(cell_len(text) for text in (name, *texts)), number, prose)


def _may_be_shortened(text: str) -> bool:
    """Not a date, an address or a number, of which a part would be another one."""
    return (" " in text and not text[:1].isdigit()) or not any(map(str.isdigit, text))
