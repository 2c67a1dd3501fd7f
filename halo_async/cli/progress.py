"""Progress of a running export: bars on a terminal, plain lines elsewhere.

Bars are as wide as the terminal, with fewer parts if it is narrow. No number is truncated.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import attrs
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.progress import Progress, Task, TaskID
from rich.progress_bar import ProgressBar
from rich.table import Table as RichTable
from rich.text import Text

from halo_async.cli.output import clean, messages
from halo_async.export.progress import OnProgress, State
from halo_async.export.progress import Progress as Step

EVERY = 10.0
"""Seconds between two plain lines about the same resource."""
ROOM = 4
"""Terminal lines reserved for other output than bars."""
SHORTEST_BAR = 4
ECHO = 2
"""Room for the `^C` of a terminal: on a full line it would wrap, and the picture be drawn one line too low."""


@contextmanager
def watching(console: Console | None = None, how: str = "auto") -> Iterator[OnProgress]:
    """Show progress on stderr while the block runs: bars, `plain` lines, `json` or `none`."""
    console = console or messages()
    if how == "none":
        yield lambda step: None
        return
    if how == "json":
        yield JsonProgress(console)
        return
    if how == "plain" or not console.is_terminal:
        yield ProgressLines(console)
        return
    with Picture(console=console) as bars:
        yield ProgressBars(bars)


class ProgressBars:
    """One bar per resource; if there are more than lines, one for all and as many running ones as fit.

    Drawing hundreds of bars takes longer than the time until the next update is due.
    """

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._steps: dict[str, Step] = {}
        self._shown: dict[str, TaskID] = {}
        self._all: TaskID | None = None

    def __call__(self, step: Step) -> None:
        """Draw a step."""
        self._steps[step.resource] = step
        if step.resource in self._shown:
            self._bars.update(self._shown[step.resource], **_drawn(step))
        elif len(self._shown) < self._bars.console.height - ROOM:
            self._shown[step.resource] = self._bars.add_task(clean(step.resource), **_drawn(step))
        elif self._all is None:
            self._all = self._bars.add_task("all", rows="", note=lambda: Note("resources"))
        if self._all is not None:
            self._show_count(self._all)
            self._fill()

    def _fill(self) -> None:
        """Reuse lines for the running resources: adding one would redraw everything."""
        for name, step in self._steps.items():
            if name not in self._shown and _works(step):
                idle = next((other for other in self._shown if not _works(self._steps[other])), None)
                if idle is None:
                    return
                self._shown[name] = task = self._shown.pop(idle)
                self._bars.tasks[self._bars.task_ids.index(task)].total = None  # not changed by `update`
                self._bars.update(task, description=clean(name), **_drawn(step))

    def _show_count(self, task: TaskID) -> None:
        states, count = [step.state for step in self._steps.values()], len(self._steps)
        done = states.count(State.DONE)  # what failed or was interrupted is over, and not there
        note = Note("resources", *_tally(states, State.FAILED), *_tally(states, State.INCOMPLETE))
        self._bars.update(task, completed=done, total=count, rows=f"{done}/{count}", note=lambda: note)


def _tally(states: list[State], state: State) -> list[str]:
    count = states.count(state)
    return [f"{count} {state.value}"] if count else []


def _works(step: Step) -> bool:
    return step.state in (State.RUNNING, State.MAKING)


def _drawn(step: Step) -> dict[str, Any]:
    completed, total = _way(step)
    return {
        "completed": completed,
        "total": total,
        "rows": _format_rows(step),
        "note": partial(_build_note, step, time.monotonic()),
    }


def _way(step: Step) -> tuple[int, int | None]:
    """Return the progress and the total: in rows, or in requests if there is one per parent."""
    if step.state is State.DONE:
        return 1, 1
    if step.parents is not None:
        return min(step.requests, step.parents), step.parents
    return step.rows, step.total or None


def _format_rows(step: Step) -> str:
    of = f"/{step.total:,}" if step.total is not None and step.rows != step.total else ""
    return f"{step.rows:,}{of}"


def _build_note(step: Step, told: float) -> Note:
    """Return what stands behind a bar now, when the step was told a while ago."""
    if step.state.over:
        return Note(f"{step.seconds:.1f} s" if step.state is State.DONE else step.state.value)
    if step.state is State.WAITING:
        return Note("waiting")
    if step.state is State.MAKING:
        return Note("making the file")
    to_go = _to_go(step, time.monotonic() - told)
    if step.remaining == 0:
        return Note("waiting for the quota", to_go)
    speed = (step.rows - step.before) / step.seconds if step.seconds > 0 else 0
    left = "" if step.remaining is None else f"{step.remaining} calls left"
    return Note(to_go, left, before=f"{speed:,.0f}/s")


def _to_go(step: Step, since: float) -> str:
    """By its pace so far, and no less than the quota makes it take: that is what `--dry-run` reckons with."""
    completed, total = _way(step)
    made = completed - (step.before if step.parents is None else step.parents_before)
    if made <= 0 or step.seconds <= 0 or total is None or total <= completed:
        return ""
    by_pace = (total - completed) / made * step.seconds
    seconds = max(0, round(max(by_pace, step.quota_seconds) - since))
    minutes = f"{seconds // 60 % 60:02}" if seconds >= 3600 else f"{seconds // 60}"
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{minutes}:{seconds % 60:02} to go"


class JsonProgress:
    """Progress for machines: one JSON object per step and line."""

    def __init__(self, console: Console) -> None:
        self._file = console.file

    def __call__(self, step: Step) -> None:
        """Write a step."""
        values = {**attrs.asdict(step), "seconds": round(step.seconds, 3)}
        self._file.write(json.dumps(values, separators=(",", ":")) + "\n")
        self._file.flush()


class ProgressLines:
    """Progress for logs and pipes: one line when a resource is done, and occasional ones before."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._last: dict[str, float] = {}

    def __call__(self, step: Step) -> None:
        """Print a step, if it is due."""
        last = self._last.setdefault(step.resource, self._now())
        if step.state.over or self._now() - last >= EVERY:
            self._last[step.resource] = self._now()
            self._console.print(clean(_format_line(step)))


def _format_line(step: Step) -> str:
    requests = f"{step.requests:,} request{'' if step.requests == 1 else 's'}"
    return f"{step.resource}: {_format_rows(step)} rows, {requests}, {step.seconds:.1f} s, {step.state.value}"


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

    def make_tasks_table(self, tasks: Iterable[Task]) -> RichTable:
        """A line for each task."""
        shown = [task for task in tasks if task.visible]
        table = RichTable.grid(padding=(0, 1, 0, 0))
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
