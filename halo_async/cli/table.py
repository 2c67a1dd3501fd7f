"""Tables that fit: where there is no room, whole columns are left out and named. Nothing loses a digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from rich.cells import cell_len, set_cell_size
from rich.table import Table as RichTable
from rich.text import Text

from halo_async.cli.terminal import clean, messages, output

GAP = 2
NARROWEST = 8
"""Minimum width to which a column of prose is shortened."""
PROSE = 24
"""Width to which it is shortened if columns would have no room otherwise."""
_OF_NUMBERS = "0123456789.,:-/"


class Table:
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
            table.add_row(*(self._cell(row, name, width) for name, width in widths.items()))
        if indent:
            from rich.padding import Padding

            console.print(Padding(table, (0, 0, 0, indent), expand=False))
        else:
            console.print(table)
        left_out = [name for name in self._columns if name and name not in widths]
        if left_out:
            said = f"no room for {', '.join(left_out)}: {self._elsewhere} shows more"
            messages().print(said, style="dim", soft_wrap=True)

    def _cell(self, row: tuple[Text, ...], name: str, width: int) -> Text:
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
