"""The document of a release that the emulator serves, with the defects of a real one, gives its operations back."""

from __future__ import annotations

import asyncio

from halo_async._utils.openapi_document import load_document
from halo_async._utils.openapi_releases import document_of_release
from halo_async.emulator import Emulator
from halo_generator import overlay, pipeline, spec_folder
from halo_generator.surface_text import surface_lines
from tests.support.documents import SPEC

OVERLAY = overlay.read(SPEC / "overlay.toml")


async def test_the_emulators_document_of_a_release_gives_the_surface_of_that_release():
    served = document_of_release(load_document(), "2024-09")
    async with Emulator(tickets=10, document=served) as emulator:
        run = await asyncio.to_thread(pipeline.read, emulator.url, facts=OVERLAY)
    (release, *_) = spec_folder.read(SPEC)
    expected = pipeline.made_of(release.document, facts=OVERLAY)
    assert surface_lines(run.surface) == surface_lines(expected.surface)
    counts = {rule: len(places) for rule, places in run.report.repaired.items()}
    assert counts["parameter types"] > 2000
    assert counts["duplicate parameters"] == 22
    assert counts["repeated request bodies"] > 300
