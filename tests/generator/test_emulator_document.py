"""The document that the emulator serves, with the defects of a real one, gives the committed modules back."""

from __future__ import annotations

import asyncio

from halo_async.emulator import Emulator
from halo_generator import overlay, pipeline
from tests.support.documents import ROOT, SPEC

OVERLAY = SPEC / "overlay.toml"


async def test_the_emulators_document_gives_the_committed_modules_byte_for_byte():
    async with Emulator(tickets=10) as emulator:
        run = await asyncio.to_thread(pipeline.read, emulator.url, facts=overlay.read(OVERLAY))
    odd = pipeline.differences(run, ROOT / "halo_async", SPEC, OVERLAY)
    assert [path for path in odd if "repairs." not in path] == []
    counts = {rule: len(places) for rule, places in run.report.repaired.items()}
    assert counts["parameter types"] > 2000
    assert counts["duplicate parameters"] == 22
    assert counts["repeated request bodies"] > 300
