"""Lists that count no row any more while they are read, as when an agent loses a permission."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_async.emulator import Behaviour, Emulator, Fault
from tests.support.export_kit import only
from tests.support.writes_kit import client

WAYS = {
    "keyset": (Behaviour(), 3),
    "descending": (Behaviour(id_filter="ignored"), 2),
    "best-effort": (Behaviour(id_filter="refused", order="ignored"), 3),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_list_that_stays_empty_after_its_first_pages_is_not_complete(
    tmp_path: Path, way: str
) -> None:
    behaviour, after = WAYS[way]
    emptied = Fault("F10", "GET /Tickets", "count", after=after)
    async with (
        Emulator(tickets=250, rate_limit=None, faults=[emptied], behaviour=behaviour) as emulator,
        client(emulator) as halo,
    ):
        report = only(await halo.export(["tickets"], tmp_path))
    assert not report.complete
    assert "of 250 rows" in str(report.error)
