"""SIGTERM, which `kill`, systemd and containers send, ends every command as Ctrl-C does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from halo_async.cli import app
from halo_async.cli.signals import Termination, run_awake, termination
from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import Outcome, finish, list_requests, login, start, stopped

posix = pytest.mark.skipif(sys.platform == "win32", reason="kill() ends a process there without asking it")

WRITE = ["tickets.upsert", "--body", '[{"summary": "x"}]']
UNKNOWN = "The write may have happened. Look before you run the command again."


def terminated(process: subprocess.Popen[str], when: Callable[[], object]) -> Outcome:
    shown = stopped(process, signal.SIGTERM, when)
    assert "Traceback" not in shown.err
    return shown


@posix
def test_an_export_leaves_its_report_and_can_be_gone_on_with(halo_emulator: Emulator, tmp_path: Path) -> None:
    slow = {**login(halo_emulator), "HALO_RATE_LIMIT": "4/60"}  # it stalls after four calls
    process = start("export", "tickets", "asset", "--out", "out", env=slow, cwd=tmp_path)

    shown = terminated(process, lambda: len(list_requests(halo_emulator)) >= 3)
    assert (shown.code, shown.err.splitlines()[-1]) == (143, "error: terminated")
    assert "Run the same command with --resume" in shown.err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {item["state"] for item in report["resources"]} == {"interrupted"}
    again = finish(
        start(
            "export", "tickets", "asset", "--out", "out", "--resume", env=login(halo_emulator), cwd=tmp_path
        )
    )
    assert again.code == 0
    assert len((tmp_path / "out" / "tickets.jsonl").read_text().splitlines()) == len(
        halo_emulator.world.table("/Tickets").ids
    )


@posix
def test_exports_of_a_fleet_say_how_to_go_on_and_do(halo_emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"

    def written(limit: str) -> None:
        known = [f'{name} = "{value}"' for name, value in settings.items()]
        file.write_text("\n".join(["[instances.acme]", *known, f'rate_limit = "{limit}"', ""]))

    settings = {"instance": halo_emulator.url, "client_id": halo_emulator.client_id}
    secret = {"HALO_ACME_CLIENT_SECRET": halo_emulator.client_secret}
    line = ("fleet", "export", "tickets", "asset", "--out", "out", "--file", "fleet.toml")
    written("4/60")  # it stalls after four calls
    process = start(*line, env=secret, cwd=tmp_path)
    shown = stopped(process, signal.SIGINT, lambda: len(list_requests(halo_emulator)) >= 3)
    assert shown.code == 130
    assert shown.err.splitlines()[-2:] == [
        "The exports in out are unfinished. Run the same command with --resume.",
        "error: interrupted",
    ]
    written("none")
    assert finish(start(*line, "--resume", env=secret, cwd=tmp_path)).code == 0


@posix
@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "tickets", "--out", "-"),
        ("export", "tickets", "--dry-run"),
        ("call", "tickets.list"),
        ("call", "attachment.get", "id=1"),
        ("doctor",),
        ("whoami",),
    ],
    ids=lambda given: " ".join(given[:2]),
)
def test_every_command_that_waits_for_an_instance_ends(
    halo_emulator: Emulator, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    halo_emulator.faults.add([Fault("F13", "GET *", variant="silence", after=1)])
    process = start(*arguments, env=login(halo_emulator), cwd=tmp_path)
    shown = terminated(process, lambda: halo_emulator.faults.log)
    assert (shown.code, shown.err.splitlines()[-1]) == (143, "error: terminated")


@posix
@pytest.mark.parametrize(
    ("fleet", "options", "unknown"),
    [
        (False, [*WRITE], True),
        (True, [*WRITE], True),
        (False, ["tickets.list"], False),
        (True, ["tickets.list"], False),
        (False, [*WRITE, "--dry-run"], False),
    ],
)
def test_a_write_that_is_interrupted_is_told_to_be_unknown(
    halo_emulator: Emulator, tmp_path: Path, fleet: bool, options: list[str], unknown: bool
) -> None:
    where = "POST /auth/token" if "--dry-run" in options else "* /Tickets"
    halo_emulator.faults.add([Fault("F13", where, variant="silence")])
    known = f'instance = "{halo_emulator.url}"\nclient_id = "{halo_emulator.client_id}"\n'
    (tmp_path / "fleet.toml").write_text(f"[instances.acme]\n{known}")
    secret = {"HALO_ACME_CLIENT_SECRET": halo_emulator.client_secret}
    line = ["fleet", "call", *options, "--file", "fleet.toml"] if fleet else ["call", *options]
    process = start(*line, env={**login(halo_emulator), **secret}, cwd=tmp_path)
    shown = stopped(process, signal.SIGINT, lambda: halo_emulator.faults.log)
    assert (shown.code, shown.err.splitlines()[-1]) == (130, "error: interrupted")
    assert (UNKNOWN in shown.err) is unknown


@posix
def test_the_demo_ends(tmp_path: Path) -> None:
    process = start("demo", "--out", "out", env={}, cwd=tmp_path)
    shown = terminated(process, lambda: (tmp_path / "out" / ".halo-export.journal").exists())
    assert (shown.code, shown.err.splitlines()[-1]) == (143, "error: terminated")
    assert (tmp_path / "out" / "report.json").exists()


@posix
def test_the_login_ends_while_it_waits_for_the_browser(halo_emulator: Emulator, tmp_path: Path) -> None:
    process = start("login", "--store", "login.json", env=login(halo_emulator), cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.readline()  # the address to visit
    shown = terminated(process, lambda: True)
    assert (shown.code, shown.err.splitlines()[-1]) == (143, "error: terminated")


@posix
def test_it_ends_a_command_for_which_ctrl_c_is_ignored(halo_emulator: Emulator, tmp_path: Path) -> None:
    """As a shell's background job has it."""
    halo_emulator.faults.add([Fault("F13", "GET /Tickets", variant="silence")])
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited by what is started
    try:
        process = start("call", "tickets.list", env=login(halo_emulator), cwd=tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    shown = terminated(process, lambda: halo_emulator.faults.log)
    assert (shown.code, shown.err.splitlines()[-1]) == (143, "error: terminated")


def test_what_was_there_before_is_there_again_and_ctrl_c_is_told_apart() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with termination() as ending:
        assert (ending.code, ending.word) == (130, "interrupted")
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        assert (ending.code, ending.word) == (143, "terminated")
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_signal_more_does_not_cut_off_the_last_words(
    run, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def invoke(*_: object) -> int:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError

    def say_late(sentence: str) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.raise_signal(number)
        say(sentence)

    say = app.say
    monkeypatch.setattr(app, "_invoke", invoke)
    monkeypatch.setattr(app, "say", say_late)
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    shown = run("doctor")
    assert (shown.code, shown.err) == (143, "error: terminated\n")
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_a_signal_at_the_very_end_changes_no_exit_code(run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(Termination):
        def end(self) -> None:
            super().end()
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("halo_async.cli.signals.Termination", Late)
    monkeypatch.setattr(app, "_invoke", lambda *_: 0)
    assert run("doctor").code == 0


def test_a_handler_of_whoever_calls_is_left_alone() -> None:
    got: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: got.append(number))
    try:
        with termination() as ending:
            signal.raise_signal(signal.SIGTERM)
        assert (got, ending.received) == ([signal.SIGTERM], False)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_nothing_is_listened_to() -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with termination():
                pass
        except BaseException as error:  # signal.signal raises outside the main thread
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert failures == []


@posix
@pytest.mark.parametrize(("number", "received"), [(signal.SIGTERM, True), (signal.SIGINT, False)])
def test_a_signal_that_interrupts_no_system_call_ends_a_wait_at_once(
    number: signal.Signals, received: bool
) -> None:
    """As one does that is received by another thread, or in the moment before the loop falls asleep."""

    def send() -> None:
        signal.pthread_kill(threading.get_ident(), number)

    async def work() -> None:
        asyncio.get_running_loop().call_later(5, woken_late.append, True)
        threading.Timer(0.1, send).start()  # the loop is asleep by then
        await asyncio.Event().wait()

    woken_late: list[bool] = []
    with termination() as ending, pytest.raises(KeyboardInterrupt):
        run_awake(work())
    assert (ending.received, woken_late) == (received, [])
    assert signal.set_wakeup_fd(-1) == -1


@posix
def test_where_ctrl_c_is_ignored_no_code_that_catches_everything_keeps_a_command_running() -> None:
    """Such as a finalizer: what is raised in one is printed, and forgotten."""

    def read() -> None:
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGTERM)

    async def work() -> None:
        asyncio.get_running_loop().call_soon(read)
        await asyncio.sleep(5)
        went_on.append(True)

    went_on: list[bool] = []
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with termination() as ending, pytest.raises(KeyboardInterrupt):
            run_awake(work())
    finally:
        signal.signal(signal.SIGINT, before)
    assert (ending.code, went_on) == (143, [])


@posix
def test_a_second_signal_while_a_command_clears_up_is_no_fault_of_ours() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(signal.raise_signal, signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            loop.call_soon(signal.raise_signal, signal.SIGTERM)
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                ended.append(True)

    ended: list[bool] = []
    with termination() as ending, pytest.raises(KeyboardInterrupt):
        run_awake(work())
    assert (ending.code, ended) == (143, [True])


def test_a_command_in_another_thread_runs_too() -> None:
    async def work() -> int:
        return 5

    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(run_awake(work())))
    thread.start()
    thread.join()
    assert found == [5]
