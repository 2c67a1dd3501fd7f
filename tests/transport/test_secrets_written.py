"""F49: no secret in what an export writes and tells while it runs."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import attrs
import pytest

from halo_async import Halo
from halo_async.emulator import Emulator, Fault
from halo_async.export import Progress
from halo_async.export.journal import NAME


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_f49_journal_progress_and_files_show_no_secret(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    caplog.set_level(logging.DEBUG)
    halo_emulator.faults.add([Fault("F14", "GET /Tickets", times=1, after=seed), Fault("F40", "GET /Site")])
    told: list[Progress] = []

    def watch(step: Progress) -> None:
        told.append(step)
        if step.rows >= 300:
            task.cancel()

    task = asyncio.create_task(halo.export(["site", "tickets"], tmp_path, on_progress=watch))
    with pytest.raises(asyncio.CancelledError):
        await task
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert NAME in files
    shown = b"\n".join(files.values()).decode() + caplog.text
    shown += "".join(f"{step!r} {attrs.asdict(step)}" for step in told) + repr(halo) + repr(vars(halo))
    sent = {
        request.headers.get("authorization", "").removeprefix("Bearer ")
        for request in halo_emulator.requests()
    }
    tokens = sent - {""}
    assert len(tokens) == 2
    assert [secret for secret in (halo_emulator.client_secret, *tokens) if secret in shown] == []
