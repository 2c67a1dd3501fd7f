"""Threads, signals, loops and processes around a blocking client."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from halo_async import ClientCredentials, NotFoundError
from halo_async._utils import notebook
from halo_async.blocking import Halo
from halo_async.emulator import Emulator, Fault

HERE = Path(__file__).resolve()


def when_requested(emulator: Emulator, pattern: str, act: Callable[[], object]) -> threading.Thread:
    """Do something once the instance has received a request."""

    def wait() -> None:
        pause = threading.Event()
        while not emulator.requests(pattern):
            pause.wait(0.005)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_many_threads_share_a_client_and_its_login(halo: Halo, emulator: Emulator) -> None:
    def read(id: int) -> int:
        halo.tickets.create(summary=f"of {id}")
        return halo.tickets.get(id).id + len(halo.tickets.list().limit(150).all())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(1, 41))) == [id + 150 for id in range(1, 41)]
    assert len(emulator.requests("POST /auth/token")) == 1
    assert len(emulator.requests("POST /Tickets")) == 40


def test_one_thread_waits_while_another_goes_on(halo: Halo, emulator: Emulator) -> None:
    emulator.faults.add([Fault("F13", "GET /Tickets/7", variant="silence")])
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(halo.tickets.get, 7)
        seen = threading.Event()
        when_requested(emulator, "GET /Tickets/7", seen.set).join()
        assert halo.tickets.get(8).id == 8
        assert not stuck.done()
        halo.close()
        with pytest.raises(RuntimeError, match="closed while this call ran"):
            stuck.result()


def test_ctrl_c_cancels_the_call_and_the_client_lives_on(halo: Halo, emulator: Emulator) -> None:
    emulator.faults.add([Fault("F13", "GET /Tickets/7", variant="silence")])
    when_requested(emulator, "GET /Tickets/7", interrupt)
    with pytest.raises(KeyboardInterrupt):
        halo.tickets.get(7)
    assert halo.tickets.get(8).id == 8


def test_ctrl_c_between_pages_ends_the_list(halo: Halo, emulator: Emulator) -> None:
    emulator.faults.add([Fault("F13", "GET /Tickets", variant="silence", after=1)])
    rows = iter(halo.tickets.list(order="id"))
    assert next(rows).id == 1
    emulator.requests.clear()
    when_requested(emulator, "GET /Tickets", interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(rows)
    assert halo.agent.get(1).id == 1


def test_an_error_is_raised_as_it_is_with_the_frames_of_the_client(halo: Halo) -> None:
    with pytest.raises(NotFoundError) as caught:
        halo.tickets.get(999_999)
    files = [Path(frame.filename) for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert files[0] == HERE
    assert files[-1].parent.name == "transport"
    assert not {"futures", "asyncio", "concurrent"} & {path.parent.name for path in files}
    assert "call.py" not in {path.name for path in files if path.parent.name == "blocking"}


def test_a_running_loop_is_not_blocked(halo: Halo) -> None:
    async def handler() -> None:
        halo.tickets.get(1)

    with pytest.raises(RuntimeError, match=r"would block the event loop.*halo_async.Halo"):
        asyncio.run(handler())


def test_in_a_notebook_a_cell_may_wait(halo: Halo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halo_async.blocking.portal.in_notebook", lambda: True)

    async def cell() -> int:
        return halo.tickets.get(1).id

    assert asyncio.run(cell()) == 1
    assert not notebook.in_notebook()


def test_a_function_that_the_loop_calls_cannot_call_the_client(halo: Halo) -> None:
    proxy = halo.integration_data.ninja_rmm.get(
        datatype="devices", rows_path=lambda response: halo.tickets.get(1)
    )
    with pytest.raises(RuntimeError, match="cannot call the client"):
        proxy.all()


def test_async_with_says_which_client_is_meant(halo: Halo) -> None:
    async def main() -> None:
        async with halo:  # type: ignore[attr-defined]
            pass

    with pytest.raises(TypeError, match=r"plain `with`.*halo_async.Halo"):
        asyncio.run(main())


def test_a_closed_client_says_so_and_opens_again(make: Callable[..., Halo]) -> None:
    halo = make()
    with halo:
        pages = halo.tickets.list()
        halo.tickets.get(1)
    with pytest.raises(RuntimeError, match=r"closed. Use it inside its `with` block"):
        halo.tickets.get(1)
    with pytest.raises(RuntimeError, match="closed"):
        next(iter(pages))
    with halo:
        assert halo.tickets.get(1).id == 1


def test_a_login_that_fails_leaves_no_thread(emulator: Emulator) -> None:
    before = threading.active_count()
    with pytest.raises(Exception, match=r"client_id|secret|credentials"):
        Halo(emulator.url, ClientCredentials("nobody", "nothing")).__enter__()
    assert threading.active_count() == before


def test_a_forgotten_client_is_closed_with_a_warning(make: Callable[..., Halo]) -> None:
    before = threading.active_count()
    halo = make()
    halo.tickets.get(1)
    kept = [halo]
    del halo
    with pytest.warns(ResourceWarning, match=r"conftest.py:\d+ was never closed. Use `with`"):
        kept.clear()
    assert threading.active_count() == before


def test_a_loop_that_is_dropped_is_closed(halo: Halo, emulator: Emulator) -> None:
    rows = iter(halo.tickets.list())
    next(rows)
    del rows
    gc.collect()
    assert halo.tickets.get(1).id == 1
    assert len(emulator.requests("GET /Tickets")) == 1


def test_a_session_of_another_loop_is_refused(emulator: Emulator) -> None:
    with pytest.raises(TypeError, match="Leave it out"):
        Halo(emulator.url, ClientCredentials("id", "canary-secret"), session=object())  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "options", [{"proxy": "http://me:canary@proxy"}, {"tenant": 5}, {"nonsense": "canary"}]
)
def test_no_frame_of_a_refused_client_holds_its_options(options: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError, Exception)) as caught:
        Halo("acme.halopsa.com/canary path", ClientCredentials("id", "canary"), **options)  # type: ignore[arg-type]
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    for frame in [frame for frame in told.stack if Path(frame.filename) != HERE]:
        assert "canary" not in str(frame.locals)


SCRIPTS = {
    "forgotten": (
        "halo.tickets.get(1); print('done')",
        0,
        "never closed",
    ),
    "an iterator left open": (
        "rows = iter(halo.tickets.list()); next(rows); print('done')",
        0,
        "never closed",
    ),
    "an error": ("halo.tickets.get(1); raise SystemExit(3)", 3, "never closed"),
    "forked": (
        """
