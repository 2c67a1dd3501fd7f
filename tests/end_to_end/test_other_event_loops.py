"""The client on the event loop that an application chooses: uvloop, or winloop on Windows."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from halo_async.settings import ClientCredentials

other = pytest.importorskip("winloop" if sys.platform == "win32" else "uvloop")


async def used(folder: Path) -> None:
    loop = asyncio.get_running_loop()
    assert type(loop).__module__.startswith(other.__name__)
    async with Emulator(seed=3, tickets=450, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, rate_limit=None) as halo:
            ids = [ticket.id async for ticket in halo.tickets.list().prefetch(4)]
            assert len(set(ids)) == 450
            made = await halo.tickets.create(summary="from another loop")
            made.summary = "changed"
            results = [result async for result in halo.tickets.bulk_upsert([made])]
            assert [result.ok for result in results] == [True]
            await halo.export("tickets", folder, format="jsonl")
            walk = asyncio.create_task(halo.tickets.list().prefetch(4).all())
            await asyncio.sleep(0)
            walk.cancel()
            with pytest.raises(asyncio.CancelledError):
                await walk
    rows = [json.loads(line) for line in (folder / "tickets.jsonl").read_text().splitlines()]
    assert {row["id"] for row in rows} >= set(ids)


def test_everything_works_on_another_event_loop(tmp_path):
    with asyncio.Runner(loop_factory=other.new_event_loop) as runner:
        runner.run(used(tmp_path))
