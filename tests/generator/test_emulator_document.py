"""The document of a release that the emulator serves, with the defects of a real one, gives its operations back."""

from __future__ import annotations

import asyncio

import pytest

from halo_async.emulator import Emulator
from halo_generator import overlay, pipeline, spec_folder
from halo_generator.surface_text import surface_lines
from tests.support.documents import SPEC

OVERLAY = overlay.read(SPEC / "overlay.toml")


@pytest.mark.parametrize("name", ["2024-09", "2025-03", "2026-09"])
async def test_the_emulators_document_of_a_release_gives_the_surface_of_that_release(name):
    async with Emulator(tickets=10, as_of=name) as emulator:
        run = await asyncio.to_thread(pipeline.read, emulator.url, facts=OVERLAY)
    (release,) = [release for release in spec_folder.read(SPEC) if release.name == name]
    expected = pipeline.made_of(release.document, facts=OVERLAY)
    assert surface_lines(run.surface) == surface_lines(expected.surface)
    counts = {rule: len(places) for rule, places in run.report.repaired.items()}
    assert counts["repeated request bodies"] > 300
    if name < "2026":
        assert counts["parameter types"] > 2000
        assert counts["duplicate parameters"] == 22
