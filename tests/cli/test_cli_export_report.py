"""Every way out of an export says how to go on."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.export.journal import ExportJournal
from halo_async.export.progress import Progress, State
from halo_async.export.spool import Spool
from tests.support.cli_kit import environment, login, plain

RESUME = "un the same command with --resume."


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("lists", [("tickets", "asset"), ("--all",)], ids=["two", "all"])
def test_ctrl_c_on_a_terminal_shows_how_to_go_on_and_fills_no_bar(
    halo_emulator: Emulator, tmp_path: Path, lists
) -> None:
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "halo_async.cli", "export", *lists, "--out", "out"],
        env=environment(**{**login(halo_emulator), "HALO_RATE_LIMIT": "20/600", "TERM": "xterm"}),
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        shown = _read(ours, until=b"waiting ")
        process.send_signal(signal.SIGINT)
        shown += _read(ours)
        code = process.wait(60)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    text = plain(shown)
    assert code == 130, text
    assert text.rstrip().splitlines()[-2:] == [
        f"The export in out is unfinished. R{RESUME}",
        "error: interrupted",
    ]
    drawn = [line for line in text.splitlines() if line.startswith("all ") and "/" in line]
    assert bool(drawn) == (lists == ("--all",))
    for line in drawn[-1:]:
        done, count = next(word for word in line.split() if "/" in word).split("/")
        assert int(done) < 20 < int(count)


def _read(ours: int, until: bytes | None = None) -> str:
    """What a terminal shows, to its end or until something is seen."""
    shown, deadline = b"", time.monotonic() + 40
    while until is None or until not in shown:
        assert time.monotonic() < deadline, shown
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    return shown.decode(errors="replace")


@pytest.mark.halo(faults=[Fault("F41", "GET /Client", "high")])
def test_an_incomplete_export_says_how_to_go_on(halo_async) -> None:
    shown = halo_async("export", "client", "--out", "out")
    assert shown.code == 5
    assert f"The export in out is unfinished. R{RESUME}" in shown.out
    told = halo_async("export", "client", "--out", "out2", "--progress", "json")
    assert f"The export in out2 is unfinished. R{RESUME}" in told.err


@pytest.mark.halo(faults=[Fault("F18", "GET /Client")])
def test_a_refused_export_says_what_has_to_change_first(halo_async) -> None:
    shown = halo_async("export", "client", "--out", "out")
    assert shown.code == 4
    assert f"Let the login see these lists (scope and role), then r{RESUME}" in shown.out


def test_a_full_disk_says_that_room_has_to_be_made(halo_async, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Spool, "append", full)
    shown = halo_async("export", "client", "--out", "out")
    assert (shown.code, f"Make room on the disk, then r{RESUME}" in shown.out) == (5, True)


def test_a_report_that_cannot_be_written_says_how_to_go_on(
    halo_async, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "report.json")

    monkeypatch.setattr("halo_async.export.report.Report.write", full)
    shown = halo_async("export", "client", "--out", "out", "--progress", "none")
    assert shown.code == 2
    assert shown.sentence == (
        "report.json: no space left on device. Make room on the disk. The export in out is unfinished. "
        f"R{RESUME}"
    )


def test_a_login_that_is_refused_says_that_nothing_was_written(halo_async, tmp_path: Path) -> None:
    shown = halo_async("export", "client", "--out", "out", HALO_CLIENT_SECRET="wrong")
    assert shown.code == 3
    assert shown.sentence.endswith(". Nothing was written. Run the same command again.")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "mend"),
    [
        ((), 'Update it (--since last, since="last"), or name another folder.'),
        (
            ("--since", "2026-01-01"),
            'Update it (--since last, since="last"), or name another folder.',
        ),
    ],
    ids=["again", "with another since"],
)
def test_a_second_export_into_its_own_finished_folder_names_since_last(halo_async, more, mend) -> None:
    assert halo_async("export", "client", "--out", "out").code == 0
    shown = halo_async("export", "client", "--out", "out", *more)
    assert shown.code == 2
    assert shown.sentence == f"out contains a finished export. {mend}"
    assert halo_async("export", "client", "--out", "out", "--since", "last").code == 0


def test_a_folder_with_something_else_in_it_names_no_since(halo_async, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    shown = halo_async("export", "client", "--out", "out")
    assert shown.sentence == "out is not empty. Name a new or empty folder for the export."


@pytest.mark.halo(faults=[Fault("F41", "GET /Client", "high")])
def test_an_unfinished_export_of_other_things_says_what_to_do(halo_async) -> None:
    assert halo_async("export", "client", "--out", "out").code == 5
    plainly = halo_async("export", "client", "--out", "out")
    assert "Resume it (--resume), or name another folder" in plainly.sentence
    other = halo_async("export", "client", "--out", "out", "--resume", "--format", "csv")
    assert other.sentence.endswith(
        "the format changed. Leave that out, since the folder stores it, or name another folder."
    )


def test_a_locked_folder_says_what_to_do(halo_async, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with contextlib.closing(ExportJournal.begin(tmp_path / "out", {"halo-export": 1})):
        shown = halo_async("export", "client", "--out", "out", "--resume")
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence.endswith(". Wait until it has finished, or name another folder.")


def test_an_export_to_stdout_says_that_nothing_is_kept(halo_async, halo_emulator: Emulator) -> None:
    halo_emulator.faults.add([Fault("F41", "GET /Client", "high")])
    shown = halo_async("export", "client", "--out", "-")
    assert shown.code == 5
    assert shown.err.splitlines()[-1].startswith(
        "An export to stdout cannot be resumed. Run the same command"
    )


def test_resuming_what_is_finished_does_nothing_and_says_nothing_else(halo_async) -> None:
    assert halo_async("export", "client", "--out", "out").code == 0
    assert halo_async("export", "client", "--out", "out", "--resume").code == 0


def test_what_was_interrupted_or_failed_does_not_count_as_done() -> None:
    import io

    from rich.console import Console

    from halo_async.cli.progress import watching

    file = io.StringIO()
    screen = Console(file=file, width=80, height=8, highlight=False, force_terminal=True)
    with watching(screen) as show:
        for number in range(100):
            show(Progress(f"list_{number}", State.RUNNING, 0, 10, 1, 1, 1.0, None))
        for number in range(100):
            state = State.DONE if number < 7 else State.FAILED if number < 9 else State.INTERRUPTED
            show(Progress(f"list_{number}", state, 10, 10, 1, 1, 1.0, None))
    line = [line for line in plain(file.getvalue()).splitlines() if "all " in line][-1]
    assert " 7/100 resources 2 failed" in line
