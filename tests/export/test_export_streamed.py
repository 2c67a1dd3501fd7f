"""One list into a stream: each row once, in whatever pieces it is taken, or the report says that it is not whole."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator, Fault
from halo_async.export.names import resolve_names
from halo_async.export.options import ExportOptions
from halo_async.export.report import ResourceReport
from halo_async.export.stream import stream
from tests.support.cli_kit import environment, login
from tests.support.export_kit import NO_SEARCH, only


class Piecewise(BytesIO):
    """Takes so many bytes at once, and so many in all."""

    def __init__(self, at_once: int, room: int = 10**9) -> None:
        super().__init__()
        self._at_once, self._room = at_once, room

    def write(self, data: Any) -> int:
        if self.tell() >= self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(bytes(data)[: min(self._at_once, self._room - self.tell())])


async def streamed(halo: Halo, file: BytesIO) -> tuple[list[int], ResourceReport]:
    report = only(await stream(halo, resolve_names(["tickets"])[0], ExportOptions(), file))
    whole, _, _ = file.getvalue().rpartition(b"\n")
    return [json.loads(line)["id"] for line in whole.splitlines()], report


@pytest.mark.parametrize("at_once", [1, 999, 4096])
@pytest.mark.halo(tickets=60)
async def test_a_stream_that_takes_pieces_has_all_rows(halo: Halo, at_once: int) -> None:
    ids, report = await streamed(halo, Piecewise(at_once))
    assert (sorted(ids), report.complete) == (list(range(1, 61)), True)


@pytest.mark.parametrize("faults", [[], [NO_SEARCH]], ids=["keyset", "descending"])
@pytest.mark.halo(tickets=300)
async def test_a_full_stream_is_not_complete_wherever_it_ends(
    halo: Halo, halo_emulator: Emulator, faults: list[Fault]
) -> None:
    halo_emulator.faults.add(faults)
    whole = Piecewise(10**9)
    assert (await streamed(halo, whole))[1].complete
    size = len(whole.getvalue())
    for room in (0, 1, size // 3, size // 2, size - 1):
        ids, report = await streamed(halo, Piecewise(10**9, room))
        assert not report.complete
        assert report.error == "The file cannot be written: no space left on device."
        assert len(ids) == len(set(ids)) < 300


@pytest.mark.halo(tickets=1000)
async def test_rows_in_a_stream_are_not_written_again_by_another_way_of_reading(
    halo: Halo, halo_emulator: Emulator
) -> None:
    halo_emulator.faults.add([Fault("F33", "GET /Tickets", "no_search", after=5)])
    ids, report = await streamed(halo, BytesIO())
    assert 0 < len(ids) == len(set(ids)) < 1000
    assert not report.complete
    assert "written rows cannot be removed from a stream" in str(report.error)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
@pytest.mark.parametrize("columns", [[], ["--columns", "id"]])
@pytest.mark.halo(tickets=60)
def test_a_full_standard_output_is_one_sentence(halo_emulator: Emulator, columns: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "halo_async.cli", "export", "tickets", "--out", "-", *columns],
            env=environment(**login(halo_emulator)),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 5, done.stderr
    assert len(errors) == 1, done.stderr
    assert "no space left on device" in errors[0].lower()
    assert "Traceback" not in done.stderr