halo.tickets.get(1)
child = os.fork()
if child == 0:
    try:
        halo.tickets.get(1)
    except RuntimeError as error:
        print('child:', error, flush=True)
    halo.close()
    with make() as own:
        print('child read', own.tickets.get(2).id, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print('done', halo.tickets.get(1).id)
halo.close()
""",
        0,
        "",
    ),
    "forked before its first call": (
        """
child = os.fork()
print('done', halo.tickets.get(1).id, flush=True)
halo.close()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
""",
        0,
        "",
    ),
}
HEAD = """
import os, sys, warnings
from halo_async import ClientCredentials
from halo_async.blocking import Halo
warnings.filterwarnings("ignore", category=DeprecationWarning)
def make():
    return Halo(sys.argv[1], ClientCredentials(sys.argv[2], sys.argv[3]), rate_limit=None)
halo = make()
"""


@pytest.mark.parametrize("case", SCRIPTS)
def test_a_script_ends_by_itself(emulator: Emulator, case: str) -> None:
    if case.startswith("forked") and not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    code, status, warned = SCRIPTS[case]
    done = run_script(HEAD + code, emulator)
    assert done.returncode == status, done.stderr
    assert warned in done.stderr
    assert "Traceback" not in done.stderr
    if case == "forked":
        assert "child: This Halo client was used before the process forked" in done.stdout
        assert "child read 2" in done.stdout
    assert status or "done" in done.stdout


def run_script(code: str, emulator: Emulator):
    import subprocess

    command = [sys.executable, "-X", "dev", "-W", "always::ResourceWarning", "-c", code]
    login = [emulator.url, emulator.client_id, emulator.client_secret]
    return subprocess.run([*command, *login], capture_output=True, text=True, timeout=60, check=False)
