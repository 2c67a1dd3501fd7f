"""SIGKILL at any instant, then resumed (F54): nothing lost, nothing twice, at most a page a lane fetched again."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from halo_async.emulator import Emulator
from halo_async.emulator.thread import in_thread
from tests.support.export_kit import FORMATS, NO_SEARCH, needs, rows_of
from tests.support.killed_jobs import job_server

KILLS = int(os.environ.get("HALO_EXPORT_KILLS", "5"))
"""Kills of each way of reading; a campaign sets more."""
AGAIN = 4 + 2
"""A page of each of four lanes, and of the highest, which begins with two or three, the others too."""
ROWS = 990

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with in_thread(tickets=ROWS, rate_limit=None, page_cap=50) as running:
        yield running


Run = Callable[..., int | None]


@pytest.fixture(scope="module")
def run(emulator: Emulator) -> Iterator[Run]:
    """`run(instant, out, format, resource, ...)`: the calls that the export made; None if it was killed."""
    with job_server("killed_export.py", emulator) as send:

        def run(instant: int, out: Path, *names: str) -> int | None:
            code, calls = send([instant, str(out), *names])
            assert code == 0 or (instant and code == -signal.SIGKILL), code
            return None if code else calls

        yield run


def rows(out: Path, name: str = "tickets.jsonl") -> Counter[bytes]:
    return Counter((out / name).read_bytes().splitlines())


@pytest.mark.parametrize("mode", ["keyset", "descending", "best-effort"])
def test_f54_killed_anywhere_and_resumed_it_ends_with_the_same_rows(
    emulator: Emulator, run: Run, tmp_path: Path, mode: str
) -> None:
    resource, path = (
        ("client_contract", "/ClientContract") if mode == "best-effort" else ("tickets", "/Tickets")
    )
    emulator.reset()
    emulator.faults.add([NO_SEARCH] if mode == "descending" else [])
    calls = run(0, tmp_path / "undisturbed", "jsonl", resource)
    whole = rows(tmp_path / "undisturbed", f"{resource}.jsonl")
    least = len(emulator.requests(f"GET {path}"))
    assert calls
    assert max(whole.values()) == 1
    dice = random.Random(f"{mode}-{KILLS}")
    for number in range(KILLS):
        out = tmp_path / str(number)
        emulator.requests.clear()
        instant = dice.randint(1, calls)
        while run(instant, out, "jsonl", resource) is not None:  # it synced less often, and had fewer calls
            assert instant > 1
            shutil.rmtree(out)
            emulator.requests.clear()
            instant = instant * 3 // 4
        run(0, out, "jsonl", resource)
        assert rows(out, f"{resource}.jsonl") == whole
        files = {"report.json", f"{resource}.jsonl", f"{resource}.schema.json"}
        assert {item.name for item in out.iterdir()} == files
        assert len(emulator.requests(f"GET {path}")) <= least + AGAIN


@pytest.mark.parametrize("format", FORMATS)
def test_f54_killed_again_and_again_it_still_makes_the_files(
    emulator: Emulator, run: Run, tmp_path: Path, format: str
) -> None:
    needs(format)
    emulator.reset(tickets=300)
    names = ("client", "asset_software")
    calls = run(0, tmp_path / "undisturbed", format, *names)
    assert calls
    dice, out = random.Random(f"{format}-{KILLS}"), tmp_path / "killed"
    for _ in range(KILLS):
        run(dice.randint(1, calls), out, format, *names)
    run(0, out, format, *names)
    for name in ("client", "asset", "asset_software"):
        assert contents(out, format, name) == contents(tmp_path / "undisturbed", format, name)
    assert {item.name for item in out.iterdir()} == {
        item.name for item in (tmp_path / "undisturbed").iterdir()
    }


def contents(folder: Path, format: str, name: str) -> Counter[str]:
    """The rows, nulls left out: what columns there are beyond those of the surface depends on nothing else."""
    return Counter(str(sorted(row.items())) for row in rows_of(folder, format, name))
