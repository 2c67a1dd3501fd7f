"""Output on a terminal: consoles, escaping of untrusted text, and tables that fit.

Where there is no room, whole columns are left out and named. Nothing loses a digit.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from halo_async.cli.log_output import MessageLines, is_json

GAP = 2
"""Blanks between two columns."""
NARROWEST = 8
"""Minimum width to which a column of prose is shortened."""
PROSE = 24
"""Width to which it is shortened if columns would have no room otherwise."""
_OF_NUMBERS = "0123456789.,:-/"
FIRST = (
    "instance",
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


def output() -> Console:
    """Return a console for results. Created on each call: tests and pipes replace stdout."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False)


def messages() -> Console:
    """Return a console for progress and remarks."""
    if is_json():
        return Console(file=MessageLines(), highlight=False, markup=False, emoji=False, soft_wrap=True)
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def clean(text: str) -> str:
    """Strip from an instance's text the control characters that could move a terminal's cursor."""
    return "".join(character if character.isprintable() else " " for character in text)


def text(value: Any, *, style: str = "") -> Text:
    """Return a cell: never markup, never control characters."""
    return Text(clean(str(value)), style=style, overflow="ellipsis", no_wrap=True)


def size(count: int) -> str:
    """Format bytes for people: `640 B`, `1.2 MB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            break
    return f"{value:.1f} {unit}"


class OutputTable:
    """Rows without a frame.

    :param numbers: columns set flush right.
    :param prose: columns whose text may end in an ellipsis; all others are shown whole or not at all.
    :param ranking: the columns in the order in which they get room; the first is always there.
    :param elsewhere: where the columns are that have no room, such as `report.json`.
    """

    def __init__(
        self,
        columns: Sequence[str],
        *,
        numbers: Sequence[str] = (),
        prose: Sequence[str] = (),
        ranking: Sequence[str] = (),
        elsewhere: str = "a wider terminal",
    ) -> None:
        self._columns = tuple(columns)
        self._numbers, self._prose = frozenset(numbers), frozenset(prose)
        self._ranking = tuple(ranking) or self._columns
        self._elsewhere = elsewhere
        self._rows: list[tuple[Text, ...]] = []

    def add(self, *cells: Any, style: str = "") -> None:
        """A row, a cell for each column: never markup, never control characters."""
        self._rows.append(tuple(Text(clean(str(cell)), style=style) for cell in cells))

    def print(self, indent: int = 0) -> None:
        """On stdout, as wide as the terminal at most; what was left out is said on stderr."""
        console = output()
        widths = self.fit(max(1, console.width - indent))
        table = RichTable(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for name in widths:
            self._add_column(table, name, widths[name])
        for row in self._rows:
            table.add_row(*(self._shorten_cell(row, name, width) for name, width in widths.items()))
        if indent:
            from rich.padding import Padding

            console.print(Padding(table, (0, 0, 0, indent), expand=False))
        else:
            console.print(table)
        left_out = [name for name in self._columns if name and name not in widths]
        if left_out:
            said = f"no room for {', '.join(left_out)}: {self._elsewhere} shows more"
            messages().print(said, style="dim", soft_wrap=True)

    def _shorten_cell(self, row: tuple[Text, ...], name: str, width: int) -> Text:
        cell = row[self._columns.index(name)]
        return Text(shorten(cell.plain, width), style=cell.style) if name in self._prose else cell

    def fit(self, room: int) -> dict[str, int]:
        """The columns that there is room for, in their order, and how wide they are."""
        found = self._fit(room, longest=room)
        return found if len(found) == len(self._columns) else self._fit(room, longest=PROSE)

    def _fit(self, room: int, longest: int) -> dict[str, int]:
        """:param longest: what prose is shortened to from the start, so that other columns have room, too."""
        found: dict[str, int] = {}
        for name in self._ranking:
            width, gap = self._width(name), GAP if found else 0
            if name in self._prose:
                width = min(width, max(longest, NARROWEST), max(room - gap, NARROWEST))
            if not found:
                width = min(width, room)  # the first is folded over lines rather than left out
            if width + gap <= room:
                found[name] = width
                room -= width + gap
        return {name: found[name] for name in self._columns if name in found}

    def _width(self, name: str) -> int:
        place = self._columns.index(name)
        return max(1, cell_len(name), *(row[place].cell_len for row in self._rows))

    def _add_column(self, table: RichTable, name: str, width: int) -> None:
        justify: Literal["left", "right"] = "right" if name in self._numbers else "left"
        table.add_column(shorten(name, width), justify=justify, width=width, overflow="fold")


def shorten(text: str, width: int) -> str:
    """Prose in so many characters; a number at the cut goes as a whole, since a part of it is another number."""
    if cell_len(text) <= width:
        return text
    kept = set_cell_size(text, width - 1)
    if text[len(kept) : len(kept) + 1] in _OF_NUMBERS:
        kept = kept.rstrip(_OF_NUMBERS)
    return kept.rstrip() + "…"


@attrs.frozen
class OutputColumn:
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


def choose_columns(
    rows: Sequence[Mapping[str, Any]], fields: Sequence[str], room: int
) -> tuple[list[OutputColumn], int]:
    """The columns that tell most and fit into `room` characters, and how many fields are left out.

    Those that were asked for by name are all there: whoever draws them says which have no room.
    """
    if fields:
        return [_build_column(name, rows) for name in fields], 0
    columns: list[OutputColumn] = []
    for column in (_build_column(name, rows) for name in _telling(rows)):
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


def _build_column(name: str, rows: Sequence[Mapping[str, Any]]) -> OutputColumn:
    values = [row.get(name) for row in rows]
    texts = [flat(value) for value in values]
    present = [value for value in values if value is not None]
    number = bool(present) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in present
    )
    prose = not number and all(_may_be_shortened(text) for text in texts)
    return OutputColumn(name, max(cell_len(text) for text in (name, *texts)), number, prose)


def _may_be_shortened(text: str) -> bool:
    """Not a date, an address or a number, of which a part would be another one."""
    return (" " in text and not text[:1].isdigit()) or not any(map(str.isdigit, text))
