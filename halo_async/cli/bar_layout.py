"""Layout of progress bars: as wide as the terminal, with fewer parts if it is narrow. No number is truncated."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import RenderableType
from rich.progress import Progress, Task
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

SHORTEST_BAR = 4
ECHO = 2
"""Room for the `^C` of a terminal: on a full line it would wrap, and the picture be drawn one line too low."""


class Note:
    """Text behind a bar: parts that are left out one by one if there is no room, the last one first.

    :param before: a part that goes in front of the others, and is left out before they are.
    """

    def __init__(self, *parts: str, before: str = "") -> None:
        self._parts = [part for part in parts if part]
        self._before = before

    def within(self, room: int) -> str:
        """As much of it as there is room for."""
        for count in range(len(self._parts), -1, -1):
            for front in ([self._before], []) if self._before else ([],):
                text = " ".join((*front, *self._parts[:count]))
                if cell_len(text) <= room:
                    return text
        return ""


class Picture(Progress):
    """Bars whose tasks have the fields `rows`, a text, and `note`, a function that gives a `Note`."""

    def make_tasks_table(self, tasks: Iterable[Task]) -> Table:
        """A line for each task."""
        shown = [task for task in tasks if task.visible]
        table = Table.grid(padding=(0, 1, 0, 0))
        if not shown:
            return table
        room = max(1, self.console.width - ECHO)
        names = min(room, max((cell_len(task.description) for task in shown), default=1))
        room -= names
        table.add_column(width=names, no_wrap=True, overflow="ellipsis")
        rows = max((cell_len(task.fields["rows"]) for task in shown), default=0)
        with_rows = 0 < rows < room
        room -= (rows + 1) * with_rows
        notes = [task.fields["note"]().within(room - 1) for task in shown]
        widest = max(map(cell_len, notes), default=0)
        room -= widest + 1 if widest else 0
        bar = room - 1 if room > SHORTEST_BAR else 0
        for width, wanted in ((bar, bar > 0), (rows, with_rows), (widest, widest > 0)):
            if wanted:
                table.add_column(width=width, justify="right", no_wrap=True)
        for task, note in zip(shown, notes, strict=True):
            cells: list[tuple[RenderableType, bool]] = [
                (_bar(task, bar), bar > 0),
                (Text(task.fields["rows"]), with_rows),
                (Text(note, style="dim"), widest > 0),
            ]
            table.add_row(Text(task.description), *(cell for cell, wanted in cells if wanted))
        return table


def _bar(task: Task, width: int) -> ProgressBar:
    return ProgressBar(
        total=task.total,
        completed=task.completed,
        width=max(1, width),
        pulse=task.total is None,
        animation_time=task.get_time(),
    )
