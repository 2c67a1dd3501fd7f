"""A running export as it is seen: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from halo_async.cli.output import clean, size
from halo_async.cli.progress import EVERY, ProgressLines, watching
from halo_async.export.progress import Progress, State
from tests.support.cli_kit import plain


def step(resource: str = "tickets", state: State = State.RUNNING, **values: object) -> Progress:
    defaults = {"rows": 400, "total": 1000, "requests": 4, "bytes": 1, "seconds": 2.0, "remaining": 296}
    return Progress(resource=resource, state=state, **{**defaults, **values})  # type: ignore[arg-type]


def console(**options: object) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=80, highlight=False, **options), file  # type: ignore[arg-type]


def last_picture(file: io.StringIO) -> list[str]:
    lines = [line.rpartition("\r")[2].rstrip() for line in plain(file.getvalue()).splitlines()]
    return [line for line in lines if line]


def test_bars_show_rows_total_and_speed_within_80_columns() -> None:
    screen, file = console(force_terminal=True)
    with watching(screen) as show:
        show(step(rows=0, total=None))
        show(step())
    (line,) = last_picture(file)[-1:]
    assert line.startswith("tickets ")
    assert line.endswith("400/1,000 200/s 0:03 to go 296 calls left")
    assert len(line) <= 80


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({"remaining": 0}, "400/1,000 waiting for the quota 0:03 to go"),
        ({"remaining": 0, "quota_seconds": 1200.0}, "400/1,000 waiting for the quota 20:00 to go"),
        ({"quota_seconds": 1200.0}, "400/1,000 200/s 20:00 to go 296 calls left"),
        ({"parents": 8, "total": None}, " 400 200/s 0:02 to go 296 calls left"),
        ({"parents": 40000, "total": None, "seconds": 3600.0}, " 400 0/s 9999:00:00 to go 296 calls left"),
        ({"state": State.DONE, "rows": 1000}, " 1,000 2.0 s"),
        ({"state": State.DONE, "rows": 0, "total": 0}, " 0 2.0 s"),
        ({"state": State.MAKING, "rows": 1000}, " 1,000 making the file"),
        ({"state": State.INCOMPLETE}, "400/1,000 incomplete"),
        ({"state": State.FAILED, "total": None}, " 400 failed"),
    ],
)
def test_bars_say_how_a_resource_stands(values: dict[str, object], end: str) -> None:
    screen, file = console(force_terminal=True)
    with watching(screen) as show:
        show(step())
        show(step(**values))  # type: ignore[arg-type]
    assert last_picture(file)[-1].endswith(end)


def test_more_resources_than_lines_have_one_bar_for_all_and_those_that_run() -> None:
    screen, file = console(force_terminal=True, height=10)
    with watching(screen) as show:
        for number in range(200):
            show(step(f"list_{number}"))
        for number in range(195):
            show(step(f"list_{number}", state=State.DONE))
    shown = [line.split() for line in last_picture(file)[-7:]]
    assert {words[0] for words in shown} >= {"all", *(f"list_{number}" for number in range(195, 200))}
    (all_bar,) = [words for words in shown if words[0] == "all"]
    assert all_bar[-2:] == ["195/200", "resources"]
    assert all(len(line) <= 80 for line in last_picture(file))


def test_a_bar_that_is_over_leaves_its_line_to_one_that_runs() -> None:
    screen, file = console(force_terminal=True, height=6)
    with watching(screen) as show:
        show(step("first", state=State.DONE))
        show(step("second"))
        show(step("third"))
    names = [line.split()[0] for line in last_picture(file)[-3:]]
    assert sorted(names) == ["all", "second", "third"]


def test_lines_come_at_the_end_and_now_and_then() -> None:
    screen, file = console()
    now = 0.0
    show = ProgressLines(screen, now=lambda: now)
    show(step())
    show(step(rows=500))
    assert file.getvalue() == ""
    now = EVERY
    show(step(rows=600, requests=6))
    show(step(rows=700))
    show(step(state=State.DONE, rows=1000, requests=10))
    assert file.getvalue().splitlines() == [
        "tickets: 600/1,000 rows, 6 requests, 2.0 s, running",
        "tickets: 1,000 rows, 10 requests, 2.0 s, done",
    ]


def test_without_a_terminal_nothing_is_drawn() -> None:
    screen, file = console(force_terminal=False)
    with watching(screen) as show:
        show(step(state=State.DONE, rows=1000, requests=1))
    assert file.getvalue() == "tickets: 1,000 rows, 1 request, 2.0 s, done\n"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_267_021, "2.3 MB"), (7 * 10**12, "7000.0 GB")],
)
def test_sizes_are_told_in_units(count: int, text: str) -> None:
    assert size(count) == text


def test_control_characters_become_blanks() -> None:
    assert clean("a\x1b[2Jb\r\nc\u202ed") == "a [2Jb  c d"
