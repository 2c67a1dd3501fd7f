"""A running export, watched: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import asdict
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from halo_async.cli.terminal import clean, messages
from halo_async.export.progress import OnProgress, State
from halo_async.export.progress import Progress as Step

EVERY = 10.0
"""Seconds between two plain lines about the same resource."""


@contextmanager
def watching(console: Console | None = None, how: str = "auto") -> Iterator[OnProgress]:
    """Shows what it is told while the block runs, on stderr: bars, `plain` lines, `json` or `none`."""
    console = console or messages()
    if how == "none":
        yield lambda step: None
        return
    if how == "json":
        yield Json(console)
        return
    if how == "plain" or not console.is_terminal:
        yield Lines(console)
        return
    with _bars(console) as bars:
        yield Bars(bars)


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[rows]}", justify="right"),
        TextColumn("{task.fields[note]}", style="dim", justify="right"),
        console=console,
        expand=False,
    )


class Bars:
    """One bar a resource."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: Step) -> None:
        """Draw a step."""
        if step.resource not in self._tasks:
            self._tasks[step.resource] = self._bars.add_task(
                clean(step.resource), rows="", note="", total=None
            )
        self._bars.update(self._tasks[step.resource], **_drawn(step))


def _drawn(step: Step) -> dict[str, Any]:
    done = step.state is State.DONE
    total = max(step.rows, 1) if done else step.total or None
    return {
        "completed": total if done else step.rows,
        "total": total,
        "rows": _rows(step),
        "note": _note(step),
    }


def _rows(step: Step) -> str:
    of = f"/{step.total:,}" if step.total is not None and step.rows != step.total else ""
    return f"{step.rows:,}{of}"


def _note(step: Step) -> str:
    if step.state.over:
        return f"{step.seconds:.1f} s" if step.state is State.DONE else step.state.value
    if step.remaining == 0:
        return "waiting for the quota"
    speed = (step.rows - step.before) / step.seconds if step.seconds > 0 else 0
    return " ".join((f"{speed:,.0f}/s", *_to_go(step, speed), *_left(step)))


def _to_go(step: Step, speed: float) -> list[str]:
    if not speed or step.total is None or step.total <= step.rows:
        return []
    seconds = int((step.total - step.rows) / speed)
    return [f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}" if seconds >= 3600
            else f"{seconds // 60}:{seconds % 60:02}"]  # fmt: skip


def _left(step: Step) -> list[str]:
    return [] if step.remaining is None else [f"{step.remaining} calls left"]


class Json:
    """For machines: every step as one JSON object a line."""

    def __init__(self, console: Console) -> None:
        self._file = console.file

    def __call__(self, step: Step) -> None:
        """Write a step."""
        values = {**asdict(step), "seconds": round(step.seconds, 3)}
        self._file.write(json.dumps(values, separators=(",", ":")) + "\n")
        self._file.flush()


class Lines:
    """For logs and pipes: a line when a resource ends, and one now and then before."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._last: dict[str, float] = {}

    def __call__(self, step: Step) -> None:
        """Print a step, if it is time."""
        last = self._last.setdefault(step.resource, self._now())
        if step.state.over or self._now() - last >= EVERY:
            self._last[step.resource] = self._now()
            self._console.print(clean(_line(step)))


def _line(step: Step) -> str:
    requests = f"{step.requests:,} request{'' if step.requests == 1 else 's'}"
    return f"{step.resource}: {_rows(step)} rows, {requests}, {step.seconds:.1f} s, {step.state.value}"
